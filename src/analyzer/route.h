// Route: one resource of the analyzer's REST API: a method, the pattern of its path, and what
// answers it. Each group of resources is a table of them in a file of its own.
//
//   {http::Method::kGet, "/metric/{}/json", metrics_of_agent}
//
// A part of the pattern that is {} is any name, decoded; the handler finds them in order. Handlers
// answer at once, on the engine's thread. What they keep in a body that is asked for in pieces (the
// engine, by reference) outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "http/message.h"
#include "telemetry/engine.h"

namespace fabrix::exports {
class Exports;
}  // namespace fabrix::exports

namespace fabrix::analyzer {

class ActiveRouting;
class RouterSessions;

// What is asked of the engine.
struct Call {
  telemetry::Engine& engine;
  const http::Request& request;
  std::span<const std::string> names;         // that the path has where the pattern has {}
  const exports::Exports* exports = nullptr;  // null: there are none
  const ActiveRouting* active = nullptr;      // null: there is none
  const RouterSessions* sessions = nullptr;   // with routers; null: there are none

  std::optional<std::string_view> parameter(std::string_view name) const {
    return request.target.parameter(name);
  }
};

struct Route {
  http::Method method = http::Method::kGet;  // GET is HEAD too
  std::string_view pattern;
  http::Response (*answer)(const Call& call) = nullptr;
};

// 200 with JSON.
http::Response json_answer(const boost::json::value& value);

// 200 with plain text.
http::Response text_answer(std::string text);

// 204.
http::Response no_content();

// 204, or 400 with what is wrong.
http::Response done_or_why(const Result<void>& result);
http::Response bad_request(const Error& error);

// 404: there is no such `kind` ("flow") of this name.
http::Response missing(std::string_view kind, std::string_view name);

// Since 1970.
std::int64_t milliseconds(telemetry::Time time);

boost::json::array numbers_json(const std::vector<double>& numbers);

// Whether the name is among those of a list with commas; an empty list has all.
bool is_listed(std::string_view name, std::string_view list);

}  // namespace fabrix::analyzer
