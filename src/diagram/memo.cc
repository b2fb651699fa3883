#include "diagram/memo.h"

#include <algorithm>

#include "base/assert.h"

namespace fabrix::diagram {
namespace {

constexpr std::size_t kFirstSlots = 16;
constexpr std::size_t kKeptSlots = 64;  // of a shard that is emptied

}  // namespace

std::optional<std::uint32_t> Memo::find(std::uint64_t key) const {
  const std::uint64_t hash = scramble(key);
  const std::vector<Slot>& slots = shards_[hash >> (64 - kShardBits)].slots;
  if (slots.empty()) return std::nullopt;
  const std::size_t mask = slots.size() - 1;
  for (std::size_t i = hash & mask; slots[i].key != kFree; i = (i + 1) & mask) {
    if (slots[i].key == key) return slots[i].value;
  }
  return std::nullopt;
}

void Memo::insert(std::uint64_t key, std::uint32_t value) {
  FABRIX_ASSERT(key != kFree);
  Shard& shard = shards_[scramble(key) >> (64 - kShardBits)];
  if (shard.used * 2 >= shard.slots.size()) {
    std::vector<Slot> larger(shard.slots.empty() ? kFirstSlots : shard.slots.size() * 2);
    for (const Slot& slot : shard.slots) {
      if (slot.key != kFree) place(larger, slot);
    }
    shard.slots.swap(larger);
  }
  place(shard.slots, {.key = key, .value = value});
  ++shard.used;
  ++size_;
}

void Memo::clear() {
  if (size_ == 0) return;
  for (Shard& shard : shards_) {
    if (shard.slots.size() > kKeptSlots) shard.slots = {};
    if (shard.used > 0) std::ranges::fill(shard.slots, Slot{});
    shard.used = 0;
  }
  size_ = 0;
}

void Memo::place(std::vector<Slot>& slots, Slot slot) {
  const std::size_t mask = slots.size() - 1;
  std::size_t i = scramble(slot.key) & mask;
  while (slots[i].key != kFree) i = (i + 1) & mask;
  slots[i] = slot;
}

}  // namespace fabrix::diagram
