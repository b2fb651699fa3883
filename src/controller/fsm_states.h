// FsmStates: in which states the instances of a policy's fsms are, and what events and time do to
// them.
//
// An instance exists only where its state is not the initial one. Each remembers when it last had
// an event; when that is long enough ago, a timeout of its fsm moves it, once: its clock starts
// anew. Values: an event makes new states of old ones, and a refused one changes nothing. Pure;
// time comes from outside.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy/fsm_policy.h"
#include "policy/fsm_predicate.h"

namespace fabrix::controller {

using FsmTime = std::chrono::steady_clock::time_point;

struct FsmInstance {
  policy::StateId state = 0;
  FsmTime heard;  // its last event, or timeout
};

struct FsmStates {
  // By machine of the policy; never null. Shared by the states before and after an event.
  using Machine = std::map<policy::ClassKey, FsmInstance>;
  std::vector<std::shared_ptr<const Machine>> machines;

  std::size_t count() const;
  std::vector<policy::Instances> instances() const;
};

// As somebody tells it: what happened, who says so, and the class and value that it is about.
struct FsmEvent {
  std::string name;
  std::string source;                                       // may be empty
  std::vector<std::pair<std::string, std::string>> fields;  // {"srcip", "10.0.0.1"}, {"value", ...}
};

// An instance went from one state to another.
struct FsmMove {
  std::size_t machine = 0;
  policy::ClassKey key;
  policy::StateId from = 0;
  policy::StateId to = 0;
};

// An instance of an fsm went from one state to another, in words.
struct FsmTransition {
  FsmTime at;
  std::string fsm;
  std::string of;  // its class: "srcip=10.0.0.1"; empty: all packets
  std::string from;
  std::string to;
  std::string cause;  // "authenticated=true", "timeout"
};

// "auth srcip=10.0.0.1: state=out -> state=in (authenticated=true)"
std::string to_string(const FsmTransition& transition);

struct FsmChange {
  FsmStates states;
  std::vector<FsmMove> moves;  // of instances that were in another state
};

// Of fsms without classes, each in its state of the combination.
FsmStates in_states(const policy::FsmPolicy& policy, const policy::Combination& combination);
FsmStates initial_states(const policy::FsmPolicy& policy);

// The event, at `now`. It fails, with a reason for people, on an event that the policy does not
// know, a value that it cannot have, a source that it does not come from, a class field that is
// missing, malformed or not asked for, or more than `limit` instances.
Result<FsmChange> apply(const policy::FsmPolicy& policy, const FsmStates& states,
                        const FsmEvent& event, FsmTime now, std::size_t limit);

// When the next instance times out; none: no instance does.
std::optional<FsmTime> next_timeout(const policy::FsmPolicy& policy, const FsmStates& states);

// All timeouts that are due.
FsmChange expire(const policy::FsmPolicy& policy, const FsmStates& states, FsmTime now);

// The states of `before`'s instances under another policy: they stay with an fsm of the same name
// and class that moves alike, whatever it shows in its states.
FsmStates carry_over(const policy::FsmPolicy& before, const FsmStates& states,
                     const policy::FsmPolicy& after);

}  // namespace fabrix::controller
