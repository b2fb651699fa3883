#include "analyzer/bgp_target.h"

#include <memory>
#include <utility>

namespace fabrix::analyzer {

BgpTarget::BgpTarget(speaker::Speaker& speaker, const net::IpAddress& router)
    : speaker_(speaker), router_(router) {
  auto attributes = std::make_shared<bgp::PathAttributes>();
  attributes->communities = {bgp::kNoAdvertise};
  attributes_ = std::move(attributes);
}

std::vector<RouteTarget::Refused> BgpTarget::change(
    std::span<const telemetry::RouteChange> changes) {
  std::vector<Refused> refused;
  for (const telemetry::RouteChange& change : changes) {
    const bool is_removal = change.kind == telemetry::RouteChange::Kind::kRemove;
    const auto done =
        is_removal ? Result<void>()
                   : speaker_.announce(router_, change.prefix, {change.next_hop, attributes_});
    if (!is_removal && done) {
      told_.insert_or_assign(change.prefix, change.next_hop);
      continue;
    }
    if (!done) refused.push_back({.prefix = change.prefix, .why = done.error().message});
    speaker_.withdraw(router_, change.prefix);
    told_.erase(change.prefix);
  }
  return refused;
}

Result<RouteTarget::There> BgpTarget::list() {
  // One that was added anew is told nothing of before.
  std::erase_if(
      told_, [&](const auto& each) { return speaker_.announced(router_, each.first) == nullptr; });
  return There(told_.begin(), told_.end());
}

}  // namespace fabrix::analyzer
