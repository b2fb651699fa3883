// {"command":"port"}: what operators do to ports.
//
//   {"command":"port","action":"quarantine","port":"b1","reason":"..."}
//
//   quarantine  the port and the route server speak to each other (ARP, ND, BGP and BFD), and
//               nothing else enters or leaves; nobody hears of its routes. The session stays, so
//               that one sees what the member announces: what IX.br and AMS-IX do with a new or
//               troubled port, there in a VLAN of its own
//   shutdown    nothing enters or leaves, and its sessions end with Cease 6/2
//   release     undoes both
//
// "port" is a router or middlebox port by its name, the number of its port, or a participant: all
// its ports. It holds until release, over reloads and restarts (controller/port_record.h).
// "reason" (RFC 9003: at most 255 octets of UTF-8) is shown, and told to the peer by
// shutdown. The answer is
//
//   {"action","done":N,"ports":[{"router","port","done":true,"in_force":false,"text"}]}
//
// It comes before the fabric has what was said: {"command":"show","what":"ports"} has "in_force",
// too.
//
// Control thread.
#pragma once

#include <boost/json/object.hpp>

#include "api/answer.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"

namespace fabrix::api {

// `bgp` null: there are no sessions to end.
Answer command_ports(controller::Controller& controller, controller::BgpServer* bgp,
                     const boost::json::object& request);

// Disables the router's sessions if its port is shut down: when something else than a command has
// done so.
void disable_closed_sessions(const controller::Controller& controller, controller::BgpServer& bgp,
                             net::RouterId router);
// Of all ports: when a daemon begins that has them from the one before.
void disable_closed_sessions(const controller::Controller& controller, controller::BgpServer& bgp);

}  // namespace fabrix::api
