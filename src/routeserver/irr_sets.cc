#include "routeserver/irr_sets.h"

#include <algorithm>
#include <utility>

namespace fabrix::routeserver {

IrrSets::IrrSets(std::vector<PrefixRange> prefixes, std::vector<net::Asn> origins)
    : prefixes_(std::move(prefixes)), origins_(std::move(origins)) {
  std::ranges::sort(origins_);
  origins_.erase(std::unique(origins_.begin(), origins_.end()), origins_.end());
}

bool IrrSets::allows(const PrefixBits& prefix, LongerPrefixes longer) const {
  return longer == LongerPrefixes::kAllowed ? prefixes_.contains_or_exceeds(prefix)
                                            : prefixes_.contains(prefix);
}

bool IrrSets::allows(const net::Prefix& prefix, LongerPrefixes longer) const {
  return allows(PrefixBits(prefix), longer);
}

bool IrrSets::allows(std::optional<net::Asn> origin) const {
  return origin && std::ranges::binary_search(origins_, *origin);
}

}  // namespace fabrix::routeserver
