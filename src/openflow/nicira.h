// An extension of Open vSwitch that OpenFlow has no means for: a copy of the packet that goes on in
// another table.
//
//   Open vSwitch, ovs-actions(7): clone (2.6.90), load, resubmit; vendor 0x00002320
//
// clone(load:VALUE->OXM_OF_METADATA[OFFSET..], resubmit(,TABLE)): what happens to the copy leaves
// the packet itself as it was. Switches without the extension refuse the flow entry. Pure.
#pragma once

#include <cstdint>

#include "openflow/flow.h"

namespace fabrix::openflow {

// `mask` is one run of ones, and says which bits of the metadata become those of `value`.
OpaqueAction copy_to_table(std::uint64_t value, std::uint64_t mask, std::uint8_t table);

}  // namespace fabrix::openflow
