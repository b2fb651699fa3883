// What `fabrix` and `fabrixd` end with: never 0 on an error.
#pragma once

#include <cstdint>

namespace fabrix::app {

enum class ExitCode : std::uint8_t {
  kOk = 0,
  kFailed = 1,  // the command failed, or the answer is no: a failed expectation
  kUsage = 2,
  kNotFound = 3,
  kUnreachable = 5,  // no daemon answers
  kBadInput = 65,    // a policy with errors
  kBadConfig = 78,
};

constexpr int to_int(ExitCode code) {
  return static_cast<int>(code);
}

}  // namespace fabrix::app
