#include "analyzer/bgp_routes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/metric_json.h"
#include "analyzer/router_sessions.h"
#include "base/number.h"
#include "base/result.h"
#include "telemetry/routers.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::Direction;
using telemetry::RouteInfo;
using telemetry::Routers;
using telemetry::RouteTable;
using telemetry::TableView;
using telemetry::TopPrefixQuery;

constexpr std::size_t kMostPrefixes = 100'000;

std::optional<double> number_of(std::string_view text) {
  const auto number = parse_number<double>(text);
  return number && *number >= 0 && *number <= 1e18 ? number : std::nullopt;
}

// A parameter that is a number not below 0; `otherwise` if it is not there.
Result<double> number_at(const Call& call, std::string_view name, double otherwise) {
  const auto text = call.parameter(name);
  if (!text) return otherwise;
  const auto number = number_of(*text);
  if (!number) return fail(Error{std::string(name) + " is a number, 0 or more"});
  return *number;
}

Result<bool> truth_at(const Call& call, std::string_view name) {
  const auto text = call.parameter(name);
  if (!text || *text == "false") return false;
  if (*text != "true") return fail(Error{std::string(name) + " is true or false"});
  return true;
}

// Also by the words that older callers of sFlow-RT have for it.
Result<Direction> direction_at(const Call& call) {
  const auto text = call.parameter("direction");
  if (!text || *text == "egress" || *text == "destination") return Direction::kEgress;
  if (*text == "ingress" || *text == "source") return Direction::kIngress;
  return fail(Error{"direction is ingress or egress"});
}

Result<TopPrefixQuery> query_of(const Call& call, net::Family family) {
  TopPrefixQuery query{.family = family};
  FABRIX_TRY(const double most, number_at(call, "maxPrefixes", 100));
  FABRIX_TRY(query.min_value, number_at(call, "minValue", 0));
  FABRIX_TRY(const double shortest, number_at(call, "minPrefix", 0));
  FABRIX_TRY(query.direction, direction_at(call));
  FABRIX_TRY(query.include_covered, truth_at(call, "includeCovered"));
  FABRIX_TRY(query.prune_covered, truth_at(call, "pruneCovered"));
  query.most = static_cast<std::size_t>(std::min(most, double{kMostPrefixes}));
  query.min_length = static_cast<unsigned>(std::min(shortest, 255.0));
  return query;
}

// With the prefix around it, unless that one is too short to be asked for.
json::object route_json(const TableView& view, RouteTable::RouteId id,
                        const TopPrefixQuery& query) {
  const RouteInfo& route = *view.route_of(id);
  const auto parent = view.covering(id);
  json::object out{{"prefix", view.table().prefix_of(id).to_string()}, {"aspath", route.as_path}};
  if (route.next_hop) out["nexthop"] = route.next_hop->to_string();
  if (!route.origin.empty()) out["origin"] = route.origin;
  if (route.local_pref) out["localpref"] = *route.local_pref;
  if (route.med) out["med"] = *route.med;
  if (!route.communities.empty()) out["communities"] = route.communities;
  if (parent && view.table().length_of(*parent) >= query.min_length) {
    out["parentprefix"] = view.table().prefix_of(*parent).to_string();
  }
  return out;
}

json::array prefixes_json(const TableView& view, const telemetry::TopPrefixes& top,
                          const TopPrefixQuery& query) {
  json::array out;
  for (const telemetry::TopPrefix& prefix : top.prefixes) {
    json::object entry = route_json(view, prefix.route, query);
    entry["value"] = number_json(prefix.value);
    if (query.include_covered) {
      json::array children;
      for (const auto child : prefix.children) children.push_back(route_json(view, child, query));
      entry["children"] = std::move(children);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

// `pushed` is null where nothing can be announced to the router.
json::object answer(const Routers::Seen& seen, const speaker::NeighborView* pushed,
                    const TopPrefixQuery& query, telemetry::Time now) {
  const auto top = telemetry::top_prefixes(seen.table, *seen.rates, query, now);
  const auto started = std::chrono::duration_cast<std::chrono::milliseconds>(seen.info->start);
  return {{"as", seen.info->as},
          {"id", seen.info->id},
          {"state", seen.info->state},
          {"startTime", started.count()},
          {"direction", query.direction == Direction::kIngress ? "ingress" : "egress"},
          {"nPrefixes", seen.table.size(query.family)},
          {"learnedPrefixesAdded", seen.router->added},
          {"learnedPrefixesRemoved", seen.router->removed},
          {"pushedPrefixesAdded", pushed != nullptr ? pushed->routes_added : 0},
          {"pushedPrefixesRemoved", pushed != nullptr ? pushed->routes_removed : 0},
          {"valueTotal", number_json(top.total)},
          {"valueTopPrefixes", number_json(top.top)},
          {"valuePercentCoverage", number_json(top.total > 0 ? 100 * top.top / top.total : 0)},
          {"topPrefixes", prefixes_json(seen.table, top, query)}};
}

http::Response top_prefixes(const Call& call, net::Family family) {
  const auto query = query_of(call, family);
  if (!query) return http::problem(400, query.error().message);
  const auto address = net::IpAddress::parse(call.names[0]);
  const auto seen = address ? call.engine.routers().see(*address) : std::nullopt;
  if (!seen) return json_answer(json::object{});
  const auto pushed =
      call.sessions != nullptr ? call.sessions->speaker().view(*address) : std::nullopt;
  return json_answer(answer(*seen, pushed ? &*pushed : nullptr, *query, call.engine.now()));
}

http::Response top_prefixes4(const Call& call) {
  return top_prefixes(call, net::Family::kIpv4);
}

http::Response top_prefixes6(const Call& call) {
  return top_prefixes(call, net::Family::kIpv6);
}

json::array families_json(const speaker::NeighborView& neighbor) {
  json::array out;
  if (neighbor.families.ipv4) out.emplace_back("ipv4");
  if (neighbor.families.ipv6) out.emplace_back("ipv6");
  if (neighbor.flowspec.ipv4) out.emplace_back("flowspec");
  if (neighbor.flowspec.ipv6) out.emplace_back("flowspec6");
  return out;
}

json::object neighbor_json(const speaker::NeighborView& neighbor, const Routers& routers) {
  const Routers::Router* const router = routers.find(neighbor.options.address);
  const auto started =
      std::chrono::duration_cast<std::chrono::milliseconds>(neighbor.since.time_since_epoch());
  json::object out{{"address", neighbor.options.address.to_string()},
                   {"state", to_string(neighbor.state)},
                   {"localAs", neighbor.options.local_as.value},
                   {"sessions", neighbor.sessions},
                   {"updates", neighbor.updates_in},
                   {"pushedPrefixes", neighbor.routes},
                   {"pushedPrefixesAdded", neighbor.routes_added},
                   {"pushedPrefixesRemoved", neighbor.routes_removed},
                   {"pushedFlows", neighbor.flows}};
  if (!neighbor.trouble.empty()) out["lastError"] = neighbor.trouble;
  if (neighbor.state != speaker::NeighborState::kEstablished || router == nullptr) return out;
  out["as"] = router->info.as;
  out["id"] = router->info.id;
  out["startTime"] = started.count();
  out["families"] = families_json(neighbor);
  out["nPrefixes"] = router->table.size(net::Family::kIpv4);
  out["nPrefixes6"] = router->table.size(net::Family::kIpv6);
  return out;
}

http::Response neighbors(const Call& call) {
  json::array out;
  if (call.sessions != nullptr) {
    for (const speaker::NeighborView& neighbor : call.sessions->speaker().views()) {
      out.push_back(neighbor_json(neighbor, call.engine.routers()));
    }
  }
  return json_answer(out);
}

}  // namespace

std::span<const Route> bgp_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/bgp/topprefixes/{}/json", top_prefixes4},
      Route{http::Method::kGet, "/bgp/topprefixes6/{}/json", top_prefixes6},
      Route{http::Method::kGet, "/bgp/neighbors/json", neighbors},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
