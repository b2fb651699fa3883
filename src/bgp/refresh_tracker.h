// RefreshTracker: which of a peer's route refresh demarcations count (RFC 7313 §4).
//
// From a peer that restarts gracefully, a beginning does not count before the family's End-of-RIB;
// an end does not count without a beginning. Pure.
#pragma once

#include <bitset>
#include <cstdint>

#include "bgp/capability.h"
#include "net/ip_address.h"

namespace fabrix::bgp {

class RefreshTracker {
 public:
  enum class FirstRoutes : std::uint8_t {
    kMarked,    // the peer sends an End-of-RIB after its first routes (RFC 4724)
    kUnmarked,  // or may not
  };

  explicit RefreshTracker(FirstRoutes first = FirstRoutes::kUnmarked) : first_(first) {}

  void end_of_rib(net::Family family, Safi safi);

  // Whether this beginning, or end, is to be acted upon.
  bool begins(net::Family family, Safi safi);
  bool ends(net::Family family, Safi safi);

 private:
  FirstRoutes first_;
  std::bitset<4> complete_;
  std::bitset<4> refreshing_;
};

}  // namespace fabrix::bgp
