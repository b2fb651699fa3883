// DistinctCounter: about how many different values there were lately, in 256 octets.
//
// Linear counting (Whang, Vander-Zanden, Taylor 1990): each value sets one bit of 1,024, and the
// share of bits that are still clear tells how many values there were: 2 % off at 1,000, mostly
// exact below 30, at its limit at kMost. "Lately" is the window at hand and the one before it, so
// one to two windows. Time is an input. Pure.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>

#include "telemetry/flow_cache.h"

namespace fabrix::telemetry {

class DistinctCounter {
 public:
  static constexpr std::size_t kBits = 1024;
  static constexpr double kMost = 7098;  // kBits ln kBits: all bits but one are set

  // A window of zero is all time.
  explicit DistinctCounter(Time window) : window_(window) {}

  void add(std::string_view value, Time now);

  // A whole number.
  double count(Time now) const;

 private:
  using Seen = std::bitset<kBits>;

  // How many windows have ended since the one at hand began.
  std::int64_t ended(Time now) const;

  Time window_;
  Time begin_{};
  Seen now_;
  Seen before_;
};

}  // namespace fabrix::telemetry
