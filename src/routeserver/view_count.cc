#include "routeserver/view_count.h"

#include <utility>

namespace fabrix::routeserver {

void ViewCount::add(const ClientSet& clients, std::int64_t change) {
  if (!(clients == last_)) {
    settle();
    last_ = clients;
  }
  pending_ += change;
}

std::size_t ViewCount::of(PeerId client) const {
  settle();
  return client.index() < counts_.size() ? static_cast<std::size_t>(counts_[client.index()]) : 0;
}

void ViewCount::settle() const {
  const std::int64_t change = std::exchange(pending_, 0);
  if (change == 0) return;
  last_.for_each([&](PeerId client) {
    if (client.index() >= counts_.size()) counts_.resize(client.index() + 1);
    counts_[client.index()] += change;
  });
}

}  // namespace fabrix::routeserver
