#include "compiler/class_keys.h"

#include "base/assert.h"

namespace fabrix::compiler {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0xff51afd7ed558ccdU;
  return hash ^ hash >> 32U;
}

std::uint64_t hash_of(const ClassKey& key) {
  std::uint64_t hash = mix(0x9e3779b97f4a7c15U, key.best.value);
  for (const Unit& unit : key.units) {
    const std::uint64_t port = unit.target.router ? unit.target.router->value + 1U : 0U;
    hash = mix(hash, std::uint64_t{unit.target.participant.value} << 40U | port << 20U |
                         unit.router.value);
  }
  return hash;
}

// FNV-1a.
class Place {
 public:
  void add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      state_ = (state_ ^ (value >> shift & 0xffU)) * 0x100000001b3U;
    }
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

std::uint64_t place_of(const ClassKey& key) {
  Place place;
  place.add(key.best.value);
  for (const Unit& unit : key.units) {
    place.add(unit.target.participant.value);
    place.add(unit.target.router ? unit.target.router->value + std::uint64_t{1} : 0);
    place.add(unit.router.value);
  }
  return place.value();
}

}  // namespace

KeyId ClassKeys::enter(const ClassKey& key) {
  const std::uint64_t hash = hash_of(key);
  const std::uint32_t known = index_.find(
      hash, [&](std::uint32_t id) { return entries_[id].hash == hash && entries_[id].key == key; });
  if (known != HashIndex::kNone) {
    hold(KeyId{known});
    return KeyId{known};
  }
  KeyId id{static_cast<std::uint32_t>(entries_.size())};
  if (free_.empty()) {
    entries_.add();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  entries_[id.index()] = {.key = key, .hash = hash, .place = place_of(key), .holders = 1};
  index_.insert(hash, id.value);
  return id;
}

void ClassKeys::drop(KeyId id) {
  Entry& entry = entries_[id.index()];
  FABRIX_ASSERT(entry.holders > 0);
  if (--entry.holders > 0) return;
  index_.erase(entry.hash, id.value);
  entry = {};
  free_.push_back(id);
}

}  // namespace fabrix::compiler
