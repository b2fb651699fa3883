// Building predicates that are already simple: constants folded, And and Or flattened, tests of one
// field merged, what is implied by its neighbours left out.
//
// These are cheap rewritings, not a decision procedure: a result other than Constant{false} may
// still hold for no packet. Meaning is always preserved. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "net/field.h"
#include "policy/policy.h"
#include "policy/predicate.h"

namespace fabrix::policy {

PredicatePtr constant(Constant value);
PredicatePtr always();
PredicatePtr never();

// The field lies in `intervals`, which normalize() made; none means never(), all means always().
PredicatePtr test_field(net::Field field, std::vector<Interval> intervals);

PredicatePtr conjunction(std::vector<PredicatePtr> operands);
PredicatePtr conjunction(const PredicatePtr& a, const PredicatePtr& b);
PredicatePtr disjunction(std::vector<PredicatePtr> operands);
PredicatePtr negation(const PredicatePtr& operand);

bool is_always(const Predicate& predicate);
bool is_never(const Predicate& predicate);

// `predicate` as seen before `writes` happen: tests of written fields become constants.
// Null when it tests an address that is written against the routes (InPrefixesOf, OnRoute), which
// only the running exchange could fold.
PredicatePtr before_writes(const PredicatePtr& predicate, const std::vector<Write>& writes);

// What it takes, about, to make them part of another one: their operands, or they themselves, and
// some of the values that those test.
std::size_t weight_of(const Predicate& predicate);
std::size_t weight_of(const std::vector<PredicatePtr>& predicates);

struct Extent {
  std::size_t depth = 0;   // longest path from the root, a leaf being 1
  std::size_t nodes = 0;   // of the tree written out
  std::size_t values = 0;  // intervals that its tests have
};
// None: more nodes than that.
std::optional<Extent> extent_of(const Predicate& predicate, std::size_t most);

}  // namespace fabrix::policy
