// Routes and neighbours for a terminal, from the JSON that the daemon answers with
// (api/route_json.h, api/route_queries.h, api/neighbor_queries.h).
//
// Pure. What a neighbour may have written itself cannot steer the terminal.
#pragma once

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace fabrix::app {

// What stands above route_line()s, and a line for one route: "*" marks the best of its prefix, "s"
// a stale one, "x" one that is filtered, ">" one that is advertised.
std::string route_heading();
std::string route_line(const boost::json::object& route);

// One destination: every path with all there is to say of it.
std::string render_route(const boost::json::object& answer);

// A table of all neighbours; a block for each in detail.
std::string render_neighbors(const boost::json::array& neighbors);
std::string render_neighbor_details(const boost::json::array& neighbors);

// "42s", "5m 3s", "4h 12m", "9d 3h".
std::string duration_text(std::int64_t seconds);

}  // namespace fabrix::app
