// Ahead: values that lie far from each other in memory are sent for some at a time before they are
// looked at, so that a walk over thousands of them waits once for some and not for each.
//
// Hints: nothing but the time that it takes depends on them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/cache_line.h"

namespace fabrix {

// The value itself, but not what it points to.
template <typename T>
void send_for(const T& value) {
  const auto octets = std::as_bytes(std::span(&value, 1));
  for (std::size_t i = 0; i < octets.size(); i += kCacheLine) __builtin_prefetch(&octets[i]);
  __builtin_prefetch(&octets.back());
}

// The first of them, which may be all.
template <typename T>
void send_for_all(const T& values) {
  constexpr std::size_t kMost = 6 * kCacheLine;
  const auto octets = std::as_bytes(std::span(values));
  const std::size_t count = std::min(octets.size(), kMost);
  for (std::size_t i = 0; i < count; i += kCacheLine) __builtin_prefetch(&octets[i]);
  if (count > 0) __builtin_prefetch(&octets[count - 1]);
}

// Calls visit() with all of the values, in order, so few at a time that what is sent for them stays
// near until it is looked at.
template <typename T, typename Visit>
void in_strips(std::span<const T> values, const Visit& visit) {
  constexpr std::size_t kStrip = 16;
  while (!values.empty()) {
    const auto strip = values.first(std::min(kStrip, values.size()));
    visit(strip);
    values = values.subspan(strip.size());
  }
}

}  // namespace fabrix
