// Diagnostics for editors: the Diagnostic of the Language Server Protocol 3.17, and beside it the
// file and what LSP has no place for.
//
//   {"file":"A.policy","uri":"file:///etc/fabrix/A.policy",
//    "range":{"start":{"line":0,"character":17},"end":{"line":0,"character":23}},
//    "severity":1,"code":"P0201","source":"fabrix","message":"unknown field 'dstprt'",
//    "witness":"","help":"did you mean 'dstport'?"}
//
// Lines and characters count from 0, characters in UTF-16 units. Severity: 1 error, 2 warning, 3
// information (a note). Pure.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/diagnostic.h"

namespace fabrix::app {

// `text` is what the diagnostic points into, `path` where that is, absolute.
boost::json::object lsp_diagnostic(const Diagnostic& diagnostic, std::string_view text,
                                   std::string_view path);

// "file:///home/a/b%20c": RFC 8089.
std::string file_uri(std::string_view path);

}  // namespace fabrix::app
