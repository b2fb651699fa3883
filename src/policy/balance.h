// balance(T, ..., key=k): the flows shared out among targets, and each flow kept together.
//
// It is written with what the language has: the buckets that packets hash to (net/flow_hash.h) are
// parted among the targets, as evenly as their number allows, and a target that is unreachable
// yields to the others, from the next one on in a circle. A target that is named twice has two
// parts. Own ports are never unreachable: the fabric itself falls back to the next (SEMANTICS, step
// 5).
//
// Pure but for the report.
#pragma once

#include <optional>
#include <vector>

#include "net/flow_hash.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/targets.h"
#include "policy/term.h"

namespace fabrix::policy {

class Balance {
 public:
  Balance(Names& names, const Targets& targets, Report& report)
      : names_(names), targets_(targets), report_(report) {}

  // Of a kCall. Null: reported.
  TermPtr make(const Bound& call, Mode mode) const;

 private:
  std::optional<net::HashKey> key(const Bound& call) const;

  Names& names_;
  const Targets& targets_;
  Report& report_;
};

// The keys of the buckets that a condition tests; that the clauses and queries do.
net::HashKeys hash_keys_of(const Predicate& predicate);
net::HashKeys hash_keys_of(const ClauseList& list);

}  // namespace fabrix::policy
