#include "api/route_queries.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/find.h"
#include "api/route_json.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using routeserver::PeerId;
using routeserver::Route;

// Who are meant by "from"; empty: everybody.
using Announcers = std::vector<PeerId>;

bool is_of(const Announcers& from, const Route& route) {
  return from.empty() || std::ranges::find(from, route.peer) != from.end();
}

bool has_route(const routeserver::RouteServer& server, const net::Prefix& prefix,
               const Announcers& from) {
  return std::ranges::any_of(server.all_routes(prefix),
                             [&](const Route& route) { return is_of(from, route); });
}

// The longest prefix with a route that is at most `length` long and covers `address`.
std::optional<net::Prefix> longest_match(const routeserver::RouteServer& server,
                                         const net::IpAddress& address, unsigned length,
                                         const Announcers& from) {
  for (int bits = static_cast<int>(length); bits >= 0; --bits) {
    const auto prefix = net::Prefix::containing(address, static_cast<unsigned>(bits)).value();
    if (has_route(server, prefix, from)) return prefix;
  }
  return std::nullopt;
}

tl::unexpected<Refusal> no_destination(std::string_view text) {
  return bad_request(fmt::format("'{}' is neither a prefix nor an address", text));
}

// The prefix somebody asks for: itself, or the longest that covers the address.
Result<net::Prefix, Refusal> destination(const routeserver::RouteServer& server,
                                         const RouteQuestion& question, const Announcers& from) {
  const std::string by = question.from ? fmt::format(" of {}", *question.from) : "";
  if (const auto prefix = net::Prefix::parse(question.destination)) {
    if (has_route(server, *prefix, from)) return *prefix;
    const auto around = longest_match(server, prefix->address(), prefix->length(), from);
    const std::string hint = around ? fmt::format("; {} covers it", around->to_string()) : "";
    return not_found(fmt::format("no route{} to {}{}", by, prefix->to_string(), hint));
  }
  const auto address = net::IpAddress::parse(question.destination);
  if (!address) return no_destination(question.destination);
  if (const auto found = longest_match(server, *address, net::width_of(address->family()), from)) {
    return *found;
  }
  return not_found(fmt::format("no route{} covers {}", by, address->to_string()));
}

json::object advantage_json(const routeserver::Advantage& advantage) {
  return {{"step", routeserver::name_of(advantage.step)}, {"text", advantage.text}};
}

std::string exclusion_text(const controller::Controller& controller, net::ParticipantId client,
                           const Route& route, routeserver::Exclusion exclusion) {
  std::string text(describe(exclusion));
  if (exclusion == routeserver::Exclusion::kRejected && route.rejected) {
    text += fmt::format(": {}", describe(*route.rejected));
  }
  if (exclusion != routeserver::Exclusion::kCommunity) return text;
  const auto community = controller.route_server().keeping(client, route);
  if (!community) return text;
  return fmt::format("kept from it by the community {}",
                     std::visit([](const auto& each) { return to_text(each); }, *community));
}

// For whom the route is best, and why others do not have it.
void add_clients(const controller::Controller& controller, const net::Prefix& prefix,
                 const Route& route, json::object& object) {
  std::string best_for;
  json::object refused;
  for (const exchange::Participant& client : controller.exchange().participants) {
    if (client.id == route.participant || !client.present) continue;
    const auto usable = controller.route_server().candidates(client.id, prefix);
    if (!usable.empty() && usable.front().peer == route.peer) {
      best_for += (best_for.empty() ? "" : " ") + client.name;
    }
    if (const auto reason = controller.route_server().why_not(client.id, route)) {
      refused[client.name] = exclusion_text(controller, client.id, route, *reason);
    }
  }
  object["best_for"] = best_for;
  if (!refused.empty()) object["not_for"] = std::move(refused);
}

json::array additions(const routeserver::Treatment& treatment) {
  json::array added;
  if (treatment.no_export) added.emplace_back("no-export");
  if (treatment.no_advertise) added.emplace_back("no-advertise");
  if (treatment.only_to_customer) added.emplace_back("only-to-customer");
  return added;
}

// Of a route that is not for the client.
json::object kept_json(const controller::Controller& controller, net::ParticipantId client,
                       const Route& route, routeserver::Exclusion exclusion) {
  json::object kept{{"verdict", "kept"},
                    {"reason", exclusion_text(controller, client, route, exclusion)}};
  const auto community = controller.route_server().keeping(client, route);
  if (exclusion == routeserver::Exclusion::kCommunity && community) {
    kept["community"] = std::visit([](const auto& each) { return to_text(each); }, *community);
  }
  return kept;
}

// What becomes of a route on its way to `client`, whose usable routes are `usable`, best first.
json::object export_json(const controller::Controller& controller, net::ParticipantId client,
                         const Route& route, const std::vector<Route>& usable) {
  const auto& server = controller.route_server();
  if (const auto exclusion = server.why_not(client, route)) {
    return kept_json(controller, client, route, *exclusion);
  }
  const auto place = std::ranges::find(usable, route.peer, &Route::peer);
  const bool is_best = place == usable.begin();
  json::object object{{"verdict", is_best ? "best" : "usable"}};
  if (!is_best && place != usable.end()) {
    const Route& before = *std::prev(place);
    object["reason"] =
        fmt::format("{} goes before it: {}", controller.exchange().router(before.router).name,
                    server.advantage(before, route).text);
  }
  const auto treatment = server.treatment(client, route);
  if (!treatment) return object;
  if (treatment->prepends > 0) object["prepends"] = treatment->prepends;
  if (auto added = additions(*treatment); !added.empty()) object["adds"] = std::move(added);
  return object;
}

// What the sessions of `client` were told. The next hop is virtual where it is not the best
// route's.
json::object told_json(const controller::Controller& controller, net::ParticipantId client,
                       const net::Prefix& prefix, const std::vector<Route>& usable) {
  const auto& server = controller.route_server();
  json::array told;
  for (const routeserver::Peer& peer : server.peers()) {
    if (peer.participant != client) continue;
    const auto heard = server.told(peer.id, prefix);
    if (!heard) continue;
    const bool is_real = usable.empty() || heard->next_hop == usable.front().path->told_next_hop;
    json::object object{{"router", controller.exchange().router(peer.router).name},
                        {"address", peer.address.to_string()},
                        {"next_hop", heard->next_hop.to_string()},
                        {"virtual", !is_real}};
    add_attributes(heard->attributes, object);
    told.push_back(std::move(object));
  }
  return {{"participant", controller.exchange().participant(client).name},
          {"told", std::move(told)}};
}

// The routes of a prefix, and why each accepted one is before the next.
json::array path_rows(const controller::Controller& controller, const net::Prefix& prefix,
                      const std::vector<Route>& routes) {
  json::array rows;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    json::object row = route_json(controller, prefix, routes[i]);
    row["best"] = i == 0 && !routes[i].rejected;
    const bool has_next = i + 1 < routes.size() && !routes[i + 1].rejected;
    if (has_next) {
      row["before_next"] =
          advantage_json(controller.route_server().advantage(routes[i], routes[i + 1]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

json::value route_page(const Sources& sources, std::uint32_t cursor, const AddRows& add) {
  auto prefixes = sources.controller->route_server().prefixes_from(cursor, kPlacesAtOnce);
  std::ranges::sort(prefixes);
  json::array rows;
  for (const net::Prefix& prefix : prefixes) add(prefix, rows);
  json::object page{{"rows", std::move(rows)}};
  if (cursor != 0) page["next"] = cursor;
  return page;
}

json::value show_table(const Sources& sources, std::uint32_t cursor) {
  const auto& controller = *sources.controller;
  return route_page(sources, cursor, [&](const net::Prefix& prefix, json::array& rows) {
    for (auto& row : path_rows(controller, prefix, controller.route_server().all_routes(prefix))) {
      rows.push_back(std::move(row));
    }
  });
}

Answer show_routes(const Sources& sources, std::optional<std::string_view> for_what) {
  const auto& controller = *sources.controller;
  const auto& server = controller.route_server();
  if (!for_what) {
    if (server.prefix_count() > kPlacesAtOnce) {
      return bad_request("the table is too long for one answer; read it by pages (\"cursor\")");
    }
    return show_table(sources, 0).at("rows");
  }
  const auto prefix = destination(server, {.destination = *for_what}, {});
  if (!prefix) {
    if (prefix.error().kind == RefusalKind::kNotFound) return json::value(json::array{});
    return fail(prefix.error());
  }
  json::array rows;
  for (const Route& route : server.all_routes(*prefix)) {
    json::object row = route_json(controller, *prefix, route);
    add_clients(controller, *prefix, route, row);
    rows.push_back(std::move(row));
  }
  return json::value(std::move(rows));
}

Answer show_route(const Sources& sources, const RouteQuestion& question) {
  const auto& controller = *sources.controller;
  const auto& server = controller.route_server();
  Announcers from;
  if (question.from) {
    FABRIX_TRY(from, find_neighbors(controller, *question.from));
  }
  std::optional<net::ParticipantId> to;
  if (question.to) {
    FABRIX_TRY(to, find_participant(controller, *question.to));
  }
  FABRIX_TRY(const net::Prefix prefix, destination(server, question, from));
  const auto routes = server.all_routes(prefix);
  const auto usable = to ? server.candidates(*to, prefix) : std::vector<Route>{};
  json::array all = path_rows(controller, prefix, routes);
  json::array paths;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (!is_of(from, routes[i])) continue;
    json::object& row = all[i].get_object();
    if (to) {
      row["export"] = export_json(controller, *to, routes[i], usable);
    } else {
      add_clients(controller, prefix, routes[i], row);
    }
    paths.push_back(std::move(row));
  }
  json::object answer{{"prefix", prefix.to_string()}, {"paths", std::move(paths)}};
  if (to) answer["to"] = told_json(controller, *to, prefix, usable);
  return json::value(std::move(answer));
}

}  // namespace fabrix::api
