// Place marks: 16 bits of the hashes of what is at each of a few places, side by side, which are
// all compared with one at once. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace fabrix::telemetry {

using PlaceMark = std::uint16_t;  // of places that are not taken 0

constexpr PlaceMark mark_of(std::uint64_t hash) {
  return std::max(static_cast<PlaceMark>(hash), PlaceMark{1});
}

// A line of memory.
struct alignas(64) MarkLine {
  static constexpr std::size_t kMarks = 64 / sizeof(PlaceMark);

  std::array<PlaceMark, kMarks> marks{};

  // A bit for each that is the mark.
  std::uint32_t equal_to(PlaceMark mark) const {
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi16(static_cast<short>(mark));
    const auto* const parts = static_cast<const __m128i*>(static_cast<const void*>(marks.data()));
    const auto half = [&](std::size_t at) {
      const __m128i first = _mm_cmpeq_epi16(_mm_load_si128(parts + at), wanted);
      const __m128i second = _mm_cmpeq_epi16(_mm_load_si128(parts + at + 1), wanted);
      return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(first, second)));
    };
    return half(0) | half(2) << 16U;
#else
    std::uint32_t equal = 0;
    for (std::size_t i = 0; i < kMarks; ++i) equal |= std::uint32_t{marks[i] == mark} << i;
    return equal;
#endif
  }
};

// The first place with the mark that is the one.
template <typename IsIt>
std::optional<std::size_t> find_mark(std::span<const MarkLine> lines, PlaceMark mark,
                                     IsIt&& is_it) {
  std::size_t begin = 0;
  for (const MarkLine& line : lines) {
    for (std::uint32_t left = line.equal_to(mark); left != 0; left &= left - 1) {
      const std::size_t place = begin + static_cast<std::size_t>(std::countr_zero(left));
      if (is_it(place)) return place;
    }
    begin += MarkLine::kMarks;
  }
  return std::nullopt;
}

}  // namespace fabrix::telemetry
