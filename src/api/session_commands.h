// {"command":"session"}: what operators do to BGP sessions.
//
//   {"command":"session","action":"reset","neighbor":"B"}   or "all":true instead of a neighbor
//
//   reset     ends the session with Cease 6/4, which may come back at once; no side keeps routes
//   refresh   asks for the peer's routes (RFC 2918) and sends ours again; "direction": "in" or
//             "out" for one of the two
//   disable   ends the session with Cease 6/2 and refuses the peer until enable, or until the
//             daemon starts again: a reload changes nothing about it
//   enable    undoes disable, and what a prefix limit has barred
//
// "reason" (RFC 9003: at most 255 octets of UTF-8) goes to the peer with a reset or disable. The
// answer is
//
//   {"action","done":N,"sessions":[{"router","participant","address","asn","done":true,"text"}]}
//
// where `text` says what was done or why not. Control thread.
#pragma once

#include <boost/json/object.hpp>

#include "api/answer.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"

namespace fabrix::api {

// `bgp` null: there are no sessions to command.
Answer command_sessions(const controller::Controller& controller, controller::BgpServer* bgp,
                        const boost::json::object& request);

}  // namespace fabrix::api
