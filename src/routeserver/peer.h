// Peer: a BGP session that the configuration allows, one for each address of each router, and what
// it agreed on once it is established. Values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/strong_id.h"
#include "bgp/family_set.h"
#include "bgp/update_message.h"
#include "net/asn.h"
#include "net/ids.h"
#include "net/ip_address.h"

namespace fabrix::routeserver {

using PeerId = StrongId<struct PeerTag, std::uint16_t>;

struct Peer {
  PeerId id;
  net::RouterId router;
  net::ParticipantId participant;
  net::Asn asn;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  bool present = true;   // in the configuration: it may have been taken out
  bool dynamic = false;  // made for a session; when it is gone, its id is free for another
};

// What the session agreed on, once it is established.
struct SessionInfo {
  std::uint32_t bgp_identifier = 0;
  bgp::FamilySet families;
  bgp::AsnWidth asn_width = bgp::AsnWidth::kFourOctets;
  std::size_t max_message = 4096;  // octets of what is sent (RFC 8654)
  bgp::FamilySet add_path;         // all routes are sent, not just the best (RFC 7911)
  bool extended_next_hop = false;  // IPv4 routes may have IPv6 next hops (RFC 8950)
  bool enhanced_refresh = false;   // refreshes have a beginning and an end (RFC 7313)
  bool long_lived = false;         // understands LLGR_STALE (RFC 9494)
};

}  // namespace fabrix::routeserver
