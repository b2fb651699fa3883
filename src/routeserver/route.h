// Route: one path to a prefix as one session of a member announced it, and the session itself.
//
// Values; attributes are interned, so equal attributes are the same object.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/strong_id.h"
#include "bgp/family_set.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"
#include "net/asn.h"
#include "net/ids.h"
#include "net/ip_address.h"

namespace fabrix::routeserver {

// A BGP session that the configuration allows: one for each address of each router.
using PeerId = StrongId<struct PeerTag, std::uint16_t>;

struct Peer {
  PeerId id;
  net::RouterId router;
  net::ParticipantId participant;
  net::Asn asn;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
};

// What the session agreed on, once it is established.
struct SessionInfo {
  std::uint32_t bgp_identifier = 0;
  bgp::FamilySet families;
  bgp::AsnWidth asn_width = bgp::AsnWidth::kFourOctets;
};

// Why an import filter refuses a route. The route is kept for people to see and used by nobody.
enum class RejectReason : std::uint8_t {
  kNextHop,     // is not an address of the announcing router (RFC 7948 §4.8)
  kFirstAs,     // the path does not begin with the member's AS (RFC 4271 §6.3)
  kAsLoop,      // the path contains the exchange's own AS (RFC 4271 §9.1.2)
  kPeeringLan,  // the prefix lies in the peering LAN
};
std::string_view describe(RejectReason reason);

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
