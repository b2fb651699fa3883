// Whether what a list of clauses means depends on the routes, beyond what tags say of targets.
//
// Pure; any thread.
#pragma once

#include "policy/policy.h"

namespace fabrix::verify {

// It mentions prefixes that somebody announces, or writes a destination and so chooses its route.
bool depends_on_routes(const policy::ClauseList& list);

}  // namespace fabrix::verify
