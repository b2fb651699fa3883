#include "routeserver/decision.h"

#include <algorithm>
#include <tuple>

namespace fabrix::routeserver {
namespace {

std::uint32_t med_of(const Route& route) {
  return route.attributes->med.value_or(0);
}

// RFC 4271 §9.1.2.2 a) and b): what is compared before MED.
auto before_med(const Route& route) {
  return std::tuple(route.attributes->as_path.length(), route.attributes->origin);
}

// f) and g): what is compared after MED. A session's address is unique.
auto after_med(const Route& route) {
  return std::tuple(route.bgp_identifier, route.peer_address);
}

bool better_without_med(const Route* a, const Route* b) {
  return std::tuple(before_med(*a), after_med(*a)) < std::tuple(before_med(*b), after_med(*b));
}

// c): a route is out when another of the same neighbouring AS, equal until here, has a lower MED.
bool loses_by_med(const Route& route, const std::vector<const Route*>& rivals) {
  return std::ranges::any_of(rivals, [&](const Route* rival) {
    return before_med(*rival) == before_med(route) && med_of(*rival) < med_of(route) &&
           rival->attributes->as_path.first() == route.attributes->as_path.first();
  });
}

std::size_t index_of_best(const std::vector<const Route*>& routes) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (loses_by_med(*routes[i], routes)) continue;
    if (!best || better_without_med(routes[i], routes[*best])) best = i;
  }
  return *best;  // The route of the lowest MED never loses.
}

}  // namespace

void rank(std::vector<const Route*>& routes) {
  const bool plain =
      std::ranges::all_of(routes, [](const Route* route) { return med_of(*route) == 0; });
  if (plain) {
    std::ranges::sort(routes, better_without_med);
    return;
  }
  std::vector<const Route*> ranked;
  ranked.reserve(routes.size());
  while (!routes.empty()) {
    const auto best = routes.begin() + static_cast<std::ptrdiff_t>(index_of_best(routes));
    ranked.push_back(*best);
    routes.erase(best);
  }
  routes = std::move(ranked);
}

}  // namespace fabrix::routeserver
