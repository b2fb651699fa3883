// format(): a policy text in its canonical layout.
//
// Lines stay the lines they are. Between the tokens of a line stands what policy/format_spacing.h
// says; a line that goes on with an operator is set so that its operand stands under the first one,
// what stands in brackets under what follows the bracket, or by four more than the line whose last
// token opened it, what stands in a block by two. Comments stay, blank lines do not pile up.
//
//     outbound = (match(dstport=80) >> fwd(B))  # the web
//              + (match(dstport={4321, 4322}) >> fwd(C))
//
// The tokens and the lines they start are unchanged, so the meaning is; format(format(x)) ==
// format(x). It works on tokens alone: it knows no statement. A text with errors of syntax is not
// laid out: those are returned. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"

namespace fabrix::policy {

Result<std::string, std::vector<Diagnostic>> format(std::string_view text, std::string_view file);

}  // namespace fabrix::policy
