// Announcement, FlowAnnouncement: a route as it is told to a router, apart from its prefix, and a
// flow specification, apart from its rule.
//
// Regular value types; routes that have their attributes in common share them. Pure.
#pragma once

#include <optional>

#include "base/result.h"
#include "bgp/flowspec.h"
#include "bgp/path_attributes.h"
#include "net/asn.h"
#include "net/prefix.h"

namespace fabrix::speaker {

struct Announcement {
  net::IpAddress next_hop =
      net::IpAddress::unspecified(net::Family::kIpv4);  // of the prefix' family
  // Not null. The path is without our own AS, which a router of another AS is told in front of it;
  // local_pref is told to routers of our own AS only, 100 if it is none.
  bgp::AttributesPtr attributes;
};

struct FlowAnnouncement {
  // Not null, as above. Extended communities are what is to be done (bgp/flowspec_actions.h).
  bgp::AttributesPtr attributes;
  // Where bgp::kRedirectToNextHop sends packets; else none.
  std::optional<net::IpAddress> next_hop{};
};

// AS numbers of a path, and communities of each kind: what fits a message, with room to spare.
inline constexpr std::size_t kMostNumbers = 200;

// Why a router cannot be told of it, if so.
Result<void> check(const net::Prefix& prefix, const Announcement& route);
Result<void> check(const bgp::FlowSpecRule& rule, const FlowAnnouncement& flow);
Result<void> check(const bgp::PathAttributes& attributes);

// As a router is told that is of our own AS, `internal`, or of another one.
bgp::PathAttributes told(const bgp::PathAttributes& attributes, net::Asn local_as, bool internal);

}  // namespace fabrix::speaker
