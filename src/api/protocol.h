// The local protocol: one JSON object a line each way over a unix socket.
//
//   request   {"command":"show","what":"routes","for":"140.0.0.0/24"}
//             {"command":"trace","router":"a1","packet":"tcp 100.0.0.1:40000 -> 140.0.0.1:80"}
//             {"command":"set-policy","participant":"A","file":"A.policy","text":"outbound = ..."}
//             {"command":"remove-policy","participant":"A"}
//             {"command":"reload"}  {"command":"reload","check":true}
//             {"command":"verify"}  {"command":"what-if","withdraw":"140.0.0.0/24","from":"B"}
//             {"command":"session","action":"reset","neighbor":"B","reason":"maintenance"}
//             {"command":"event","participant":"A","event":"authenticated","srcip":"10.0.0.1",
//              "value":true}
//             {"command":"monitor","topic":"routes","neighbors":["B"]}
//   answer    {"ok":true,"data":...}
//             {"ok":false,"kind":"not-found","error":"...","diagnostics":[...]}
//
// `show` takes status, participants, sessions, neighbors, neighbor, routes, route, classes,
// policies, rules, notices, rpki, flowspec, bad, fsm. `session` is in session_commands.h, `verify`
// and `what-if` are in proof_commands.h, `event` in fsm_command.h. The answer to
// `monitor` is followed by the events of monitor_hub.h, a line each, until the client closes the
// connection, on which it asks nothing more. The kind of a refusal is "not-found" (no router,
// participant or thing to show of that name), "bad-request" (anything else that is wrong with the
// request itself) or "refused" (a policy with errors, told by the diagnostics). `reload` is
// answered with a ReloadReport, also where the configuration is refused. A request is at most
// kMaxRequest octets; a longer one is answered with an error and the connection closed. A line that
// is no JSON object is answered with an error.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/monitor_hub.h"
#include "api/queries.h"
#include "api/reload_report.h"

namespace fabrix::api {

inline constexpr std::size_t kMaxRequest = 4U << 20U;

// Where requests that change something go.
struct Handlers {
  Sources sources;
  controller::Controller* controller = nullptr;
  // Reads the configuration again; empty: it came from no file.
  std::function<ReloadReport(ReloadMode)> reload = {};
  controller::BgpServer* bgp = nullptr;  // null: there are no sessions to command
  MonitorHub* monitors = nullptr;        // null: there is nothing to monitor
};

struct Reply {
  std::string line;                                    // with its newline
  std::optional<MonitorFilter> stream = std::nullopt;  // of these events, after the line
};

// What a request (without its newline) comes to. Never throws, whatever the octets: fuzzed.
Reply reply_to(const Handlers& handlers, std::string_view request);
// Its line.
std::string answer(const Handlers& handlers, std::string_view request);

// The answer to what is no request at all: one too long, one client too many.
std::string refusal(std::string_view error);

}  // namespace fabrix::api
