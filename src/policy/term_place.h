// Where a term is that was written elsewhere.
#pragma once

#include "base/diagnostic.h"
#include "policy/term.h"

namespace fabrix::policy {

// The term and all that it is made of, at `at`: what a macro makes is where the macro is used,
// since each use makes something else. Null stays null.
TermPtr moved(const TermPtr& term, const SourceSpan& at);

// What a name stands for: a predicate is where its name is used, a policy has places of its own.
TermPtr named(const TermPtr& found, const SourceSpan& at);

}  // namespace fabrix::policy
