// Queries about neighbours: every session in a line, one of them in detail, and its routes.
//
// Read-only; control thread; lists of routes are paged (route_queries.h).
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/answer.h"
#include "api/queries.h"

namespace fabrix::api {

// What names a session in every answer: router, participant, address, asn. A router with two
// addresses has two sessions of the same name.
boost::json::object neighbor_identity(const controller::Controller& controller,
                                      routeserver::PeerId id);

// Every session that the configuration allows, in its order: router, participant, asn, address,
// state, received, told, seconds (in this state), last_error.
boost::json::value show_sessions(const Sources& sources);

// The same as a summary: router, participant, address, asn, state, uptime_seconds (established, or
// not), received, accepted, filtered, advertised, last_error.
boost::json::value show_neighbors(const Sources& sources);

// The sessions that `wanted` means (find.h): a summary each, and
//
//   families     {"ipv4": {"received", "accepted", "filtered", "advertised", "limit"}}
//   settings     what the configuration says of the session
//
// and what session_json.h has.
Answer show_neighbor(const Sources& sources, std::string_view wanted);

// A page of the routes of those sessions: `list` is received, accepted, filtered or advertised.
Answer show_neighbor_routes(const Sources& sources, std::string_view wanted, std::string_view list,
                            std::uint32_t cursor);

}  // namespace fabrix::api
