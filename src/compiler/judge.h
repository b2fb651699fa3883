// judge(): what can be said against a checked policy by looking at all packets at once.
//
//   P0301 error    two clauses side by side under `+` overlap and decide differently
//   P0310 warning  a clause can never apply, because earlier ones take all of its packets
//   P0412 error    it takes too much to find that out, or to compile the policy
//
// The exchange's control thread does all that for any member, so it is bounded: by steps, which the
// same policy takes on any machine. kPolicySteps are some tenths of a second, up to a second, of an
// optimized build; large policies as members write them take some tenths of them.
//
// Pure but for the store, which is scratch: handles of the caller become invalid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/clause_analysis.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// Of judging and compiling a policy, in all states of its fsms together.
inline constexpr std::uint64_t kPolicySteps = 10'000'000;

struct Findings {
  std::vector<Diagnostic> warnings;
  std::vector<Diagnostic> errors;
};

// Takes steps from the store's budget. Where a policy says that the first of overlapping clauses
// counts, none is ambiguous.
Findings judge(net::ParticipantId owner, const policy::Policy& policy, std::string_view file,
               const Surroundings& surroundings);

// P0412, at the clause that was next when so many of them had been looked at, in so many steps.
Diagnostic too_much_work(std::string_view file, const policy::ClauseList& list, std::size_t judged,
                         std::uint64_t steps);

}  // namespace fabrix::compiler
