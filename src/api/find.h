// find_neighbors(): the sessions that somebody means by a router's name, a participant's, an
// address or an AS number.
//
// Pure; control thread.
#pragma once

#include <string_view>
#include <vector>

#include "api/answer.h"
#include "controller/controller.h"

namespace fabrix::api {

// In the configuration's order and not empty: a router has a session for each of its addresses, a
// participant those of its routers. "64500" and "AS64500" are all sessions of the AS.
Result<std::vector<routeserver::PeerId>, Refusal> find_neighbors(
    const controller::Controller& controller, std::string_view wanted);

// The one participant of those sessions. An AS of several participants is refused.
Result<net::ParticipantId, Refusal> find_participant(const controller::Controller& controller,
                                                     std::string_view wanted);

}  // namespace fabrix::api
