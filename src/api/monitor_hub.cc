#include "api/monitor_hub.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/bad_updates.h"
#include "api/find.h"
#include "api/neighbor_queries.h"
#include "api/route_json.h"
#include "api/time_text.h"
#include "routeserver/reject_reason.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using monitoring::PeerKey;
using monitoring::Timestamp;
using routeserver::PeerId;

struct ReasonText {
  std::string operator()(const monitoring::LocalNotification& reason) const {
    return "we sent " + describe(reason.notification);
  }
  std::string operator()(const monitoring::RemoteNotification& reason) const {
    return "it sent " + describe(reason.notification);
  }
  std::string operator()(const monitoring::LocalEvent& /*reason*/) const { return "we closed it"; }
  std::string operator()(const monitoring::RemoteClosed& /*reason*/) const {
    return "the connection ended without a word";
  }
  std::string operator()(const monitoring::PeerDeconfigured& /*reason*/) const {
    return "it is no longer configured";
  }
};

bool wants(const MonitorFilter& filter, MonitorTopic topic, PeerId peer) {
  if (filter.topic != MonitorTopic::kAll && filter.topic != topic) return false;
  return filter.neighbors.empty() ||
         std::ranges::find(filter.neighbors, peer) != filter.neighbors.end();
}

PeerId peer_of(PeerKey key) {
  return PeerId{static_cast<decltype(PeerId::value)>(key.value)};
}

std::string_view name_of(monitoring::RouteState state) {
  return state == monitoring::RouteState::kAccepted ? "accepted" : "filtered";
}

json::array texts_of(std::span<const net::Prefix> prefixes) {
  json::array texts;
  texts.reserve(prefixes.size());
  for (const net::Prefix& prefix : prefixes) texts.emplace_back(prefix.to_string());
  return texts;
}

}  // namespace

Result<MonitorFilter, Refusal> monitor_filter(const controller::Controller& controller,
                                              const json::object& request) {
  MonitorFilter filter;
  const auto topic = text_of(request, "topic").value_or("all");
  if (topic == "routes") {
    filter.topic = MonitorTopic::kRoutes;
  } else if (topic == "sessions") {
    filter.topic = MonitorTopic::kSessions;
  } else if (topic != "all") {
    return bad_request(
        fmt::format("nothing is called '{}' to monitor: write routes, sessions or all", topic));
  }
  const json::value* const neighbors = request.if_contains("neighbors");
  if (neighbors == nullptr || !neighbors->is_array()) return filter;
  for (const json::value& each : neighbors->get_array()) {
    if (!each.is_string()) return bad_request("a neighbor is a text");
    FABRIX_TRY(const auto found, find_neighbors(controller, each.get_string()));
    filter.neighbors.insert(filter.neighbors.end(), found.begin(), found.end());
  }
  return filter;
}

MonitorHub::Subscription::Subscription(Subscription&& other) noexcept
    : hub_(std::exchange(other.hub_, nullptr)), listener_(other.listener_) {}

MonitorHub::Subscription::~Subscription() {
  if (hub_ == nullptr) return;
  hub_->listeners_.erase(listener_);
  if (hub_->listeners_.empty() && hub_->source_.end) hub_->source_.end(*hub_);
}

void MonitorHub::Subscription::resume() {
  if (listener_->outlet->has_room()) tell_lost(*listener_);
}

MonitorHub::MonitorHub(const controller::Controller& controller)
    : MonitorHub(controller, Source{}) {}

MonitorHub::MonitorHub(const controller::Controller& controller, Source source)
    : controller_(&controller), source_(std::move(source)) {}

MonitorHub::Subscription MonitorHub::subscribe(MonitorFilter filter, Outlet& outlet) {
  if (listeners_.empty() && source_.begin) source_.begin(*this);
  const auto listener =
      listeners_.insert(listeners_.end(), {.filter = std::move(filter), .outlet = &outlet});
  return {*this, listener};
}

void MonitorHub::peer_up(const monitoring::PeerSession& session) {
  const PeerId peer = peer_of(session.key);
  const auto listeners = with_room({.topic = MonitorTopic::kSessions, .peer = peer});
  if (!listeners.empty()) say(listeners, event("session-up", peer, session.since));
}

void MonitorHub::peer_down(PeerKey key, const monitoring::DownReason& reason, Timestamp time) {
  const PeerId peer = peer_of(key);
  const auto listeners = with_room({.topic = MonitorTopic::kSessions, .peer = peer});
  if (listeners.empty()) return;
  auto object = event("session-down", peer, time);
  object["reason"] = std::visit(ReasonText{}, reason);
  say(listeners, object);
}

void MonitorHub::routes_changed(const monitoring::RouteChange& change) {
  tell_routes("update", change);
}

void MonitorHub::routes_judged(const monitoring::RouteChange& change) {
  tell_routes("verdict", change);
}

void MonitorHub::end_of_rib(PeerKey key, net::Family family, Timestamp time) {
  const PeerId peer = peer_of(key);
  const auto listeners = with_room({.topic = MonitorTopic::kRoutes, .peer = peer});
  if (listeners.empty()) return;
  auto object = event("end-of-rib", peer, time);
  object["family"] = family == net::Family::kIpv4 ? "ipv4" : "ipv6";
  say(listeners, object);
}

void MonitorHub::statistics(PeerKey /*peer*/, std::span<const monitoring::Statistic> /*values*/,
                            Timestamp /*time*/) {}

void MonitorHub::bad_update(PeerId peer, const bgp::BadUpdate& update) {
  const auto listeners = with_room({.topic = MonitorTopic::kRoutes, .peer = peer});
  if (listeners.empty()) return;
  auto object = event("malformed-update", peer, std::chrono::system_clock::now());
  object["reaction"] = bgp::name_of(update.reaction);
  object["faults"] = describe(update.faults);
  object["octets"] = update.message.size();
  say(listeners, object);
}

void MonitorHub::tell_routes(std::string_view name, const monitoring::RouteChange& change) {
  const PeerId peer = peer_of(change.peer);
  const auto listeners =
      with_room({.topic = MonitorTopic::kRoutes, .peer = peer, .weight = change.prefixes.size()});
  if (listeners.empty()) return;
  auto object = event(name, peer, change.time);
  object["verdict"] = change.now ? name_of(change.now->state) : "withdrawn";
  if (change.before) object["before"] = name_of(*change.before);
  if (change.now) {
    object["next_hop"] = change.now->next_hop.to_string();
    add_attributes(*change.now->attributes, object);
  }
  const bool filtered = change.now && change.now->state == monitoring::RouteState::kFiltered;
  if (filtered) return tell_filtered(listeners, std::move(object), change);
  object["prefixes"] = texts_of(change.prefixes);
  say(listeners, object);
}

// Prefixes of one change may have different reasons: an event for each.
void MonitorHub::tell_filtered(const Listeners& listeners, json::object event,
                               const monitoring::RouteChange& change) const {
  std::map<std::optional<routeserver::RejectReason>, std::vector<net::Prefix>> by_reason;
  for (const net::Prefix& prefix : change.prefixes) {
    const auto route = controller_->route_server().route_of(peer_of(change.peer), prefix);
    by_reason[route ? route->rejected : std::nullopt].push_back(prefix);
  }
  for (const auto& [reason, prefixes] : by_reason) {
    if (reason) {
      event["reason"] = describe(*reason);
      event["reason_code"] = routeserver::name_of(*reason);
    }
    event["prefixes"] = texts_of(prefixes);
    say(listeners, event);
  }
}

// The listeners that are to hear of it; those without room have lost it.
MonitorHub::Listeners MonitorHub::with_room(const Address& address) {
  Listeners found;
  for (Listener& listener : listeners_) {
    if (!wants(listener.filter, address.topic, address.peer)) continue;
    if (listener.outlet->has_room()) {
      found.push_back(&listener);
    } else {
      listener.lost += address.weight;
    }
  }
  return found;
}

void MonitorHub::say(const Listeners& listeners, const json::object& event) {
  const std::string line = json::serialize(event) + "\n";
  for (Listener* const listener : listeners) {
    tell_lost(*listener);
    listener->outlet->say(line);
  }
}

void MonitorHub::tell_lost(Listener& listener) {
  const auto lost = std::exchange(listener.lost, 0);
  if (lost == 0) return;
  const json::object event{
      {"event", "lost"}, {"time", time_text(std::chrono::system_clock::now())}, {"count", lost}};
  listener.outlet->say(json::serialize(event) + "\n");
}

json::object MonitorHub::event(std::string_view name, PeerId peer,
                               std::chrono::system_clock::time_point time) const {
  json::object object{{"event", name}, {"time", time_text(time)}};
  for (auto& [key, value] : neighbor_identity(*controller_, peer)) object[key] = value;
  return object;
}

}  // namespace fabrix::api
