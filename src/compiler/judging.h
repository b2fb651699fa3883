// Judging: judge() of a policy, of a large one by another thread while the owner of this compiles
// it: neither needs the other, and each takes some tens of milliseconds for some thousand clauses.
//
// Until take() the policy, the exchange and the routes must stay as they are.
#pragma once

#include <cstddef>
#include <future>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/judge.h"

namespace fabrix::compiler {

class Judging {
 public:
  using Diagnostics = std::vector<Diagnostic>;

  // From so many clauses on a policy is large.
  static constexpr std::size_t kMany = 256;

  // A large policy is judged with a store, and kPolicySteps, of its own; another one now, as
  // judge() has it. Null: there is nothing to say.
  Judging(net::ParticipantId owner, const policy::Policy* policy, std::string_view file,
          const Surroundings& surroundings);

  // The warnings, or else the errors. Once; waits.
  Result<Diagnostics, Diagnostics> take();

 private:
  std::future<Findings> aside_;  // of a large policy
  Findings findings_;            // of another
};

// The warnings, or else the errors.
Result<std::vector<Diagnostic>, std::vector<Diagnostic>> outcome_of(Findings findings);

}  // namespace fabrix::compiler
