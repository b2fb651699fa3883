// Cookie slices: readings of a switch's flow entries that each answer a part of them, so that the
// switch does something else in between.
//
//   OpenFlow 1.4.1 §7.3.5.2: cookie and cookie mask of a flow statistics request
//
// Every cookie is in just one slice: entries that somebody else put there are read, too.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "openflow/message.h"
#include "program/program.h"

namespace fabrix::fabric {

// Flow entries of one reading. Open vSwitch 3.1 needs some 2 us for each, in which its main thread
// does nothing else.
inline constexpr std::size_t kFlowsOfASlice = 2000;

// At most `most` of these cookies, one for each flow entry, in each slice, but for those that are
// the same. Cost: 64 steps for each cookie and each halving.
std::vector<openflow::FlowStatsRequest> cookie_slices(std::vector<std::uint64_t> cookies,
                                                      std::size_t most);

// For a switch with so many flow entries of that Program, by the cookies of some thousand rows.
std::vector<openflow::FlowStatsRequest> slices_for(const program::Program& program,
                                                   std::size_t flows);

}  // namespace fabrix::fabric
