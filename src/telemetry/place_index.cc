#include "telemetry/place_index.h"

namespace fabrix::telemetry {

void PlaceIndex::put(const Slot& added) {
  std::size_t at = added.tag & mask();
  while (slots_[at].place != kNone) at = (at + 1) & mask();
  slots_[at] = added;
}

void PlaceIndex::erase(Tag tag, std::size_t place) {
  std::size_t hole = tag & mask();
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
