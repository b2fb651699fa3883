// Queries about neighbours: every session in a line, one of them in detail, and its routes.
//
// Read-only; control thread; lists of routes are paged (route_queries.h).
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/json/value.hpp>

#include "api/answer.h"
#include "api/queries.h"

namespace fabrix::api {

// Every session that the configuration allows, in its order: router, participant, asn, address,
// state, received, told, seconds (in this state), last_error.
boost::json::value show_sessions(const Sources& sources);

// The same as a summary: router, participant, address, asn, state, uptime_seconds (established, or
// not), received, accepted, filtered, advertised, last_error.
boost::json::value show_neighbors(const Sources& sources);

// The sessions that `wanted` means (find.h): a summary each, and
//
//   families     {"ipv4": {"received", "accepted", "filtered", "advertised", "limit"}}
//   negotiated   once the OPENs are exchanged
//   messages     {"in", "updates_in", "keepalives_in", "keepalives_out"}
//   settings     what the configuration says of the session
Answer show_neighbor(const Sources& sources, std::string_view wanted);

// A page of the routes of those sessions: `list` is received, accepted, filtered or advertised.
Answer show_neighbor_routes(const Sources& sources, std::string_view wanted, std::string_view list,
                            std::uint32_t cursor);

}  // namespace fabrix::api
