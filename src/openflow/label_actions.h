// What a fabric of several switches does to a frame that leaves by a port of another switch: an
// 802.1Q tag in front of whatever it carries, and a group; and the tag away again.
//
//   OpenFlow 1.3.5 §7.2.5 / 1.4.1 §7.2.5 actions: PUSH_VLAN (17), POP_VLAN (18), GROUP (22)
//
// Pure.
#pragma once

#include <cstdint>

#include "openflow/flow.h"

namespace fabrix::openflow {

// A tag of EtherType 0x8100, outermost. Its VID is set by set_vlan_id().
OpaqueAction push_vlan();
SetField set_vlan_id(std::uint16_t vid);
OpaqueAction pop_vlan();
OpaqueAction to_group(std::uint32_t id);

}  // namespace fabrix::openflow
