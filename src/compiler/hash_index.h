// HashIndex: numbers by hash, for tables that keep their values elsewhere: who looks one up says
// by the value whether it is the one.
//
// An entry is eight octets, hash and number, in one place of memory; growing looks at no value.
// Bounded by its entries; not thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ahead.h"

namespace fabrix::compiler {

class HashIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // The number with this hash of which is_it(number) is true; or kNone.
  template <typename IsIt>
  std::uint32_t find(std::uint64_t hash, const IsIt& is_it) const {
    if (entries_.empty()) return kNone;
    const std::uint32_t folded = fold(hash);
    for (std::size_t at = home_of(folded); entries_[at].number != kNone; at = next(at)) {
      if (entries_[at].hash == folded && is_it(entries_[at].number)) return entries_[at].number;
    }
    return kNone;
  }

  // A hint: it is asked for this hash soon (base/ahead.h).
  void read_ahead_hash(std::uint64_t hash) const {
    if (!entries_.empty()) read_ahead(entries_[home_of(fold(hash))]);
  }

  // `number` is not kNone.
  void insert(std::uint64_t hash, std::uint32_t number) {
    if (2 * (size_ + 1) > entries_.size()) grow();
    put({.hash = fold(hash), .number = number});
    ++size_;
  }

  // It must be there, by this hash.
  void erase(std::uint64_t hash, std::uint32_t number) {
    std::size_t gap = home_of(fold(hash));
    while (entries_[gap].number != number) gap = next(gap);
    // Whoever is behind it, and found from before it on, moves up.
    for (std::size_t at = next(gap); entries_[at].number != kNone; at = next(at)) {
      const std::size_t mask = entries_.size() - 1;
      const std::size_t from_home = (at - home_of(entries_[at].hash)) & mask;
      if (from_home < ((at - gap) & mask)) continue;
      entries_[gap] = entries_[at];
      gap = at;
    }
    entries_[gap] = {};
    --size_;
  }

  std::size_t size() const { return size_; }
  void clear() {
    entries_ = {};
    size_ = 0;
  }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t number = kNone;
  };

  static std::uint32_t fold(std::uint64_t hash) {
    return static_cast<std::uint32_t>((hash ^ hash >> 32U) * 0x9e3779b97f4a7c15U >> 32U);
  }
  std::size_t home_of(std::uint32_t folded) const { return folded & (entries_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (entries_.size() - 1); }
  void put(const Entry& entry) {
    std::size_t at = home_of(entry.hash);
    while (entries_[at].number != kNone) at = next(at);
    entries_[at] = entry;
  }
  void grow() {
    constexpr std::size_t kLeast = 16;
    std::vector<Entry> before(entries_.empty() ? kLeast : 2 * entries_.size());
    before.swap(entries_);
    for (const Entry& each : before) {
      if (each.number != kNone) put(each);
    }
  }

  std::vector<Entry> entries_;  // a power of two, at most half of them taken
  std::size_t size_ = 0;
};

}  // namespace fabrix::compiler
