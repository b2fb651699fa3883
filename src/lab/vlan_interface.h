// A router's VLAN interface: what it sends goes onto the cable with an 802.1Q tag, and only what
// comes with that tag comes in, without it.
//
// As `ip link add link ix0 type vlan` makes one, but on the cable's end itself, by two small
// programs of eBPF at its tc hooks: it goes down with the cable, and needs no 8021q module in the
// kernel. What a packet socket sends past the queueing disciplines (PACKET_QDISC_BYPASS, packet(7))
// goes onto the cable as it is.
//
// Needs CAP_NET_ADMIN and CAP_BPF. It is there as long as the interface is.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace fabrix::lab {

// Of an interface in the calling thread's namespace; `vlan` is 1 to 4094.
Result<void> make_vlan_interface(const std::string& interface, std::uint16_t vlan);

}  // namespace fabrix::lab
