// audit(): is the Program that is installed what the present policies and routes mean? Everything,
// whatever was found right before. For people: `fabrix verify`.
//
// As long as a compilation from nothing or more: the control thread does nothing else meanwhile.
#pragma once

#include <chrono>
#include <vector>

#include "controller/controller.h"
#include "verify/verifier.h"

namespace fabrix::controller {

struct Audit {
  std::vector<verify::Violation> violations;
  verify::Coverage coverage;
  std::size_t senders = 0;  // with an outbound policy
  std::chrono::microseconds took{0};
  // False: changes wait for their turn, or the fabric has not answered, and what is installed is
  // not meant to be right for the present.
  bool settled = true;
};

Audit audit(const Controller& controller);

// What a prefix's next hop is, as members are told.
verify::NextHopOf next_hops_of(const Controller& controller);

}  // namespace fabrix::controller
