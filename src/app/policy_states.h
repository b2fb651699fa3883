// The states of fsms in which `explain` and `diff` look at policies: one of each kind that reads
// differently.
//
// Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/policy_file.h"
#include "base/result.h"
#include "policy/policy.h"

namespace fabrix::app {

// A policy where all packets are in the same states.
struct PolicyInStates {
  std::string states;  // "auth: state=in; ids: infected=false"; empty: it has no fsms
  std::shared_ptr<const policy::Policy> policy;
};

// The initial states first. Never empty.
std::vector<PolicyInStates> in_all_states(const PolicyFile& file);

// Two versions of a policy in states that come about together.
struct VersionsInStates {
  std::string states;
  std::shared_ptr<const policy::Policy> before;
  std::shared_ptr<const policy::Policy> after;
};

// More are too many to compare.
inline constexpr std::size_t kMaxComparisons = 1024;

// An fsm of both that moves alike is in the same state in both, as one that is replaced hands its
// states on (docs/policy.md); any other is in any. The initial states first.
Result<std::vector<VersionsInStates>> in_all_states(const PolicyFile& before,
                                                    const PolicyFile& after);

}  // namespace fabrix::app
