#include "telemetry/routers.h"

#include <utility>

#include "telemetry/routing_attribute.h"

namespace fabrix::telemetry {

bool Routers::add_router(const net::IpAddress& router, const RouterInfo& info,
                         std::chrono::duration<double> smoothing, RouteValue value) {
  if (!routers_.contains(router) && routers_.size() == kMaxRouters) return false;
  routers_.erase(router);
  Router& added = routers_[router];
  added.info = info;
  added.rates = RouteRates(smoothing);
  added.value = value;
  return true;
}

bool Routers::remove_router(const net::IpAddress& router) {
  return routers_.erase(router) != 0;
}

const Routers::Router* Routers::find(const net::IpAddress& router) const {
  const auto found = routers_.find(router);
  return found != routers_.end() ? &found->second : nullptr;
}

bool Routers::set_route(const net::IpAddress& router, const net::Prefix& prefix,
                        RouteInfoPtr route) {
  const auto found = routers_.find(router);
  if (found == routers_.end()) return false;
  Router& of = found->second;
  const auto before = of.table.find(prefix);
  if (route != nullptr) {
    if (!of.table.insert(prefix, std::move(route))) return false;
    if (!before) ++of.added;
  } else if (before) {
    of.rates.forget(*before);
    of.table.erase(prefix);
    ++of.removed;
  }
  return true;
}

bool Routers::bind(const net::IpAddress& agent, const net::IpAddress& router) {
  if (!bindings_.contains(agent) && bindings_.size() == kMaxBindings) return false;
  bindings_.insert_or_assign(agent, router);
  return true;
}

// Null: it is nobody's.
const Routers::Router* Routers::of(const Sample& sample) const {
  const auto bound = bindings_.find(sample.agent);
  return bound != bindings_.end() ? find(bound->second) : nullptr;
}

void Routers::add(const Sample& sample, Time now) {
  const auto bound = bindings_.find(sample.agent);
  if (bound == bindings_.end()) return;
  const auto found = routers_.find(bound->second);
  if (found == routers_.end()) return;
  Router& router = found->second;
  const double frames = sample.sampling_rate;
  const double amount =
      router.value == RouteValue::kFrames ? frames : frames * sample.packet->frame_length();
  const auto count = [&](Side side, Direction direction) {
    const auto address = address_of(sample, side);
    const auto route = address ? router.table.match_id(*address) : std::nullopt;
    if (route) router.rates.add(*route, direction, amount, now);
  };
  count(Side::kDestination, Direction::kEgress);
  count(Side::kSource, Direction::kIngress);
}

std::optional<RouteMatch> Routers::to_destination(const Sample& sample,
                                                  const net::IpAddress& address) const {
  const Router* const router = of(sample);
  return router != nullptr ? router->table.match(address) : std::nullopt;
}

std::optional<RouteMatch> Routers::to_source(const Sample& sample,
                                             const net::IpAddress& address) const {
  return to_destination(sample, address);
}

std::uint32_t Routers::own_as(const Sample& sample) const {
  const Router* const router = of(sample);
  return router != nullptr ? router->info.as : 0;
}

}  // namespace fabrix::telemetry
