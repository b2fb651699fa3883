#include "rpki/vrp_changes.h"

#include <algorithm>
#include <iterator>

namespace fabrix::rpki {

Result<std::vector<Vrp>, VrpChange> apply_changes(const std::vector<Vrp>& base,
                                                  std::vector<VrpChange> changes) {
  std::ranges::stable_sort(changes, {}, &VrpChange::vrp);
  std::vector<Vrp> result;
  result.reserve(base.size() + changes.size());
  auto rest = base.begin();
  for (auto change = changes.begin(); change != changes.end();) {
    const Vrp& vrp = change->vrp;
    while (rest != base.end() && *rest < vrp) result.push_back(*rest++);
    bool present = rest != base.end() && *rest == vrp;
    if (present) ++rest;
    for (; change != changes.end() && change->vrp == vrp; ++change) {
      const bool wanted = change->kind == ChangeKind::kAnnounce;
      if (wanted == present) return fail(*change);
      present = wanted;
    }
    if (present) result.push_back(vrp);
  }
  result.insert(result.end(), rest, base.end());
  return result;
}

PrefixCover::PrefixCover(std::vector<net::Prefix> blocks) {
  std::ranges::sort(blocks);
  for (const net::Prefix& block : blocks) {
    // In this order a block comes right after what is around it and what else is inside that.
    if (blocks_.empty() || !blocks_.back().contains(block)) blocks_.push_back(block);
  }
}

bool PrefixCover::covers(const net::Prefix& prefix) const {
  const auto after = std::ranges::upper_bound(blocks_, prefix);
  return after != blocks_.begin() && std::prev(after)->contains(prefix);
}

PrefixCover changed_prefixes(const VrpTable& before, const VrpTable& after) {
  std::vector<Vrp> different;
  std::ranges::set_symmetric_difference(before.vrps(), after.vrps(), std::back_inserter(different));
  std::vector<net::Prefix> prefixes;
  prefixes.reserve(different.size());
  for (const Vrp& vrp : different) prefixes.push_back(vrp.prefix);
  return PrefixCover(std::move(prefixes));
}

}  // namespace fabrix::rpki
