#include "telemetry/smallest_places.h"

#include <algorithm>
#include <limits>

namespace fabrix::telemetry {
namespace {

// The smallest of what has been seen, in order.
struct Smallest {
  static constexpr std::size_t kMost = SmallestPlaces::kKnown;

  std::size_t count = 0;
  std::array<double, kMost> weights{};
  std::array<std::uint16_t, kMost> places{};

  bool takes(double weight) const { return count < kMost || weight < weights[kMost - 1]; }

  // Places come in ascending order: of equal weights the later one is behind.
  void insert(std::size_t place, double weight) {
    std::size_t at = std::min(count, kMost - 1);
    for (; at > 0 && weight < weights[at - 1]; --at) {
      weights[at] = weights[at - 1];
      places[at] = places[at - 1];
    }
    weights[at] = weight;
    places[at] = static_cast<std::uint16_t>(place);
    count = std::min(count + 1, kMost);
  }
};

}  // namespace

// Twice, without branches that cannot be foretold: of every fourth weight the least, the largest of
// which some weights, but not many, do not exceed; and then these.
void SmallestPlaces::look(std::span<const double> weights) {
  std::array<double, 4> least{};
  least.fill(std::numeric_limits<double>::infinity());
  const std::size_t whole = weights.size() / least.size() * least.size();
  for (std::size_t at = 0; at < whole; at += least.size()) {
    for (std::size_t i = 0; i < least.size(); ++i) {
      least[i] = weights[at + i] < least[i] ? weights[at + i] : least[i];
    }
  }
  const double most = *std::ranges::max_element(least);
  Smallest smallest;
  std::array<std::uint16_t, 64> found{};
  for (std::size_t begin = 0; begin < weights.size(); begin += found.size()) {
    const std::size_t end = std::min(begin + found.size(), weights.size());
    std::size_t count = 0;
    for (std::size_t place = begin; place < end; ++place) {
      found[count] = static_cast<std::uint16_t>(place);
      count += weights[place] <= most ? 1U : 0U;
    }
    for (std::size_t n = 0; n < count; ++n) {
      const std::size_t place = found[n];
      if (smallest.takes(weights[place])) smallest.insert(place, weights[place]);
    }
  }
  std::copy_n(smallest.places.begin(), smallest.count, places_.begin());
}

void SmallestPlaces::remove(std::size_t at, std::span<const double> weights) {
  const std::size_t grown = places_[at];
  std::copy(places_.begin() + static_cast<std::ptrdiff_t>(at) + 1, places_.end(),
            places_.begin() + static_cast<std::ptrdiff_t>(at));
  places_.back() = kNone;
  const double weight = weights[grown];
  const auto is_beyond = [&](std::size_t last) {
    return weights[last] != weight ? weights[last] > weight : last > grown;
  };
  auto* end = std::find(places_.begin() + static_cast<std::ptrdiff_t>(at), places_.end(), kNone);
  while (end != places_.begin() && is_beyond(*(end - 1))) *--end = kNone;
}

}  // namespace fabrix::telemetry
