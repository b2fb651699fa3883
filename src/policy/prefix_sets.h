// PrefixSets: the sets of prefixes that a policy names, written out or announced.
//
//   [10.0.0.0/8, 2001:db8::/32]   set([...])                      written out
//   prefixes(B)   bgp_get_announced_routes(sdx, B)                what B announces at the time
//   S | T   S & T   S - T                                         of both kinds
//
// Pure but for the report.
#pragma once

#include <optional>

#include "policy/address_set.h"
#include "policy/fields.h"
#include "policy/predicate.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/simplify.h"
#include "policy/targets.h"

namespace fabrix::policy {

// Addresses spelled out, or a condition on routes that only the running exchange can tell.
struct PrefixSet {
  std::optional<AddressSet> literal;
  PredicatePtr dynamic;  // not null if there is no literal

  PredicatePtr predicate(Side side) const { return literal ? address_in(*literal, side) : dynamic; }
};

class PrefixSets {
 public:
  PrefixSets(Names& names, const Targets& targets, const Fields& fields, Report& report)
      : names_(names), targets_(targets), fields_(fields), report_(report) {}

  // Each: none: reported.
  std::optional<PrefixSet> read(const Bound& set, Side side);
  // What the participant announces.
  std::optional<PrefixSet> announced_by(const Bound& participant, Side side);
  // Of a test of routes, which cannot ask what is announced at the same time.
  std::optional<AddressSet> literal(const Bound& set);

 private:
  bool enter(const Syntax& syntax);
  std::optional<PrefixSet> call(const Bound& bound, Side side);
  std::optional<PrefixSet> operation(const Bound& bound, Side side);

  Names& names_;
  const Targets& targets_;
  const Fields& fields_;
  Report& report_;
  unsigned depth_ = 0;
};

}  // namespace fabrix::policy
