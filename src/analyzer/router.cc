#include "analyzer/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "analyzer/active_flow_routes.h"
#include "analyzer/active_route_routes.h"
#include "analyzer/agent_routes.h"
#include "analyzer/bgp_routes.h"
#include "analyzer/engine_routes.h"
#include "analyzer/export_routes.h"
#include "analyzer/flow_routes.h"
#include "analyzer/forward_routes.h"
#include "analyzer/ixp_routes.h"
#include "analyzer/metric_routes.h"
#include "analyzer/name_routes.h"
#include "analyzer/prometheus_routes.h"
#include "analyzer/record_routes.h"
#include "analyzer/threshold_routes.h"
#include "analyzer/topology_routes.h"

namespace fabrix::analyzer {
namespace {

constexpr std::string_view kAny = "{}";

// "/metric/{}/json" as metric, {}, json.
std::vector<std::string_view> parts_of(std::string_view pattern) {
  std::vector<std::string_view> parts;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    parts.push_back(pattern.substr(0, end));
    pattern.remove_prefix(end);
  }
  return parts;
}

// The names where the pattern has {}; none if the path is another one.
std::optional<std::vector<std::string>> names_in(const std::vector<std::string>& path,
                                                 const std::vector<std::string_view>& parts) {
  if (path.size() != parts.size()) return std::nullopt;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == kAny) {
      names.push_back(path[i]);
    } else if (path[i] != parts[i]) {
      return std::nullopt;
    }
  }
  return names;
}

bool serves(http::Method has, http::Method asked) {
  return has == asked || (has == http::Method::kGet && asked == http::Method::kHead);
}

}  // namespace

Router::Router(std::span<const std::span<const Route>> tables) {
  for (const auto& table : tables) {
    for (const Route& route : table) rows_.push_back({parts_of(route.pattern), route});
  }
}

bool Router::has(const http::Target& target) const {
  return std::ranges::any_of(
      rows_, [&](const Row& row) { return names_in(target.segments, row.parts).has_value(); });
}

http::Response Router::answer(telemetry::Engine& engine, const http::Request& request,
                              const exports::Exports* exports, const ActiveRouting* active,
                              const RouterSessions* sessions) const {
  std::string allowed;
  for (const Row& row : rows_) {
    const auto names = names_in(request.target.segments, row.parts);
    if (!names) continue;
    if (serves(row.route.method, request.method)) {
      return row.route.answer({.engine = engine,
                               .request = request,
                               .names = *names,
                               .exports = exports,
                               .active = active,
                               .sessions = sessions});
    }
    if (!allowed.empty()) allowed += ", ";
    allowed += to_string(row.route.method);
    if (row.route.method == http::Method::kGet) allowed += ", HEAD";
  }
  if (!allowed.empty()) return http::method_not_allowed(std::move(allowed));
  return http::problem(404, "there is nothing at this path");
}

Router all_routes() {
  const std::array<std::span<const Route>, 15> tables{
      engine_routes(), agent_routes(),       bgp_routes(),         metric_routes(),
      flow_routes(),   active_flow_routes(), record_routes(),      threshold_routes(),
      name_routes(),   forward_routes(),     prometheus_routes(),  export_routes(),
      ixp_routes(),    topology_routes(),    active_route_routes()};
  return Router(tables);
}

}  // namespace fabrix::analyzer
