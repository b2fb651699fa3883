#include "exchange/warnings.h"

#include <algorithm>

namespace fabrix::exchange {
namespace {

void warn_of_sflow(const Exchange& exchange, std::vector<std::string>& all) {
  const bool is_used = !exchange.sflow.collectors.empty();
  if (is_used && exchange.fabric.type == FabricType::kOpenFlow) {
    all.emplace_back(
        "sflow: an OpenFlow switch sends no samples through fabrixd: have it send them to the "
        "collectors itself (docs/monitoring.md, sFlow)");
  }
  const bool has_rates = std::ranges::any_of(
      exchange.routers, [](const Router& router) { return router.sflow_rate.has_value(); });
  if (has_rates && !is_used) {
    all.emplace_back(
        "sflow_rate has no effect but on telemetry: exchange.sflow names no collectors");
  }
}

}  // namespace

std::vector<std::string> warnings(const Exchange& exchange) {
  std::vector<std::string> all;
  if (exchange.route_server.preset == PolicyPreset::kNone) {
    all.emplace_back(
        "no policy is chosen, so no member's routes are accepted and none are told to anybody (RFC "
        "8212): write policy: minimal, ixp or strict under exchange.route_server");
  }
  warn_of_sflow(exchange, all);
  return all;
}

}  // namespace fabrix::exchange
