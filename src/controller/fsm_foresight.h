// first_fault(): whether a policy with fsms would be wrong in a state that has not come. It goes
// through the states that read differently (FsmPolicy::combinations), has each proved, and names
// the first where the proof finds something.
//
// Of fsms that have an instance for each value of a field, all packets are taken to be in the same
// state: a packet sees one instance of each, so that is what happens to it, whoever else is in
// which state.
//
// What a state reads as, and what proving it takes, is the caller's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "policy/fsm_policy.h"
#include "policy/policy.h"

namespace fabrix::controller {

struct Foresight {
  using PolicyPtr = std::shared_ptr<const policy::Policy>;

  // Null: there is nothing to prove of this one.
  std::function<PolicyPtr(const policy::Combination&)> read;
  // What is wrong with it, if anything.
  std::function<std::optional<std::string>(const PolicyPtr&)> prove;
  // Whether enough has been done.
  std::function<bool()> is_spent;
};

// "in the states gate: is=true: I4 (no blackhole): ...; witness: ..."
std::optional<std::string> first_fault(const policy::FsmPolicy& fsms, const Foresight& foresight);

}  // namespace fabrix::controller
