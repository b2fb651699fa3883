// read_policy(): a text to the policy that it would be for a participant now: parsed, reviewed in
// every state that its fsms can come to, and in the states that it shares with the one before.
//
// Changes nothing; `compiler` keeps what it has.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "compiler/compiler.h"
#include "controller/fsm_states.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "policy/fsm_policy.h"
#include "policy/policy.h"

namespace fabrix::controller {

struct PolicyText {
  std::string_view text;
  std::string_view file;
};

struct ReadPolicy {
  std::shared_ptr<const policy::Policy> policy;   // in `states`
  std::shared_ptr<const policy::FsmPolicy> fsms;  // null: there are none
  FsmStates states;
  std::vector<Diagnostic> warnings;  // with fsms, the compiler's are among them
};

// The fsms of the participant's present policy; null: there are none.
struct StatesBefore {
  const policy::FsmPolicy* fsms = nullptr;
  const FsmStates* states = nullptr;
};

Result<ReadPolicy, std::vector<Diagnostic>> read_policy(compiler::Compiler& compiler,
                                                        const exchange::Exchange& exchange,
                                                        net::ParticipantId participant,
                                                        const PolicyText& text,
                                                        const StatesBefore& before);

}  // namespace fabrix::controller
