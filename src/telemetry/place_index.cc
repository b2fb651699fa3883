#include "telemetry/place_index.h"

namespace fabrix::telemetry {

void PlaceIndex::put(const Slot& added) {
  std::size_t at = added.tag & mask();
  while (slots_[at].place != kNone) at = (at + 1) & mask();
  slots_[at] = added;
}

// At most half of the slots are taken.
void PlaceIndex::grow() {
  slots_.assign(slots_.empty() ? 4 * kFewPlaces : 2 * slots_.size(), {});
  for (std::size_t place = 0; place < places_; ++place) {
    if (tags_[place] != kFree) {
      put({.tag = tags_[place], .place = static_cast<std::uint32_t>(place)});
    }
  }
}

void PlaceIndex::insert(std::uint64_t hash, std::size_t place) {
  if (place >= tags_.size()) tags_.resize(tags_.size() + kBlock, kFree);
  places_ = std::max(places_, place + 1);
  if (places_ > kFewPlaces && 2 * places_ > slots_.size()) grow();
  tags_[place] = tag_of(hash);
  if (!slots_.empty()) put({.tag = tags_[place], .place = static_cast<std::uint32_t>(place)});
}

void PlaceIndex::erase(std::size_t place) {
  if (!slots_.empty()) erase_slot(place);
  tags_[place] = kFree;
}

void PlaceIndex::erase_slot(std::size_t place) {
  std::size_t hole = tags_[place] & mask();
  while (slots_[hole].place != place) hole = (hole + 1) & mask();
  // Whoever is found by way of the hole moves into it: who is as far from its own slot at least.
  for (std::size_t at = (hole + 1) & mask(); slots_[at].place != kNone; at = (at + 1) & mask()) {
    const std::size_t probed = (at - slots_[at].tag) & mask();
    if (probed < ((at - hole) & mask())) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
}

}  // namespace fabrix::telemetry
