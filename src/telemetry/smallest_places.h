// SmallestPlaces: where the smallest of weights is that only grow, without going through all of
// them each time it is asked for.
//
// Once they have been gone through, the few smallest are known, in order: no other is smaller, and
// none becomes so. One that grows leaves them, and takes along what it is no longer larger than.
// Of equal weights the first place counts as the smallest, as if all had been gone through. Cost:
// the weights are gone through once in up to kKnown times.
//
// Small, as there is one for each data source: the weights themselves are not kept. A regular
// value. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fabrix::telemetry {

class SmallestPlaces {
 public:
  static constexpr std::size_t kKnown = 8;
  static constexpr std::size_t kMostWeights = UINT16_MAX;

  // The place of the smallest; there is one, and kMostWeights at most. The weights are those of the
  // last time, but for what grow() and forget() were told.
  std::size_t find(std::span<const double> weights) {
    if (places_[0] == kNone) look(weights);
    return places_[0];
  }

  // The place of the smallest, if that is known.
  std::optional<std::size_t> known() const {
    return places_[0] != kNone ? std::optional<std::size_t>(places_[0]) : std::nullopt;
  }

  // The weight there has become another one of these, which is not less than before.
  void grow(std::size_t place, std::span<const double> weights) {
    for (std::size_t at = 0; at < kKnown && places_[at] != kNone; ++at) {
      if (places_[at] == place) return remove(at, weights);
    }
  }

  // All weights are others.
  void forget() { places_.fill(kNone); }

 private:
  using Place = std::uint16_t;
  static constexpr Place kNone = UINT16_MAX;

  static constexpr std::array<Place, kKnown> none() {
    std::array<Place, kKnown> places{};
    places.fill(kNone);
    return places;
  }

  void look(std::span<const double> weights);
  void remove(std::size_t at, std::span<const double> weights);

  // By weight, then by place; those that are not known are behind.
  std::array<Place, kKnown> places_ = none();
};

}  // namespace fabrix::telemetry
