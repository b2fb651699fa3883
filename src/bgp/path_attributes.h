// PathAttributes: what one UPDATE says about all the routes in it, apart from their next hop.
//
//   RFC 4271 §4.3, §5   origin, AS path, MED, atomic aggregate, aggregator
//   RFC 1997, 4360, 8092   communities, extended communities, large communities
//   RFC 6793            AS numbers are four octets here, whatever the peer can say
//   RFC 9234            only to customer (OTC)
//
// Fabrix keeps an allow-list and forgets everything else (a route server that hands on what it does
// not understand spreads other people's faults). LOCAL_PREF is not in it: it means nothing between
// autonomous systems. The next hop is the announcement's, so that routes which differ only in it
// share one value.
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

#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::bgp {

// As on the wire (RFC 4271 §4.3).
enum class Origin : std::uint8_t { kIgp = 0, kEgp = 1, kIncomplete = 2 };

// 1 to 255 AS numbers, none of them 0. Confederation segments do not exist between members.
struct AsPathSegment {
  enum class Kind : std::uint8_t { kSet = 1, kSequence = 2 };  // as on the wire
  Kind kind = Kind::kSequence;
  std::vector<net::Asn> asns;

  friend bool operator==(const AsPathSegment&, const AsPathSegment&) = default;
};

struct AsPath {
  std::vector<AsPathSegment> segments;

  // A set counts as one (RFC 4271 §9.1.2.2).
  std::size_t length() const;

  // The neighbour that sent the route: the first AS of a leading sequence.
  std::optional<net::Asn> first() const;

  // The last AS of a trailing sequence; none for an empty path or after an aggregation into a set.
  std::optional<net::Asn> origin() const;

  bool contains(net::Asn asn) const;

  // Puts `count` times `asn` in front.
  void prepend(net::Asn asn, std::size_t count);

  // "64500 64501 {64502 64503}".
  std::string to_string() const;

  friend bool operator==(const AsPath&, const AsPath&) = default;
};

struct Aggregator {
  net::Asn asn;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);  // always IPv4

  friend bool operator==(const Aggregator&, const Aggregator&) = default;
};

// RFC 1997: by convention an AS number in the high half, a meaning of its own in the low half.
struct Community {
  std::uint32_t value = 0;

  friend auto operator<=>(const Community&, const Community&) = default;
};

constexpr Community community(std::uint16_t high, std::uint16_t low) {
  return {std::uint32_t{high} << 16U | low};
}

inline constexpr Community kGracefulShutdown{0xffff0000};  // RFC 8326
inline constexpr Community kBlackhole{0xffff029a};         // RFC 7999
inline constexpr Community kNoExport{0xffffff01};
inline constexpr Community kNoAdvertise{0xffffff02};

// RFC 4360: type, subtype and value, uninterpreted.
struct ExtendedCommunity {
  std::uint64_t value = 0;

  friend auto operator<=>(const ExtendedCommunity&, const ExtendedCommunity&) = default;
};

// RFC 8092.
struct LargeCommunity {
  std::uint32_t global = 0;
  std::uint32_t local_1 = 0;
  std::uint32_t local_2 = 0;

  friend auto operator<=>(const LargeCommunity&, const LargeCommunity&) = default;
};

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
