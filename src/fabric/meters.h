// The meters of a switch: those that a Program needs, and how to get there.
//
// Meters that flow entries name are set before these, and removed after them. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "openflow/meter.h"
#include "program/program.h"

namespace fabrix::fabric {

using Meters = std::map<std::uint32_t, openflow::MeterConfig>;  // by id

Meters meters_for(const program::Program& program);

// Adds and modifies: what `wanted` has and `present` has not, or otherwise.
std::vector<openflow::MeterMod> meters_to_set(const Meters& present, const Meters& wanted);
// What `present` has and `wanted` has not.
std::vector<openflow::MeterMod> meters_to_remove(const Meters& present, const Meters& wanted);

// How many are missing, of another rate, or nobody's.
std::size_t count_wrong(const Meters& present, const Meters& wanted);

}  // namespace fabrix::fabric
