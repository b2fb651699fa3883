#include "telemetry/smallest_places.h"

#include <algorithm>
#include <limits>

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

// Twice, without branches that cannot be foretold: of every fourth weight the least, the largest of
// which some weights, but not many, do not exceed; and then these.
void SmallestPlaces::look(const std::vector<double>& weights) {
  std::array<double, 4> least{};
  least.fill(std::numeric_limits<double>::infinity());
  const std::size_t whole = weights.size() / least.size() * least.size();
  for (std::size_t at = 0; at < whole; at += least.size()) {
    for (std::size_t i = 0; i < least.size(); ++i) {
      least[i] = weights[at + i] < least[i] ? weights[at + i] : least[i];
    }
  }
  const double most = *std::ranges::max_element(least);
  std::array<std::uint32_t, 64> found{};
  for (std::size_t begin = 0; begin < weights.size(); begin += found.size()) {
    const std::size_t end = std::min(begin + found.size(), weights.size());
    std::size_t count = 0;
    for (std::size_t place = begin; place < end; ++place) {
      found[count] = static_cast<std::uint32_t>(place);
      count += weights[place] <= most ? 1U : 0U;
    }
    for (std::size_t n = 0; n < count; ++n) {
      const std::size_t place = found[n];
      if (count_ < kKnown || weights[place] < weights_[kKnown - 1]) insert(place, weights[place]);
    }
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
