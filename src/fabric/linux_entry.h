// What rows are by numbers, where the Linux fabric's code, its maps and its counters have to agree.
// Pure.
#pragma once

#include <cstdint>
#include <span>

#include "fabric/linux_layout.h"
#include "program/program.h"

namespace fabrix::fabric {

// A participant's, in metadata and in keys; 0: nobody's.
std::uint64_t linux_number(net::ParticipantId id);

// Counters' keys: of those packets that rows of the owner's count; that a meter discards.
std::uint64_t counter_key(net::ParticipantId owner, std::span<const std::uint64_t> queries);

std::uint64_t beyond_key(const program::Meter& meter);

// What the entry of a row of the form says.
fabrix_action linux_action(const program::Row& row);

}  // namespace fabrix::fabric
