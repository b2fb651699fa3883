// RecentCache<Key, Value>: what was made of some keys, the latest of each slot. It is of one size
// whatever comes, and never wrong: it only forgets. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace fabrix::analyzer {

template <typename Key, typename Value>
class RecentCache {
 public:
  // Not 0.
  explicit RecentCache(std::size_t slots) : slots_(slots) {}

  // What was made of an equal key, or make() now. Good until the next call.
  template <typename Make>
  const Value& get(const Key& key, std::size_t hash, Make&& make) {
    auto& slot = slots_[hash % slots_.size()];
    if (!slot || !(slot->first == key)) slot.emplace(key, make());
    return slot->second;
  }

  void clear() {
    for (auto& slot : slots_) slot.reset();
  }

 private:
  std::vector<std::optional<std::pair<Key, Value>>> slots_;
};

}  // namespace fabrix::analyzer
