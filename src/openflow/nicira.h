// Extensions of Open vSwitch that OpenFlow has no means for: a copy of the packet that goes on in
// another table, and a hash of its headers that later tables can test.
//
//   Open vSwitch, ovs-actions(7): clone (2.6.90), load, resubmit, multipath; vendor 0x00002320
//
// clone(load:VALUE->OXM_OF_METADATA[OFFSET..], resubmit(,TABLE)): what happens to the copy leaves
// the packet itself as it was. Switches without the extension refuse the flow entry. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "openflow/flow.h"

namespace fabrix::openflow {

// `mask` is one run of ones, and says which bits of the metadata become those of `value`.
OpaqueAction copy_to_table(std::uint64_t value, std::uint64_t mask, std::uint8_t table);
// The table of such a copy; none: it is another action.
std::optional<std::uint8_t> table_of_copy(const OpaqueAction& action);
// Makes it go on in that table. It must be such a copy.
void redirect_copy(OpaqueAction& copy, std::uint8_t table);

// What is hashed (NX_HASH_FIELDS_*). kFlow: both directions alike; addresses, protocol, and the
// ports of TCP, SCTP and UDP.
enum class HashFields : std::uint16_t { kFlow = 3, kSrcIp = 4, kDstIp = 5 };

// multipath(FIELDS,0,modulo_n,LINKS,0,NXM_NX_REG0[OFFSET..]): 2^bits links, as many as the bits of
// the register can say.
OpaqueAction hash_to_register(HashFields fields, unsigned offset, unsigned bits);

}  // namespace fabrix::openflow
