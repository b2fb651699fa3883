// Term: a checked policy expression: names resolved, macros expanded, types right.
//
// It is what the language means: policy/interpret.h evaluates it directly, policy/lower.h turns it
// into clauses, and the two must agree. Immutable trees; depth at most kMaxDepth; any thread.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "base/diagnostic.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "policy/query.h"

namespace fabrix::policy {

struct Term;
using TermPtr = std::shared_ptr<const Term>;

// Keeps the packets for which it holds, unchanged.
struct Filter {
  PredicatePtr when;
  bool literal = false;  // written as a constant such as `none`: never applying is meant
};

// fwd, drop, modify, police, mirror, via, multicast, bgp. `when` is what a packet must be for the
// writes to make sense: always() without any.
struct Act {
  PredicatePtr when;
  std::vector<Write> writes;
  Verdict verdict;
  Extras extras{};
};

// a >> b >> ...
struct Sequence {
  std::vector<TermPtr> parts;
};

// a + b + ...
struct Parallel {
  std::vector<TermPtr> parts;
};

// a // b // ...
struct Ranked {
  std::vector<TermPtr> parts;
};

// if_(condition, then, otherwise)
struct Choice {
  PredicatePtr condition;
  TermPtr then;
  TermPtr otherwise;
};

// A query: nothing comes out of it.
struct Count {
  QuerySpecPtr query;
};

struct Term {
  std::variant<Filter, Act, Sequence, Parallel, Ranked, Choice, Count> node;
  SourceSpan at;
};

}  // namespace fabrix::policy
