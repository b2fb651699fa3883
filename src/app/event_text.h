// Events of `fabrix monitor`, and malformed UPDATEs, for a terminal: from the JSON of
// api/monitor_hub.h and api/bad_query.h.
//
// Pure. What a neighbour may have written itself cannot steer the terminal.
#pragma once

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace fabrix::app {

// A line, or one for each prefix of the event, beginning with its time.
std::string event_text(const boost::json::object& event);

// A block for each neighbour, and each of its messages with its octets in hex.
std::string render_bad(const boost::json::array& neighbors);

}  // namespace fabrix::app
