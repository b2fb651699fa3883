#include "verify/world.h"

#include <algorithm>

namespace fabrix::verify {

std::optional<net::RouterId> port_for(const World& world, net::RouterId router) {
  const auto& ports = world.exchange->owner(router).routers;
  const auto own = std::ranges::find(ports, router) - ports.begin();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const net::RouterId candidate = ports[(static_cast<std::size_t>(own) + i) % ports.size()];
    if (world.port_up[candidate.index()]) return candidate;
  }
  return std::nullopt;
}

std::optional<net::RouterId> route_to(const World& world, const policy::Target& target,
                                      const exchange::Routes& routes) {
  const auto found = std::ranges::find_if(routes, [&](net::RouterId router) {
    return target.router ? router == *target.router
                         : world.exchange->router(router).participant == target.participant;
  });
  return found == routes.end() ? std::nullopt : std::optional(*found);
}

bool changes_destination(const policy::Clause& clause) {
  return std::ranges::any_of(clause.writes, [](const policy::Write& each) {
    return each.field == net::Field::kDstIp4 || each.field == net::Field::kDstIp6High ||
           each.field == net::Field::kDstIp6Low;
  });
}

}  // namespace fabrix::verify
