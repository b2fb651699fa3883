// Router: finds the route of a request among tables of them.
//
// A path that no pattern fits is 404; one that fits, with another method, is 405 and says which
// there are. Of several patterns that fit, the first in the order of the tables counts. A value.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/route.h"
#include "http/message.h"
#include "http/target.h"
#include "telemetry/engine.h"

namespace fabrix::exports {
class Exports;
}  // namespace fabrix::exports

namespace fabrix::analyzer {

class Router {
 public:
  // The tables' texts outlive the router.
  explicit Router(std::span<const std::span<const Route>> tables);

  // Whether a pattern fits the path.
  bool has(const http::Target& target) const;

  // Of exports, active routes, and sessions with routers, there may be none.
  http::Response answer(telemetry::Engine& engine, const http::Request& request,
                        const exports::Exports* exports = nullptr,
                        const ActiveRouting* active = nullptr,
                        const RouterSessions* sessions = nullptr) const;

 private:
  struct Row {
    std::vector<std::string_view> parts;  // of the pattern
    Route route;
  };

  std::vector<Row> rows_;
};

// All of the analyzer's resources.
Router all_routes();

}  // namespace fabrix::analyzer
