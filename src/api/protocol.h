// The local protocol: one JSON object a line each way over a unix socket.
//
//   request   {"command":"show","what":"routes","for":"140.0.0.0/24"}
//             {"command":"trace","router":"a1","packet":"tcp 100.0.0.1:40000 -> 140.0.0.1:80"}
//             {"command":"set-policy","participant":"A","file":"A.policy","text":"outbound = ..."}
//             {"command":"remove-policy","participant":"A"}
//   answer    {"ok":true,"data":...}
//             {"ok":false,"error":"...","diagnostics":[...]}
//
// `show` takes status, participants, sessions, routes, classes, policies, rules, notices. A request
// is at most kMaxRequest octets; a longer one, or one that is no JSON object, is answered with an
// error and the connection closed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/queries.h"

namespace fabrix::api {

inline constexpr std::size_t kMaxRequest = 4U << 20U;

// Where requests that change something go.
struct Handlers {
  Sources sources;
  controller::Controller* controller = nullptr;
};

// One request (without its newline) to one answer (with it). Never throws, whatever the octets:
// fuzzed.
std::string answer(const Handlers& handlers, std::string_view request);

}  // namespace fabrix::api
