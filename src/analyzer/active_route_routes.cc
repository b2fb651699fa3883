#include "analyzer/active_route_routes.h"

#include <algorithm>
#include <array>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/active_routing.h"
#include "analyzer/metric_json.h"
#include "base/number.h"
#include "base/result.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostRoutes = 1000;  // unless more are asked for

Result<std::size_t> most_of(const Call& call) {
  const auto text = call.parameter("maxRoutes");
  if (!text) return kMostRoutes;
  const auto most = parse_number<std::size_t>(*text);
  if (!most) return fail(Error{"maxRoutes is a whole number"});
  return *most;
}

json::object counts_json(const telemetry::ActiveRouteCounts& counts) {
  return {{"limit", counts.limit},
          {"installed", counts.installed},
          {"waiting", counts.waiting},
          {"coveragePercent", number_json(100 * counts.coverage())},
          {"hitPercent", number_json(100 * counts.hit_ratio())},
          {"bytesPerSecond", number_json(counts.rate)},
          {"samplesPerSecond", number_json(counts.sample_rate)},
          {"changesPerSecond", number_json(counts.churn)},
          {"samples", counts.samples},
          {"hits", counts.hits},
          {"added", counts.added},
          {"replaced", counts.replaced},
          {"removed", counts.removed},
          {"refused", counts.refused}};
}

json::object set_json(const ActiveRouteSet& set, telemetry::Time now) {
  const exchange::KernelTable& kernel = set.site().kernel;
  json::object out{{"name", set.site().name},
                   {"router", set.site().router.to_string()},
                   {"hasTable", set.has_table()},
                   {"ipv4", counts_json(set.routes().counts(net::Family::kIpv4, now))},
                   {"ipv6", counts_json(set.routes().counts(net::Family::kIpv6, now))}};
  if (set.site().bgp) {
    out["toldTo"] = set.site().bgp->to_string();
  } else {
    out["table"] = kernel.table;
    out["protocol"] = kernel.protocol;
  }
  if (!kernel.network_namespace.empty()) out["namespace"] = kernel.network_namespace;
  if (!set.trouble().empty()) out["lastError"] = set.trouble();
  return out;
}

http::Response sets(const Call& call) {
  json::array out;
  if (call.active != nullptr) {
    for (const auto& set : call.active->sets()) out.push_back(set_json(*set, call.engine.now()));
  }
  return json_answer(out);
}

http::Response set(const Call& call) {
  const ActiveRouteSet* const found =
      call.active != nullptr ? call.active->find(call.names[0]) : nullptr;
  if (found == nullptr) return missing("set of active routes", call.names[0]);
  const auto most = most_of(call);
  if (!most) return bad_request(most.error());
  const telemetry::Time now = call.engine.now();
  auto installed = found->routes().installed(now);
  std::ranges::stable_sort(installed, std::greater{}, &telemetry::ActiveRoutes::Installed::rate);
  if (installed.size() > *most) installed.resize(*most);
  json::array routes;
  for (const auto& each : installed) {
    routes.push_back(json::object{{"prefix", each.prefix.to_string()},
                                  {"nexthop", each.next_hop.to_string()},
                                  {"value", number_json(each.rate)},
                                  {"since", milliseconds(each.since)}});
  }
  json::object out = set_json(*found, now);
  out["routes"] = std::move(routes);
  return json_answer(out);
}

}  // namespace

std::span<const Route> active_route_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/active/json", sets},
      Route{http::Method::kGet, "/active/{}/json", set},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
