// Writes and extras of a clause, composed: what modify(), police(), mirror() and via() add up to.
//
// A packet is limited by one meter in each direction: in a sequence the last police() counts, and
// under `+` a clause's own one before that of its neighbours. Mirrors add up. Middleboxes are
// passed in the order of the sequence; where nothing says an order, or one would come twice, it is
// an error (P0315). Pure.
#pragma once

#include <optional>
#include <vector>

#include "policy/policy.h"

namespace fabrix::policy {

// What b writes after a; b's value wins.
std::vector<Write> composed(const std::vector<Write>& a, const std::vector<Write>& b);

// The middleboxes of `before >> next`. None: one would be passed twice.
std::optional<std::vector<net::RouterId>> passed(const Extras& before, const Extras& next);

// `before >> next`.
Extras sequenced(const Extras& before, const Extras& next);

// Of a clause beside one that only polices or mirrors.
Extras joined(const Extras& own, const Extras& beside);

// Without what makes no difference: a discarded packet is limited only if its copies are, and
// passes no middlebox.
Extras normal(const Extras& extras, const Verdict& verdict);

// Whether the clause does no more than decide where packets go.
bool is_plain(const Clause& clause);

// Whether the verdict may turn out impossible to carry out, so that what comes next is tried.
bool may_be_unreachable(const Verdict& verdict);

// The targets that it names, if any.
std::vector<Target> targets_of(const Verdict& verdict);

}  // namespace fabrix::policy
