// PathAttributes: what one UPDATE says about all the routes in it, apart from their next hop.
//
//   RFC 4271 §4.3, §5   origin, AS path, MED, atomic aggregate, aggregator
//   RFC 1997, 4360, 8092   communities, extended communities, large communities
//   RFC 6793            AS numbers are four octets here, whatever the peer can say
//   RFC 9234            only to customer (OTC)
//
// Fabrix keeps an allow-list and forgets everything else (a route server that hands on what it does
// not understand spreads other people's faults). LOCAL_PREF is in it for internal sessions alone
// (SessionConfig::internal_peers): it means nothing between autonomous systems. The next hop is the
// announcement's, so that routes which differ only in it share one value.
//
// A regular value type, hashable. It is shared as AttributesPtr and then never changes.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/as_path.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/route_attributes.h"

namespace fabrix::bgp {

// What a policy may ask of a route is known below BGP too (net/route_attributes.h).
using net::AsPath;
using net::AsPathSegment;
using net::Community;
using net::ExtendedCommunity;
using net::LargeCommunity;
using Origin = net::RouteOrigin;

struct Aggregator {
  net::Asn asn;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);  // always IPv4

  friend bool operator==(const Aggregator&, const Aggregator&) = default;
};

constexpr Community community(std::uint16_t high, std::uint16_t low) {
  return {std::uint32_t{high} << 16U | low};
}

inline constexpr Community kGracefulShutdown{0xffff0000};  // RFC 8326
inline constexpr Community kBlackhole{0xffff029a};         // RFC 7999
inline constexpr Community kNoExport{0xffffff01};
inline constexpr Community kNoAdvertise{0xffffff02};

struct PathAttributes {
  Origin origin = Origin::kIgp;
  AsPath as_path;
  std::optional<std::uint32_t> med;
  bool atomic_aggregate = false;
  std::optional<Aggregator> aggregator;

  // In the order received; large communities without duplicates (RFC 8092 §5). Empty: no attribute.
  std::vector<Community> communities;
  std::vector<ExtendedCommunity> extended_communities;
  std::vector<LargeCommunity> large_communities;

  std::optional<net::Asn> only_to_customer;
  std::optional<std::uint32_t> local_pref;  // of an internal session; else none

  friend bool operator==(const PathAttributes&, const PathAttributes&) = default;
};

using AttributesPtr = std::shared_ptr<const PathAttributes>;

// IANA "BGP Path Attributes", as far as Fabrix has a reaction to them.
enum class AttributeType : std::uint8_t {
  kOrigin = 1,
  kAsPath = 2,
  kNextHop = 3,
  kMed = 4,
  kLocalPref = 5,
  kAtomicAggregate = 6,
  kAggregator = 7,
  kCommunities = 8,
  kOriginatorId = 9,
  kClusterList = 10,
  kMpReach = 14,
  kMpUnreach = 15,
  kExtendedCommunities = 16,
  kAs4Path = 17,
  kAs4Aggregator = 18,
  kIpv6ExtendedCommunities = 25,
  kLargeCommunities = 32,
  kOnlyToCustomer = 35,
};

}  // namespace fabrix::bgp

template <>
struct std::hash<fabrix::bgp::PathAttributes> {
  std::size_t operator()(const fabrix::bgp::PathAttributes& attributes) const noexcept;
};
