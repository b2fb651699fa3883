// {"command":"verify"} and {"command":"what-if"}: what can be proved of the present, and of what
// might be. Neither changes anything.
//
//   {"command":"verify","read":true}    has the fabric read what it has: {"pending":true}
//   {"command":"verify"}                {"pending":true} while it is being read; else the audit:
//     {"right","settled","fabric":{"rules","wanted","right","different","missing","foreign",
//      "meters","neighbors","ports","others","differences":[{"kind":"missing"|"different"|"foreign","wanted","clause","is"}],"unsaid",
//      "violations":[...]} or
//      {"error"},"checked":{"senders","receivers","rows","told","participants"},
//      "microseconds","violations":[...],"text"}
//
//   {"command":"what-if","participant":"A","text":"outbound = ...","file":"A.policy"}
//   {"command":"what-if","withdraw":"140.0.0.0/24","from":"B"}
//     {"accepted","packets":[{"sender","prefix","packet","before","after"}],"complete",
//      "tables":[{"table","rows","added","removed","modified"}],"rows","max_rows",...,
//      "problems":[diagnostics],"violations":[...],"text"}
//
// A violation is {"invariant","name","message","witness","clause","rows","text"}. A policy with
// errors is refused with its diagnostics. Both take as long as compiling everything: the daemon
// does nothing else meanwhile. Control thread.
#pragma once

#include <boost/json/object.hpp>

#include "api/answer.h"
#include "controller/controller.h"

namespace fabrix::api {

Answer verify_command(controller::Controller& controller, const boost::json::object& request);
Answer what_if_command(const controller::Controller& controller,
                       const boost::json::object& request);

}  // namespace fabrix::api
