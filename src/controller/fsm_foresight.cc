#include "controller/fsm_foresight.h"

#include <fmt/format.h>

namespace fabrix::controller {

std::optional<std::string> first_fault(const policy::FsmPolicy& fsms, const Foresight& foresight) {
  for (const policy::Combination& each : fsms.combinations()) {
    const auto policy = foresight.read(each);
    if (policy == nullptr) continue;
    if (const auto fault = foresight.prove(policy)) {
      return fmt::format("in the states {}: {}", fsms.describe(each), *fault);
    }
    if (foresight.is_spent()) break;
  }
  return std::nullopt;
}

}  // namespace fabrix::controller
