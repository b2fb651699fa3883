// The decision process: which of several routes to a prefix is best, as RFC 4271 §9.1.2 says and a
// route server applies it (RFC 7947): every route external, no interior cost.
//
//   0. not long-lived stale (RFC 9494 §4.3), then not about to be shut down (RFC 8326 §4.2)
//   1. shortest AS path   2. lowest origin   3. lowest MED among routes of one neighbouring AS
//   (none is 0)
//   4. lowest BGP identifier of the announcing router   5. lowest address of its session
//
// MED makes "better than" no order (RFC 4451 §2), so ranking works on the whole set.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bgp/path_attributes.h"

namespace fabrix::routeserver {

enum class Standing : std::uint8_t {
  kNormal,
  kGracefulShutdown,
  kLongLivedStale,
  kLongLivedStaleShutdown,  // both
};

// What a path brings to the decision. Lower is better.
struct Preference {
  std::uint64_t before_med = 0;  // steps 0 to 2: standing, length of the path, origin
  std::uint32_t med = 0;
  std::uint32_t neighbor = 0;  // the neighbouring AS; 0: none

  Standing standing() const { return static_cast<Standing>(before_med >> 40U); }
  std::uint32_t path_length() const { return static_cast<std::uint32_t>(before_med >> 8U); }
  bgp::Origin origin() const { return static_cast<bgp::Origin>(before_med & 0xffU); }

  friend bool operator==(const Preference&, const Preference&) = default;
};

Preference preference_of(const bgp::PathAttributes& attributes, Standing standing);

// A route in the decision. `tie` orders the sessions (steps 4 and 5) and differs from route to
// route; `index` is the caller's.
struct Contender {
  Preference preference;
  std::uint64_t tie = 0;
  std::uint32_t index = 0;
};

enum class OrderDepends : std::uint8_t { kOnEach, kOnSet };

// Brings the routes into the order of preference: the first is the best; the second is the best of
// the others; and so on. The result does not depend on the order before. kOnEach: what is left
// when some are left out is in the right order, too. O(n log n), or O(n^2) for kOnSet.
OrderDepends rank(std::vector<Contender>& routes);

}  // namespace fabrix::routeserver
