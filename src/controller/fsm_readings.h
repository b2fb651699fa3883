// FsmReadings: how a policy with fsms reads in states that it has been in, or will be, so that a
// state that comes again is the same Policy, the very object: what the compiler made of it
// (compiler/kept_states.h) and what the verifier proved of it (verify/proofs.h) is found by that.
//
// States read alike if every instance is in a state of the same kind: an event may change states
// and no meaning. Keeps at most kMaxReadings, with at most kMaxReadInstances in all of them; of
// more the least recently used goes. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

#include "controller/fsm_states.h"
#include "policy/fsm_policy.h"
#include "policy/policy.h"

namespace fabrix::controller {

inline constexpr std::size_t kMaxReadings = 256;
inline constexpr std::size_t kMaxReadInstances = 65'536;

class FsmReadings {
 public:
  using PolicyPtr = std::shared_ptr<const policy::Policy>;
  using FsmPolicyPtr = std::shared_ptr<const policy::FsmPolicy>;

  // Of which policy it is. Another forgets all that is kept, but for how it reads now.
  void begin(const FsmPolicyPtr& fsms, const FsmStates& states, const PolicyPtr& policy);
  // Null: not kept.
  PolicyPtr find(const FsmStates& states);
  void keep(const FsmStates& states, PolicyPtr policy);

  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    std::uint64_t digest = 0;
    FsmStates states;
    PolicyPtr policy;
  };

  FsmPolicyPtr fsms_;
  std::list<Kept> kept_;  // the least recently used first
  std::size_t instances_ = 0;
};

}  // namespace fabrix::controller
