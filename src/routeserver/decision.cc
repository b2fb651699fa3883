#include "routeserver/decision.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fabrix::routeserver {
namespace {

bool better_without_med(const Contender& a, const Contender& b) {
  return std::tuple(a.preference.before_med, a.tie) < std::tuple(b.preference.before_med, b.tie);
}

// Step 3: a route is out when another of the same neighbouring AS, equal until here, has a lower
// MED.
bool loses_by_med(const Contender& route, std::span<const Contender> rivals) {
  return std::ranges::any_of(rivals, [&](const Contender& rival) {
    return rival.preference.neighbor == route.preference.neighbor &&
           rival.preference.med < route.preference.med;
  });
}

bool med_matters(std::span<const Contender> equals) {
  return std::ranges::any_of(equals,
                             [&](const Contender& each) { return loses_by_med(each, equals); });
}

// `equals` are in order of their ties and equal in what is compared before MED.
void rank_by_med(std::span<Contender> equals) {
  for (; equals.size() > 1; equals = equals.subspan(1)) {
    // The route of the lowest MED never loses, so there is one.
    const auto best = std::ranges::find_if(
        equals, [&](const Contender& each) { return !loses_by_med(each, equals); });
    std::rotate(equals.begin(), best, best + 1);
  }
}

}  // namespace

Preference preference_of(const bgp::PathAttributes& attributes, Standing standing) {
  const auto origin = static_cast<std::uint64_t>(attributes.origin);
  const auto first = attributes.as_path.first();
  return {.before_med = static_cast<std::uint64_t>(standing) << 40U |
                        std::uint64_t{attributes.as_path.length()} << 8U | origin,
          .med = attributes.med.value_or(0),
          .neighbor = first ? first->value : 0};
}

OrderDepends rank(std::vector<Contender>& routes) {
  std::ranges::sort(routes, better_without_med);
  OrderDepends depends = OrderDepends::kOnEach;
  for (auto begin = routes.begin(); begin != routes.end();) {
    const auto end = std::find_if(begin, routes.end(), [&](const Contender& each) {
      return each.preference.before_med != begin->preference.before_med;
    });
    const std::span<Contender> equals(begin, end);
    if (equals.size() > 1 && med_matters(equals)) {
      rank_by_med(equals);
      depends = OrderDepends::kOnSet;
    }
    begin = end;
  }
  return depends;
}

}  // namespace fabrix::routeserver
