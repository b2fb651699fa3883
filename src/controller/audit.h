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

// What is wrong with a Program that the fabric turned out to carry out in place of the installed
// one (fabric::FabricAudit::actual). Empty: no packet is the worse for it.
std::vector<verify::Violation> faults_of(const Controller& controller,
                                         const program::ProgramPtr& actual);

}  // namespace fabrix::controller
