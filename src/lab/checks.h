// Checks: goes through the steps of a lab's definition on the running lab.
//
// Expectations (routes, on_link, traffic) pass or fail; changes are done or fail; notes are told.
// An expectation that does not hold yet is asked again until kConvergence after the last change.
// Before traffic is sent, the sender's kernel must use the next hop that the exchange tells it: a
// router that is still catching up makes no expectation pass or fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lab/lab.h"

namespace fabrix::lab {

enum class Verdict : std::uint8_t { kPassed, kFailed, kDone, kNote };

struct Outcome {
  Verdict verdict = Verdict::kNote;
  std::uint32_t line = 0;  // of lab.yaml
  std::string kind;        // "traffic"
  std::string text;        // describe(step)
  std::string expected;    // of an expectation: "b1", "nowhere", "via virtual next hops"
  std::string seen;        // "b1", "via 172.0.1.1"; of a failed change, why
  std::string evidence;    // more about what was seen: "65566 octets"; may be empty
  std::string detail;      // of a failure: the trace of the packet, several lines; may be empty
  std::chrono::milliseconds took{0};
};

// Tells each outcome as it comes, and returns all. Ends early when interrupted.
std::vector<Outcome> run_steps(Lab& lab, const std::function<void(const Outcome&)>& tell);

}  // namespace fabrix::lab
