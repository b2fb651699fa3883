// Route: one path to a prefix as one session of a member announced it.
//
// Values; attributes are interned, so equal attributes are the same object.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bgp/path_attributes.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "routeserver/peer.h"
#include "routeserver/reject_reason.h"

namespace fabrix::routeserver {

// Why a client may not use a route that exists.
enum class Exclusion : std::uint8_t {
  kRejected,      // by the import filter
  kOwnRoute,      // it announced it
  kNoPeering,     // the configuration lets the two not exchange routes
  kUnusable,      // no port of the announcing participant is up
  kClientInPath,  // the path contains the client's AS
  kCommunity,     // kept from it by a community (export_control.h)
};
std::string_view describe(Exclusion exclusion);

struct Route {
  PeerId peer;
  net::RouterId router;
  net::ParticipantId participant;
  std::uint32_t bgp_identifier = 0;  // of the announcing session
  net::IpAddress peer_address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  bgp::AttributesPtr attributes;  // as received; never null
  bgp::AttributesPtr exported;    // what clients are told: action communities scrubbed; never null
  std::optional<RejectReason> rejected;
};

}  // namespace fabrix::routeserver
