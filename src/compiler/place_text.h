// Where a clause stands, for a message about another one.
#pragma once

#include <string>

#include "base/diagnostic.h"

namespace fabrix::compiler {

// "line 3"; "line 3, column 12" where `other` is on the same line. What stands at the same place,
// as what a comprehension makes, is "the same place".
std::string place_beside(const SourceSpan& place, const SourceSpan& other);

}  // namespace fabrix::compiler
