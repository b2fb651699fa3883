#include "api/counter_query.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/time_text.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

json::object to_object(const controller::QueryReport& report, const exchange::Exchange& exchange) {
  const bool sent = report.direction == policy::Direction::kOutbound;
  json::object object{{"participant", exchange.participant(report.owner).name},
                      {"direction", sent ? "outbound" : "inbound"},
                      {"query", report.label},
                      {"packets", report.total.packets},
                      {"octets", report.total.octets},
                      {"interval", std::chrono::duration<double>(report.interval).count()}};
  if (report.packets_per_second) object["packets_per_second"] = *report.packets_per_second;
  if (report.octets_per_second) object["octets_per_second"] = *report.octets_per_second;
  if (report.last_change) object["changed"] = time_text(*report.last_change);
  return object;
}

}  // namespace

Answer show_counters(const Sources& sources, const std::optional<std::string_view>& participant) {
  const exchange::Exchange& exchange = sources.controller->exchange();
  const exchange::Participant* only = nullptr;
  if (participant) {
    only = exchange.find_participant(*participant);
    std::vector<std::string> names;
    for (const exchange::Participant& each : exchange.participants) names.push_back(each.name);
    if (only == nullptr) {
      return not_found(fmt::format("no participant is called '{}'{}", *participant,
                                   did_you_mean(*participant, names)));
    }
  }
  json::array rows;
  for (const controller::QueryReport& report : sources.controller->queries()) {
    if (only == nullptr || report.owner == only->id) rows.push_back(to_object(report, exchange));
  }
  return json::value(std::move(rows));
}

}  // namespace fabrix::api
