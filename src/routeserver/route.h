// Route: one path to a prefix as one session of a member announced it, as people and other parts of
// the program see it.
//
// A view of the route server's state: good until that changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bgp/path_attributes.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "routeserver/path.h"
#include "routeserver/peer.h"
#include "routeserver/reject_reason.h"

namespace fabrix::routeserver {

// Why a client may not use a route that exists.
enum class Exclusion : std::uint8_t {
  kRejected,      // by the import filter
  kOwnRoute,      // it announced it
  kNoPeering,     // the configuration lets the two not exchange routes
  kNoPolicy,      // nobody has chosen a policy for it (RFC 8212)
  kUnusable,      // no port of the announcing participant is up
  kClientInPath,  // the path contains the client's AS
  kCommunity,     // kept from it by a community (export_control.h)
  kStale,         // kept beyond its session, and the client does not know such routes (RFC 9494)
  kUnsayable,     // its session cannot be told: too large, or by the next hop (dialect.h)
};
std::string_view describe(Exclusion exclusion);

struct Route {
  PeerId peer;
  net::RouterId router;
  net::ParticipantId participant;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);  // as announced
  const Path* path = nullptr;                                                 // never null
  std::optional<RejectReason> rejected;
  bool stale = false;  // kept beyond its session

  const bgp::PathAttributes& attributes() const { return *path->attributes; }
};

// What a client is told about a prefix.
struct Advertisement {
  bgp::PathAttributes attributes;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);

  friend bool operator==(const Advertisement&, const Advertisement&) = default;
};

}  // namespace fabrix::routeserver
