// NeighborChange: the virtual next hops that came and went from one Program to the next.
//
// Blocks of neighbours are each in its place, so that they are compared one by one: those that both
// Programs share are not looked at, and of one that came from the other only what is new. What is
// in no block could be in any. Values; any thread.
#pragma once

#include <vector>

#include "net/ids.h"
#include "program/program.h"

namespace fabrix::verify {

struct NeighborChange {
  std::vector<program::VirtualNeighbor> fresh;
  std::vector<program::VirtualNeighbor> gone;
  // Whose fresh ones have an address that answered before, with another MAC, perhaps more than
  // once.
  std::vector<net::ParticipantId> retold;
};

NeighborChange change_of_neighbors(const program::Program& before, const program::Program& now);

}  // namespace fabrix::verify
