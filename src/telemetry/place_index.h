// PlaceIndex: finds the place of a thing in vectors by the hash of its key, which is kept where the
// thing is.
//
// Few places are found by going through their hashes, which lie side by side. More have a
// table: open addressing with linear probing, where an erased slot is filled by what follows it, so
// that nothing is left behind however often things come and go (Knuth, TAOCP 3, 6.4 R). A key is
// only looked at when it is nearly certainly the one.
//
// The flow caches of all data sources together are larger than the processor's caches: what counts
// is how many lines of memory are read one after the other. Less than 2^31 places. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fabrix::telemetry {

class PlaceIndex {
 public:
  static constexpr std::size_t kFewPlaces = 128;

  // Of a hash that spreads over its lower 32 bits; is_it(place) tells whether the key is there.
  template <typename IsIt>
  std::optional<std::size_t> find(std::uint64_t hash, IsIt&& is_it) const {
    return slots_.empty() ? find_by_hash(tag_of(hash), is_it) : find_by_slot(tag_of(hash), is_it);
  }

  // What find() will read of the hash: asks the memory for it, and does not wait.
  void fetch(std::uint64_t hash) const {
    if (!slots_.empty()) {
      __builtin_prefetch(&slots_[tag_of(hash) & mask()]);
    } else {
      for (std::size_t at = 0; at < tags_.size(); at += kBlock) __builtin_prefetch(&tags_[at]);
    }
  }

  // The place that find() will look at first.
  std::optional<std::size_t> guess(std::uint64_t hash) const {
    return find(hash, [](std::size_t) { return true; });
  }

  // At a place below kFewPlaces that is free, or at the first one that has never been taken.
  void insert(std::uint64_t hash, std::size_t place);

  // What is there.
  void erase(std::size_t place);

 private:
  using Tag = std::uint32_t;  // of a hash, its lower bits; never kFree

  static constexpr Tag kFree = 0;
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kBlock = 16;  // tags that are compared at a time

  struct Slot {
    Tag tag = kFree;
    std::uint32_t place = kNone;
  };

  static Tag tag_of(std::uint64_t hash) { return std::max(static_cast<Tag>(hash), Tag{1}); }

  template <typename IsIt>
  std::optional<std::size_t> find_by_hash(Tag tag, IsIt&& is_it) const {
    for (std::size_t begin = 0; begin < tags_.size(); begin += kBlock) {
      std::uint32_t is_here = 0;
      for (std::size_t i = 0; i < kBlock; ++i) is_here |= tags_[begin + i] == tag ? 1U : 0U;
      if (is_here == 0) continue;
      for (std::size_t at = begin; at < begin + kBlock; ++at) {
        if (tags_[at] == tag && is_it(at)) return at;
      }
    }
    return std::nullopt;
  }

  template <typename IsIt>
  std::optional<std::size_t> find_by_slot(Tag tag, IsIt&& is_it) const {
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.place == kNone) return std::nullopt;
      if (slot.tag == tag && is_it(std::size_t{slot.place})) return slot.place;
    }
  }

  std::size_t mask() const { return slots_.size() - 1; }
  void put(const Slot& added);
  void grow();
  void erase_slot(std::size_t place);

  std::vector<Tag> tags_;    // by place, of whole blocks
  std::vector<Slot> slots_;  // a power of two; none while there are few places
  std::size_t places_ = 0;   // that have ever been taken
};

}  // namespace fabrix::telemetry
