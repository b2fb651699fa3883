// Extras of a clause, composed: what police(), mirror() and via() add up to.
//
// A packet is limited by one meter in each direction: in a sequence the last police() counts, and
// under `+` a clause's own one before that of its neighbours. So it is with middleboxes, of which
// two in one clause are an error (P0315). Mirrors add up. Pure.
#pragma once

#include <vector>

#include "policy/policy.h"

namespace fabrix::policy {

// `before >> next`.
Extras sequenced(const Extras& before, const Extras& next);

// Of a clause beside one that only polices or mirrors.
Extras joined(const Extras& own, const Extras& beside);

// Without what makes no difference: a discarded packet is limited only if its copies are, and
// passes no middlebox.
Extras normal(const Extras& extras, const Verdict& verdict);

// Whether the verdict may turn out impossible to carry out, so that what comes next is tried.
bool may_be_unreachable(const Verdict& verdict);

// The targets that it names, if any.
std::vector<Target> targets_of(const Verdict& verdict);

}  // namespace fabrix::policy
