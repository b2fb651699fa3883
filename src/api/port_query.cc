#include "api/port_query.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/time_text.h"
#include "exchange/policy_words.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

// Whose port it is.
json::object identity(const exchange::Exchange& exchange, net::PortNo port) {
  const exchange::Router* const router = exchange.find_router(port);
  json::object object;
  object["router"] = router == nullptr ? "route server" : router->name;
  if (router != nullptr) object["participant"] = exchange.owner(router->id).name;
  object["port"] = port.value;
  return object;
}

void add_counts(const fabric::PortCounts& counts, net::PortNo port, json::object& object) {
  const auto found = counts.find(port);
  if (found == counts.end()) return;
  object["in_packets"] = found->second.in.packets;
  object["in_octets"] = found->second.in.octets;
  object["out_packets"] = found->second.out.packets;
  object["out_octets"] = found->second.out.octets;
  object["discarded"] = found->second.discarded;
}

// Whether where packets come from is checked there; none: it need not be.
std::optional<std::string_view> source_check(const controller::Controller& controller,
                                             const exchange::Router& router) {
  const exchange::SourceCheck mode = router.sources.mode;
  if (mode == exchange::SourceCheck::kOff) return std::nullopt;
  const auto& all = controller.terms().shortfalls;
  const auto found = std::ranges::find(all, router.participant, &policy::Shortfall::owner);
  const bool is_short = found != all.end() && found->no_source_check;
  return is_short ? "not applied" : exchange::name_of(mode);
}

json::object port_object(const controller::Controller& controller, const exchange::Router& router) {
  json::object object = identity(controller.exchange(), router.port);
  object["standing"] = name_of(router.standing);
  object["in_force"] = controller.is_in_force(router.id);
  object["up"] = controller.is_port_up(router.port);
  if (const auto* order = controller.port_order(router.id)) {
    object["since"] = time_text(order->since);
    const bool is_lock = order->reason.starts_with(controller::Controller::kLockReason);
    object["closed_by"] = is_lock ? "mac-lock" : "operator";
    if (!order->reason.empty()) object["reason"] = order->reason;
  }
  if (const auto check = source_check(controller, router)) object["source_check"] = *check;
  std::uint64_t packets = 0;
  double rate = 0;
  for (const controller::DropReport& report : controller.drops()) {
    const bool passed = report.drop.reason == program::DropReason::kUnannouncedPassed;
    if (report.drop.port != router.port || passed) continue;
    packets += report.total.packets;
    rate += report.packets_per_second.value_or(0);
  }
  object["dropped"] = packets;
  object["drops_per_second"] = rate;
  add_counts(controller.fabric().port_counts(), router.port, object);
  return object;
}

}  // namespace

std::string_view name_of(exchange::Standing standing) {
  switch (standing) {
    case exchange::Standing::kOpen:
      return "open";
    case exchange::Standing::kQuarantined:
      return "quarantine";
    case exchange::Standing::kShutDown:
      return "shutdown";
  }
  return "unknown";
}

json::value show_ports(const Sources& sources) {
  const controller::Controller& controller = *sources.controller;
  json::array rows;
  for (const exchange::Router& router : controller.exchange().routers) {
    if (!router.present) continue;
    json::object object = port_object(controller, router);
    const auto attach = sources.attach_of ? sources.attach_of(router.port) : std::nullopt;
    if (attach) object["attach"] = exchange::name_of(attach->at);
    if (attach && !attach->refusal.empty()) object["attach_refused"] = attach->refusal;
    rows.push_back(std::move(object));
  }
  return rows;
}

Answer show_drops(const Sources& sources, const std::optional<std::string_view>& name) {
  const controller::Controller& controller = *sources.controller;
  const exchange::Exchange& exchange = controller.exchange();
  const auto* const participant = name ? exchange.find_participant(*name) : nullptr;
  const auto* const router = name ? exchange.find_router(*name) : nullptr;
  if (name && participant == nullptr && router == nullptr) {
    std::vector<std::string> names;
    for (const auto& each : exchange.participants) names.push_back(each.name);
    for (const auto& each : exchange.routers) names.push_back(each.name);
    return not_found(fmt::format("no router or participant is called '{}'{}", *name,
                                 did_you_mean(*name, names)));
  }
  json::array rows;
  for (const controller::DropReport& report : controller.drops()) {
    const exchange::Router* const here = exchange.find_router(report.drop.port);
    const bool wanted =
        !name ||
        (here != nullptr &&
         (here == router || (participant != nullptr && here->participant == participant->id)));
    if (!wanted) continue;
    json::object object = identity(exchange, report.drop.port);
    object["reason"] = program::name_of(report.drop.reason);
    object["text"] = program::describe(report.drop.reason);
    object["packets"] = report.total.packets;
    object["octets"] = report.total.octets;
    if (report.packets_per_second) object["packets_per_second"] = *report.packets_per_second;
    if (report.last_change) object["changed"] = time_text(*report.last_change);
    rows.push_back(std::move(object));
  }
  return json::value(std::move(rows));
}

}  // namespace fabrix::api
