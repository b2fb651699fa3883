// Ahead: values that lie far from each other in memory are sent for some at a time before they are
// looked at, so that a walk over thousands of them waits once for some and not for each.
//
// A processor may leave out what is sent for if it would have to find out first where in memory its
// page is: small values of which each has a page of its own are read ahead instead, so many at once
// that they are waited for together. Only the thread that writes to them may do so.
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

// Reads a value of which nothing is wanted yet: nobody waits for it.
template <typename T>
void read_ahead(const T& value) {
  const auto octets = std::as_bytes(std::span(&value, 1));
  for (std::size_t i = 0; i < octets.size(); i += kCacheLine) asm volatile("" : : "r"(octets[i]));
  asm volatile("" : : "r"(octets.back()));
}

// The first and the last of them: there are few.
template <typename T>
void read_ahead_all(const T& values) {
  const auto octets = std::as_bytes(std::span(values));
  if (!octets.empty()) asm volatile("" : : "r"(octets.front()), "r"(octets.back()));
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
