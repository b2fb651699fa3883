// PrefixSets: the sets of prefixes that a text names, [10.0.0.0/8] | prefixes(B), by what they are
// for a packet's source or destination.
//
// Definitions are followed; nesting deeper than kMaxDepth is an error (P0402). Pure but for the
// report.
#pragma once

#include <optional>

#include "policy/address_set.h"
#include "policy/fields.h"
#include "policy/predicate.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/targets.h"

namespace fabrix::policy {

// Addresses spelled out, or a condition on routes that only the running exchange can tell.
struct PrefixSet {
  std::optional<AddressSet> literal;
  PredicatePtr dynamic;

  PredicatePtr predicate(Side side) const { return literal ? address_in(*literal, side) : dynamic; }
};

class PrefixSets {
 public:
  // All must outlive it.
  PrefixSets(Names& names, Targets& targets, Fields& fields, Report& report)
      : names_(names), targets_(targets), fields_(fields), report_(report) {}

  // None: reported.
  std::optional<PrefixSet> read(const Bound& unsettled, Side side);
  // What the participant announces. None: reported.
  std::optional<PrefixSet> announced(const Bound& target, Side side);

  // Of a test of routes, which cannot ask what is announced at the same time. None: reported.
  std::optional<AddressSet> literal(const Bound& bound);

 private:
  std::optional<PrefixSet> settled(const Bound& bound, Side side);
  std::optional<PrefixSet> call(const Bound& bound, Side side);
  std::optional<PrefixSet> operation(const Bound& bound, Side side);

  Names& names_;
  Targets& targets_;
  Fields& fields_;
  Report& report_;
  unsigned depth_ = 0;
};

}  // namespace fabrix::policy
