#include "controller/punt_budget.h"

#include <algorithm>
#include <utility>

namespace fabrix::controller {

bool PuntBudget::take(net::PortNo port, TimePoint now) {
  if (now - began_ >= kWindow) begin_window(now);
  std::uint32_t& of_port = ports_[port];
  if (!has_room(port)) {
    ++refused_;
    return false;
  }
  ++of_port;
  ++taken_;
  ++(before_.contains(port) ? known_ : new_);
  return true;
}

void PuntBudget::begin_window(TimePoint now) {
  const bool is_next = now - began_ < 2 * kWindow;
  before_ = std::exchange(ports_, {});
  if (!is_next) before_.clear();
  began_ = now;
  known_ = 0;
  new_ = 0;
}

bool PuntBudget::has_room(net::PortNo port) const {
  const auto ports = static_cast<std::uint32_t>(before_.size());
  const std::uint32_t reserve =
      std::max(kReserve, kPerWindow - std::min(kPerWindow, ports * kOfOnePort));
  if (!before_.contains(port)) return new_ < reserve;
  const std::uint32_t share = std::max(1U, (kPerWindow - reserve) / ports);
  return ports_.at(port) < share && known_ < kPerWindow - reserve;
}

}  // namespace fabrix::controller
