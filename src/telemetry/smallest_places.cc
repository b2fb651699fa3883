#include "telemetry/smallest_places.h"

#include <algorithm>

namespace fabrix::telemetry {

// Places come in ascending order: of equal weights the later one is behind.
void SmallestPlaces::insert(std::size_t place, double weight) {
  std::size_t at = std::min(count_, kKnown - 1);
  for (; at > 0 && weight < weights_[at - 1]; --at) {
    weights_[at] = weights_[at - 1];
    places_[at] = places_[at - 1];
  }
  weights_[at] = weight;
  places_[at] = static_cast<std::uint32_t>(place);
  count_ = std::min(count_ + 1, kKnown);
}

void SmallestPlaces::look(const std::vector<double>& weights) {
  const std::size_t first = std::min(weights.size(), kKnown);
  for (std::size_t place = 0; place < first; ++place) insert(place, weights[place]);
  for (std::size_t place = first; place < weights.size(); ++place) {
    if (weights[place] < weights_[kKnown - 1]) insert(place, weights[place]);
  }
}

void SmallestPlaces::grow(std::size_t place, double weight) {
  const auto end = places_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto found = std::find(places_.begin(), end, static_cast<std::uint32_t>(place));
  if (found == end) return;
  const auto at = static_cast<std::size_t>(found - places_.begin());
  std::copy(found + 1, end, found);
  std::copy(weights_.begin() + static_cast<std::ptrdiff_t>(at) + 1,
            weights_.begin() + static_cast<std::ptrdiff_t>(count_),
            weights_.begin() + static_cast<std::ptrdiff_t>(at));
  --count_;
  const auto is_beyond = [&](std::size_t last) {
    return weights_[last] != weight ? weights_[last] > weight : places_[last] > place;
  };
  while (count_ > 0 && is_beyond(count_ - 1)) --count_;
}

}  // namespace fabrix::telemetry
