// Route words: how two route keys (exchange/reachability.h) differ that have a word for each route,
// in order of preference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "exchange/reachability.h"

namespace fabrix::exchange {

// Reachability::differ_behind_first(), given router_of(word).
template <typename RouterOf>
bool differ_behind_first(const RouteKey& a, const RouteKey& b, const RouterOf& router_of,
                         Routes& routers) {
  routers.clear();
  if (a.empty() || b.empty() || a.front() != b.front()) return false;
  const auto [a_first, b_first] = std::ranges::mismatch(a, b);
  const auto [a_end, b_end] = std::mismatch(a.rbegin(), std::make_reverse_iterator(a_first),
                                            b.rbegin(), std::make_reverse_iterator(b_first));
  const auto add = [&](auto first, auto last) {
    std::transform(first, last, std::back_inserter(routers), router_of);
  };
  add(a_first, a_end.base());
  add(b_first, b_end.base());
  std::ranges::sort(routers);
  routers.erase(std::unique(routers.begin(), routers.end()), routers.end());
  const auto comes_again = [&](const RouteKey& key) {
    return std::any_of(std::next(key.begin()), key.end(), [&](std::uint64_t word) {
      return router_of(word) == router_of(key.front());
    });
  };
  return !comes_again(a) && !comes_again(b);
}

}  // namespace fabrix::exchange
