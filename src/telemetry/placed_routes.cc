#include "telemetry/placed_routes.h"

#include <utility>

namespace fabrix::telemetry {

std::uint32_t& PlacedRoutes::at(std::vector<std::uint32_t>& list, std::uint32_t index) {
  if (index >= list.size()) list.resize(index + 1, kNone);
  return list[index];
}

// What was at the place goes, unless it has been told to be at another one since.
void PlacedRoutes::leave(Routers& routers, std::uint32_t place) {
  const std::uint32_t route = std::exchange(at(routes_, place), kNone);
  if (route == kNone || at(places_, route) != place) return;
  at(places_, route) = kNone;
  const net::Prefix prefix = routers.find(router_)->table.prefix_of(route);
  routers.set_routes(router_, prefix, nullptr);
}

void PlacedRoutes::apply(Routers& routers, std::span<const PlacedRoute> changes) {
  if (routers.find(router_) == nullptr) return;
  for (const PlacedRoute& change : changes) {
    const RouteTable& table = routers.find(router_)->table;
    const std::uint32_t before = at(routes_, change.place);
    const bool same = before != kNone && at(places_, before) == change.place &&
                      change.set != nullptr && table.prefix_of(before) == change.prefix;
    if (!same) leave(routers, change.place);
    if (change.set == nullptr || !routers.set_routes(router_, change.prefix, change.set)) continue;
    const std::uint32_t route = table.find(change.prefix).value();
    at(routes_, change.place) = route;
    at(places_, route) = change.place;
  }
}

}  // namespace fabrix::telemetry
