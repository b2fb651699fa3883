// SmallestPlaces: where the smallest of weights is that only grow, without going through all of
// them each time it is asked for.
//
// Once they have been gone through, the few smallest are known, in order: no other is smaller, and
// none becomes so. One that grows leaves them, and takes along what it is no longer larger than.
// Of equal weights the first place counts as the smallest, as if all had been gone through. Cost:
// the weights are gone through once in up to kKnown times.
//
// A regular value. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fabrix::telemetry {

class SmallestPlaces {
 public:
  static constexpr std::size_t kKnown = 8;

  // The place of the smallest; there is one. The weights are those of the last time, but for what
  // grow() and forget() were told.
  std::size_t find(const std::vector<double>& weights) {
    if (count_ == 0) look(weights);
    return places_[0];
  }

  // The place of the smallest, if that is known.
  std::optional<std::size_t> known() const {
    return count_ > 0 ? std::optional<std::size_t>(places_[0]) : std::nullopt;
  }

  // The weight there is now this one, which is not less than before.
  void grow(std::size_t place, double weight);

  // All weights are others.
  void forget() { count_ = 0; }

 private:
  void look(const std::vector<double>& weights);
  void insert(std::size_t place, double weight);

  std::size_t count_ = 0;
  std::array<std::uint32_t, kKnown> places_{};  // by weight, then by place
  std::array<double, kKnown> weights_{};        // of these
};

}  // namespace fabrix::telemetry
