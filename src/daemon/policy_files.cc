#include "daemon/policy_files.h"

#include <utility>

#include "io/file.h"
#include "policy/parse.h"

namespace fabrix::daemon {

PolicyFiles read_policies(controller::Controller& controller,
                          const std::filesystem::path& directory) {
  PolicyFiles files;
  for (const exchange::Participant& participant : controller.exchange().participants) {
    if (!participant.policy_file) continue;
    const std::string file = (directory / *participant.policy_file).string();
    const auto text = io::read_file(file, policy::kMaxPolicySize);
    if (!text) {
      files.problems.push_back(problem_with(file, text.error().message));
      files.refused.push_back(participant.name);
      continue;
    }
    const std::string* const present = controller.policy_text(participant.id);
    if (present != nullptr && *present == *text) continue;
    auto set = controller.set_policy(participant.id, *text, file);
    for (Diagnostic& problem : set ? *set : set.error()) {
      files.problems.push_back(problem_in(std::move(problem), *text));
    }
    if (!set) files.refused.push_back(participant.name);
  }
  return files;
}

}  // namespace fabrix::daemon
