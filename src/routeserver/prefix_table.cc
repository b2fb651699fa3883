#include "routeserver/prefix_table.h"

#include <cstring>
#include <random>

#include "base/assert.h"

namespace fabrix::routeserver {

namespace {

// Chosen anew by each process: members must not be able to choose prefixes that collide.
std::uint64_t choose_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

std::uint64_t mix(std::uint64_t value) {
  value *= 0xff51afd7ed558ccdU;
  value ^= value >> 32U;
  value *= 0xc4ceb9fe1a85ec53U;
  return value ^ value >> 29U;
}

std::uint32_t hash_of(const net::Prefix& prefix) {
  static const std::uint64_t seed = choose_seed();
  const auto octets = prefix.address().octets();
  std::uint64_t high = 0;
  std::memcpy(&high, octets.data(), octets.size() == 4 ? 4 : 8);
  std::uint64_t mixed = mix(high ^ std::uint64_t{prefix.length()} << 56U ^ seed);
  if (octets.size() != 4) {
    std::uint64_t low = 0;
    std::memcpy(&low, octets.data() + 8, 8);
    mixed = mix(mixed ^ low);
  }
  return static_cast<std::uint32_t>(mixed >> 32U);
}

}  // namespace

PrefixTable::PrefixTable() : index_(0, Hash{}, Equal{this}) {}

PrefixTable::~PrefixTable() = default;

EntryId PrefixTable::obtain(const net::Prefix& prefix) {
  const Sought sought{.prefix = prefix, .hash = hash_of(prefix)};
  if (const auto found = index_.find(sought); found != index_.end()) return found->id;
  EntryId id{end_};
  if (free_.empty()) {
    if (end_ % kChunk == 0) chunks_.push_back(std::make_unique<Chunk>());
    ++end_;
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Entry& entry = (*this)[id];
  entry.prefix = prefix;
  entry.released = false;
  index_.insert({.id = id, .hash = sought.hash});
  return id;
}

std::optional<EntryId> PrefixTable::find(const net::Prefix& prefix) const {
  const auto found = index_.find(Sought{.prefix = prefix, .hash = hash_of(prefix)});
  if (found == index_.end()) return std::nullopt;
  return found->id;
}

void PrefixTable::release(EntryId id) {
  Entry& entry = (*this)[id];
  FABRIX_ASSERT(entry.routes.empty() && !entry.released);
  index_.erase(Indexed{.id = id, .hash = hash_of(entry.prefix)});
  entry.released = true;
  free_.push_back(id);
}

}  // namespace fabrix::routeserver
