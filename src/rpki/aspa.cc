#include "rpki/aspa.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace fabrix::rpki {

bool is_sound(const Aspa& aspa) {
  const std::vector<net::Asn>& providers = aspa.providers;
  if (providers.empty() || providers.size() > kMaxProvidersOfOne) return false;
  const auto unordered = std::ranges::adjacent_find(providers, std::greater_equal<>());
  return unordered == providers.end() && (providers.size() == 1 || providers.front() != kAsZero);
}

Result<std::vector<Aspa>, AspaChange> apply_changes(std::vector<Aspa> base,
                                                    std::vector<AspaChange> changes) {
  std::ranges::stable_sort(changes, {},
                           [](const AspaChange& change) { return change.aspa.customer; });
  std::vector<Aspa> result;
  result.reserve(base.size() + changes.size());
  auto rest = base.begin();
  for (auto change = changes.begin(); change != changes.end();) {
    const net::Asn customer = change->aspa.customer;
    while (rest != base.end() && rest->customer < customer) result.push_back(std::move(*rest++));
    bool present = rest != base.end() && rest->customer == customer;
    Aspa now = present ? std::move(*rest++) : Aspa{};
    for (; change != changes.end() && change->aspa.customer == customer; ++change) {
      const bool wanted = change->kind == ChangeKind::kAnnounce;
      if (!wanted && !present) return fail(std::move(*change));
      present = wanted;
      now = std::move(change->aspa);
    }
    if (present) result.push_back(std::move(now));
  }
  std::move(rest, base.end(), std::back_inserter(result));
  return result;
}

}  // namespace fabrix::rpki
