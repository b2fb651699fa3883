// Queries about routes: the table, and everything there is to know about one destination.
//
// Read-only; control thread. Each call's work is bounded: a list is read a page at a time, by
// cursors, and what changes meanwhile is shown as it is when its turn comes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "api/answer.h"
#include "api/queries.h"
#include "net/prefix.h"

namespace fabrix::api {

// Places of the table that one request looks at: some milliseconds' work.
inline constexpr std::uint32_t kPlacesAtOnce = 5'000;

// {"rows": [...], "next": cursor}; without "next" that was all. `add` appends a prefix's rows; the
// prefixes of a page come in order.
using AddRows = std::function<void(const net::Prefix&, boost::json::array&)>;
boost::json::value route_page(const Sources& sources, std::uint32_t cursor, const AddRows& add);

// A page of all routes (route_json.h).
boost::json::value show_table(const Sources& sources, std::uint32_t cursor);

// All routes at once, or those of one prefix, or (an address) of the longest prefix that covers it,
// also with who gets which. A table of more than kPlacesAtOnce prefixes is refused: it is read by
// pages.
Answer show_routes(const Sources& sources, std::optional<std::string_view> for_what);

// What is asked of one destination.
struct RouteQuestion {
  std::string_view destination;          // a prefix, or an address: the longest prefix
  std::optional<std::string_view> from;  // only routes of these neighbours (find.h)
  std::optional<std::string_view> to;    // what this participant gets, and why it gets no other
};

// {"prefix", "paths": [...], "to": {...}}. Paths are in the order of preference, each as route_json
// has it and
//
//   best         whether it is the first
//   before_next  {"step", "text"}: why it is preferred to the next accepted one
//   best_for, not_for   participants, and those it is kept from with the reasons; without `to`
//   export       with `to`: {"verdict": "best"|"usable"|"kept", "reason", "community", "prepends",
//                "adds": [...]}
//
// "to": {"participant", "told": [{"router", "address", "next_hop", "virtual", attributes...}]}.
Answer show_route(const Sources& sources, const RouteQuestion& question);

}  // namespace fabrix::api
