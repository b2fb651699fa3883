// PlaceIndex: finds the place of a thing in vectors by the hash of its key, which is kept where the
// thing is.
//
// Few places are found by going through 16 bits of their hashes, which lie side by side. More have
// a table: open addressing with linear probing, where an erased slot is filled by what follows it,
// so that nothing is left behind however often things come and go (Knuth, TAOCP 3, 6.4 R). A key is
// only looked at when it is nearly certainly the one. Hashes spread over their lower 32 bits;
// hash_at(place) is that of what is there.
//
// The flow caches of all data sources together are larger than the processor's caches: what counts
// is how many lines of memory are read one after the other. Less than 2^31 places. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "telemetry/place_marks.h"

namespace fabrix::telemetry {

class PlaceIndex {
 public:
  static constexpr std::size_t kFewPlaces = 128;

  // is_it(place) tells whether the key is there.
  template <typename IsIt>
  std::optional<std::size_t> find(std::uint64_t hash, IsIt&& is_it) const {
    return slots_.empty() ? find_mark(lines_, mark_of(hash), is_it)
                          : find_by_slot(tag_of(hash), is_it);
  }

  // What find() will read of the hash: asks the memory for it, and does not wait.
  void fetch(std::uint64_t hash) const {
    if (!slots_.empty()) {
      __builtin_prefetch(&slots_[tag_of(hash) & mask()]);
    } else {
      for (const MarkLine& line : lines_) __builtin_prefetch(&line, 1);
    }
  }

  // The place that find() will look at first.
  std::optional<std::size_t> guess(std::uint64_t hash) const {
    return find(hash, [](std::size_t) { return true; });
  }

  // At the next place, from 0.
  template <typename HashAt>
  void insert(std::uint64_t hash, HashAt&& hash_at) {
    const std::size_t place = places_++;
    if (places_ <= kFewPlaces) return mark(place, hash);
    make_room(hash_at);
    put({.tag = tag_of(hash), .place = static_cast<std::uint32_t>(place)});
  }

  // In place of what is there.
  template <typename HashAt>
  void replace(std::size_t place, std::uint64_t hash, HashAt&& hash_at) {
    if (slots_.empty()) return mark(place, hash);
    erase(tag_of(hash_at(place)), place);
    put({.tag = tag_of(hash), .place = static_cast<std::uint32_t>(place)});
  }

 private:
  using Tag = std::uint32_t;  // of a hash, its lower bits

  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Slot {
    Tag tag = 0;
    std::uint32_t place = kNone;
  };

  static Tag tag_of(std::uint64_t hash) { return static_cast<Tag>(hash); }

  template <typename IsIt>
  std::optional<std::size_t> find_by_slot(Tag tag, IsIt&& is_it) const {
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.place == kNone) return std::nullopt;
      if (slot.tag == tag && is_it(std::size_t{slot.place})) return slot.place;
    }
  }

  // At most half of the slots are taken. The last place has none yet.
  template <typename HashAt>
  void make_room(HashAt&& hash_at) {
    if (2 * places_ <= slots_.size()) return;
    const auto before = std::exchange(
        slots_, std::vector<Slot>(slots_.empty() ? 4 * kFewPlaces : 2 * slots_.size()));
    for (const Slot& slot : before) {
      if (slot.place != kNone) put(slot);
    }
    if (!before.empty()) return;
    lines_ = {};
    for (std::uint32_t place = 0; place + 1 < places_; ++place) {
      put({.tag = tag_of(hash_at(place)), .place = place});
    }
  }

  std::size_t mask() const { return slots_.size() - 1; }
  void mark(std::size_t place, std::uint64_t hash) {
    if (place / MarkLine::kMarks == lines_.size()) lines_.emplace_back();
    lines_[place / MarkLine::kMarks].marks[place % MarkLine::kMarks] = mark_of(hash);
  }
  void put(const Slot& added);
  void erase(Tag tag, std::size_t place);

  std::vector<MarkLine> lines_;  // marks by place; none when there are slots
  std::vector<Slot> slots_;      // a power of two; none while there are few places
  std::size_t places_ = 0;       // that have ever been taken
};

}  // namespace fabrix::telemetry
