#include "bgp/refresh_tracker.h"

namespace fabrix::bgp {
namespace {

std::size_t index_of(net::Family family, Safi safi) {
  return (family == net::Family::kIpv4 ? 0U : 1U) + (safi == Safi::kFlowSpec ? 2U : 0U);
}

}  // namespace

void RefreshTracker::end_of_rib(net::Family family, Safi safi) {
  complete_.set(index_of(family, safi));
}

bool RefreshTracker::begins(net::Family family, Safi safi) {
  const std::size_t at = index_of(family, safi);
  const bool counts = first_ == FirstRoutes::kUnmarked || complete_[at];
  if (counts) refreshing_.set(at);
  return counts;
}

bool RefreshTracker::ends(net::Family family, Safi safi) {
  const std::size_t at = index_of(family, safi);
  const bool counts = refreshing_[at];
  refreshing_.reset(at);
  return counts;
}

}  // namespace fabrix::bgp
