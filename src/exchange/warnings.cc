#include "exchange/warnings.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

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

// For each block of addresses a switch has an entry for what bears a tag, and one for the rest.
void warn_of_sources(const Exchange& exchange, std::vector<std::string>& all) {
  if (exchange.fabric.type != FabricType::kOpenFlow) return;
  std::uint64_t ports = 0;
  std::uint64_t entries = 0;
  for (const Router& router : exchange.routers) {
    if (!router.is_reachable() || router.sources.mode == SourceCheck::kOff) continue;
    ++ports;
    entries += 2 * std::uint64_t{router.sources.max_prefixes};
  }
  if (ports == 0) return;
  all.push_back(fmt::format(
      "source_check: the switch needs room for up to {} flow entries in its first table, for {} {}"
      "; if it refuses them, where packets come from is not checked (max_prefixes bounds them)",
      entries, ports, ports == 1 ? "port" : "ports"));
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
  warn_of_sources(exchange, all);
  return all;
}

}  // namespace fabrix::exchange
