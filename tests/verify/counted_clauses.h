// Counters for the clauses of a policy that was made without a text.
#pragma once

#include <cstdint>
#include <memory>

#include "policy/policy.h"

namespace fabrix::verify {

// Of ids from `first` on, outbound before inbound.
inline void count_clauses(policy::Policy& policy, std::uint64_t first) {
  policy.counts_clauses = true;
  for (policy::ClauseList* list : {&policy.outbound, &policy.inbound}) {
    for (policy::Clause& clause : list->clauses) {
      clause.counter = std::make_shared<const policy::ClauseCounter>(
          policy::ClauseCounter{.id = first++, .label = "clause"});
    }
  }
}

}  // namespace fabrix::verify
