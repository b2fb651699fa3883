// Route parts: which route each address has, of those whose first 16 bits are the same.
//
// RouteRuns is a sorted array of where another route begins, found by halving (as DXR does; Zec,
// Rizzo, Mikuc 2012), and beside it which one, so that few lines of memory are looked at.
//
// RouteBlocks is that of IPv4. Where routes begin at blocks of 24 bits only, as nearly all of the
// Internet's do, a bit for each of the 256 blocks says whether one begins there, and how many bits
// there are up to an address says which route (as Poptrie does; Asai, Ohara 2015): one line of
// memory, and of the routes another one. Others are runs.
//
// The nth route has the addresses from the nth beginning, which is first 0, up to the next. Pure.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <vector>

#include "base/cache_line.h"

namespace fabrix::telemetry {

// A route's number in its table.
using RouteId = std::uint32_t;

template <typename Where>
class RouteRuns {
 public:
  using Position = Where;
  static_assert(alignof(Position) <= alignof(std::max_align_t));

  // As many, and one at least.
  void set(const std::vector<Position>& begins, const std::vector<RouteId>& ids);
  void clear() { *this = {}; }
  bool empty() const { return count_ == 0; }  // it is to be set

  // The route of an address. Not of an empty part.
  const RouteId* find(Position position) const {
    const Position* const first = begins();
    const Position* from = first;
    // The last that is the position or before.
    for (std::size_t count = count_; count > 1;) {
      const std::size_t half = count / 2;
      from = from[half] <= position ? from + half : from;
      count -= half;
    }
    return ids() + (from - first);
  }
  // Asks the memory for what find() reads; or finds it at once, and asks for it. Null: not yet.
  const RouteId* fetch(Position position) const;

 private:
  static std::size_t ids_at(std::size_t count) {
    constexpr std::size_t kAligned = alignof(RouteId) - 1;
    return (count * sizeof(Position) + kAligned) & ~kAligned;
  }
  const Position* begins() const {
    return static_cast<const Position*>(static_cast<const void*>(octets_.get()));
  }
  const RouteId* ids() const {
    return static_cast<const RouteId*>(static_cast<const void*>(octets_.get() + ids_at(count_)));
  }

  // All beginnings, and behind them the routes: one piece of memory.
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): as long as the part is
  std::unique_ptr<std::byte[]> octets_;
  std::uint32_t count_ = 0;
};

class alignas(kCacheLine) RouteBlocks {
 public:
  using Position = std::uint16_t;

  // As of RouteRuns. Its routes are in `memory`, the same every time, which takes back at its end
  // what has not been cleared.
  void set(const std::vector<Position>& begins, const std::vector<RouteId>& ids,
           std::pmr::memory_resource& memory);
  void clear(std::pmr::memory_resource& memory);
  bool empty() const { return ids_ == nullptr && runs_.empty(); }

  const RouteId* find(Position position) const {
    return ids_ != nullptr ? in_blocks(position) : runs_.find(position);
  }
  const RouteId* fetch(Position position) const {
    if (ids_ == nullptr) return runs_.fetch(position);
    const RouteId* const id = in_blocks(position);
    __builtin_prefetch(id);
    return id;
  }

 private:
  static constexpr unsigned kWordBits = 64;

  const RouteId* in_blocks(Position position) const;

  std::array<std::uint64_t, 4> begins_{};  // a bit a block
  std::array<std::uint8_t, 4> before_{};   // bits in the words before
  std::uint32_t count_ = 0;                // of ids_
  RouteId* ids_ = nullptr;                 // null: it has runs
  RouteRuns<Position> runs_;
};
static_assert(sizeof(RouteBlocks) == kCacheLine);

inline const RouteId* RouteBlocks::in_blocks(Position position) const {
  const unsigned block = position >> 8U;
  const unsigned word = block / kWordBits;
  // Its own bit is the highest; what is above goes.
  const std::uint64_t up_to = begins_[word] << (kWordBits - 1 - block % kWordBits);
  return &ids_[before_[word] + static_cast<unsigned>(std::popcount(up_to)) - 1U];
}

extern template class RouteRuns<std::uint16_t>;
extern template class RouteRuns<std::uint64_t>;

}  // namespace fabrix::telemetry
