// Memo: remembered results of operations on pairs of nodes, an open-addressing map.
//
// Exact, not a lossy cache: forgetting inside one operation could cost it exponential time. Split
// into shards that grow one by one, so that no insertion rehashes more than a 64th of it.
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fabrix::diagram {

// Spreads every bit of `value` over the whole result.
constexpr std::uint64_t scramble(std::uint64_t value) {
  value = (value ^ (value >> 32)) * 0xd6e8feb86659fd93;
  value = (value ^ (value >> 32)) * 0xd6e8feb86659fd93;
  return value ^ (value >> 32);
}

constexpr std::uint64_t pair_key(std::uint32_t first, std::uint32_t second) {
  return std::uint64_t{first} << 32 | second;
}

class Memo {
 public:
  std::optional<std::uint32_t> find(std::uint64_t key) const;

  // `key` must not be in the map, nor be all ones.
  void insert(std::uint64_t key, std::uint32_t value);

  void clear();
  std::size_t size() const { return size_; }

 private:
  static constexpr unsigned kShardBits = 6;
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};

  struct Slot {
    std::uint64_t key = kFree;
    std::uint32_t value = 0;
  };
  struct Shard {
    std::vector<Slot> slots;  // none, or a power of two
    std::size_t used = 0;
  };

  static void place(std::vector<Slot>& slots, Slot slot);

  std::array<Shard, 1U << kShardBits> shards_;
  std::size_t size_ = 0;
};

}  // namespace fabrix::diagram
