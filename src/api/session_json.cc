#include "api/session_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>

#include "bgp/notification_message.h"
#include "exchange/policy_words.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using net::Family;
using TimePoint = std::chrono::steady_clock::time_point;

std::string_view name_of(Family family) {
  return family == Family::kIpv4 ? "ipv4" : "ipv6";
}

// RFC 9234 §4.1.
std::string name_of(bgp::Role role) {
  switch (role) {
    case bgp::Role::kProvider:
      return "Provider";
    case bgp::Role::kRouteServer:
      return "RS";
    case bgp::Role::kRouteServerClient:
      return "RS-Client";
    case bgp::Role::kCustomer:
      return "Customer";
    case bgp::Role::kPeer:
      return "Peer";
  }
  return std::to_string(static_cast<int>(role));
}

json::array names(bgp::FamilySet families) {
  json::array all;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (families.contains(family)) all.emplace_back(name_of(family));
  }
  return all;
}

// Seconds until then, 0 if that is past; none: never.
std::optional<std::int64_t> seconds_until(const std::optional<TimePoint>& then, TimePoint now) {
  if (!then) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(*then - now);
  return std::max<std::int64_t>(left.count(), 0);
}

json::object negotiated_json(const bgp::Negotiated& negotiated) {
  json::object object{{"families", names(negotiated.families)},
                      {"hold_time", negotiated.hold_time.count()},
                      {"four_octet_asn", negotiated.asn_width == bgp::AsnWidth::kFourOctets},
                      {"route_refresh", negotiated.route_refresh},
                      {"enhanced_refresh", negotiated.enhanced_refresh},
                      {"extended_messages", negotiated.extended_messages},
                      {"extended_next_hop", negotiated.extended_next_hop},
                      {"add_path", names(negotiated.add_path)},
                      {"flowspec", names(negotiated.flowspec)}};
  if (const auto& restart = negotiated.graceful_restart) {
    object["graceful_restart"] = json::object{{"restart_time", restart->restart_time.count()},
                                              {"families", names(restart->families)},
                                              {"forwarding_kept", names(restart->forwarding_kept)},
                                              {"notification", restart->notification}};
  }
  if (!negotiated.long_lived.empty()) {
    json::object& long_lived = object["long_lived"].emplace_object();
    for (const bgp::LongLivedFamily& family : negotiated.long_lived) {
      long_lived[name_of(family.family)] = family.stale_time.count();
    }
  }
  if (negotiated.peer_role) object["peer_role"] = name_of(*negotiated.peer_role);
  return object;
}

}  // namespace

void add_session(const controller::SessionView& view, TimePoint now, json::object& object) {
  if (view.negotiated) object["negotiated"] = negotiated_json(*view.negotiated);
  object["messages"] = json::object{{"in", view.counters.messages_in},
                                    {"updates_in", view.counters.updates_in},
                                    {"keepalives_in", view.counters.keepalives_in},
                                    {"keepalives_out", view.counters.keepalives_out}};
  object["sessions"] = json::object{{"established", view.established_count},
                                    {"connections", view.connections},
                                    {"refused", view.refused}};
  if (view.last_sent) object["last_sent"] = describe(*view.last_sent);
  if (view.last_received) object["last_received"] = describe(*view.last_received);
  if (view.bar != controller::Bar::kNone) {
    json::object barred{{"why", controller::to_string(view.bar)}};
    if (const auto left = seconds_until(view.barred_until, now)) barred["seconds"] = *left;
    object["barred"] = std::move(barred);
  }
  object["dialling"] = exchange::name_of(view.dialling);
  if (const auto left = seconds_until(view.next_dial, now)) object["next_dial_seconds"] = *left;
}

void add_family(const controller::FamilyView& view, TimePoint now, json::object& object) {
  if (view.retention != controller::RouteRetention::Phase::kNone) {
    json::object stale{{"phase", controller::to_string(view.retention)}};
    if (const auto left = seconds_until(view.retained_until, now)) stale["seconds"] = *left;
    object["stale"] = std::move(stale);
  }
  if (view.limit == controller::LimitState::kNear) object["limit_state"] = "near";
  if (view.limit == controller::LimitState::kPassed) object["limit_state"] = "passed";
}

}  // namespace fabrix::api
