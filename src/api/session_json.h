// A session in detail, as JSON for `show neighbor`.
//
//   negotiated     once the OPENs are exchanged: families, hold_time, capabilities by name,
//                  graceful_restart {restart_time, families, forwarding_kept, notification},
//                  long_lived {"ipv4": stale time}, peer_role by its name in RFC 9234 §4.1
//   messages       of this connection: in, updates_in, keepalives_in, keepalives_out
//   sessions       since the daemon's start: established, connections, refused
//   last_sent, last_received   the last NOTIFICATIONs, in words
//   barred         {why, seconds}: connections are refused; no seconds: until an operator enables
//   it dialling       "passive", "active"; next_dial_seconds while it waits
//
// What there is not is left out. Pure.
#pragma once

#include <chrono>

#include <boost/json/object.hpp>

#include "controller/session_view.h"

namespace fabrix::api {

// Adds these to `object`, as of `now`.
void add_session(const controller::SessionView& view, std::chrono::steady_clock::time_point now,
                 boost::json::object& object);

// The same of one family, which goes with its routes: stale {"phase", "seconds"} while stale routes
// are kept (RFC 4724, 9494, 7313), and limit_state, "near" or "passed", of its prefix limit.
void add_family(const controller::FamilyView& view, std::chrono::steady_clock::time_point now,
                boost::json::object& object);

}  // namespace fabrix::api
