// PortTags: ports whose frames carry an 802.1Q tag, in both directions: members that reach the
// peering LAN by a VLAN of their own.
//
// A Program and a policy know frames without it: the fabric takes it off where a frame comes in and
// puts it on where one leaves. What comes in by such a port with no tag, or with another one (also
// that of a priority alone), is as a frame that is tagged on a port without: it is dropped, and
// counted (program::DropReason::kTagged). A further tag behind the port's is an EtherType that no
// port lets in.
//
//   IEEE 802.1Q-2022 9.6 (VLAN tag control information)
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "net/ids.h"
#include "net/packet.h"

namespace fabrix::fabric {

// VLAN ids, 1 to 4094.
using PortTags = std::map<net::PortNo, std::uint16_t>;

// 0: none.
std::uint16_t tag_of(const PortTags& tags, net::PortNo port);

// The packet that came in by packet.in_port as a Program sees it.
net::Packet as_admitted(const PortTags& tags, net::Packet packet);
// A packet as it leaves by that port.
net::Packet as_sent(const PortTags& tags, net::PortNo port, net::Packet packet);

// The frame with a tag behind its addresses. As it is for a VLAN of 0, or if it is none.
std::vector<std::byte> with_tag(std::span<const std::byte> frame, std::uint16_t vlan);

}  // namespace fabrix::fabric
