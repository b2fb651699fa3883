#include "compiler/vnh_pool.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::compiler {
namespace {

using net::Family;
using net::IpAddress;

// The address so many after the first of a range, which is aligned: nothing is carried far.
net::AddressBits advance(const net::AddressBits& first, Family family, std::size_t by) {
  constexpr unsigned kAfterIpv4 = 32;
  if (family == Family::kIpv4) return {first.high + (by << kAfterIpv4), first.low};
  return {first.high, first.low + by};
}

// The inverse; if it is not a place in the range, more than there are.
std::size_t distance(const net::AddressBits& first, Family family, const net::AddressBits& to) {
  constexpr unsigned kAfterIpv4 = 32;
  if (family == Family::kIpv4) return (to.high - first.high) >> kAfterIpv4;
  return to.high == first.high ? to.low - first.low : ~std::size_t{0};
}

// FNV-1a: the same on every machine and in every run.
class Hash {
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

std::uint64_t hash_of(const ClassKey& key) {
  Hash hash;
  hash.add(key.best.value);
  for (const Unit& unit : key.units) {
    hash.add(unit.target.participant.value);
    hash.add(unit.target.router ? unit.target.router->value + std::uint64_t{1} : 0);
    hash.add(unit.router.value);
  }
  return hash.value();
}

}  // namespace

VnhPool::VnhPool(std::span<const net::Prefix> ranges, net::Family family) : family_(family) {
  for (const net::Prefix& range : ranges) {
    if (range.family() != family || size_ == kMaxSlots) continue;
    const unsigned free_bits = std::min(17U, net::width_of(family) - range.length());
    std::size_t count = std::size_t{1} << free_bits;
    // A /31 and a /32 have neither network nor broadcast address (RFC 3021).
    const bool plain = free_bits < 2;
    if (!plain) count -= family == Family::kIpv4 ? 2 : 1;
    count = std::min(count, kMaxSlots - size_);
    const auto first = net::AddressBits::of(range.address());
    ranges_.push_back({advance(first, family, plain ? 0 : 1), count});
    size_ += count;
  }
}

namespace {

std::uint64_t with_tag(std::uint64_t hash, net::MacAddress tag) {
  return (hash ^ tag.to_u64()) * 0xff51afd7ed558ccdU;
}

}  // namespace

std::optional<IpAddress> VnhPool::bind(const ClassKey& key, net::MacAddress tag,
                                       Clock::time_point now) {
  if (size_ == 0) return std::nullopt;
  const std::uint64_t place = hash_of(key);
  const std::uint64_t hash = with_tag(place, tag);
  if (const auto known = find(key, tag, hash)) {
    Binding& binding = slots_.at(*known);
    if (binding.released) --released_;
    binding.released.reset();
    return address_at(*known);
  }
  const auto slot =
      put(place % size_, {.key = key, .tag = tag, .hash = hash, .released = std::nullopt}, now);
  if (!slot) return std::nullopt;
  by_hash_.insert_or_assign(hash, *slot);
  news_.push_back({.address = address_at(*slot), .tag = tag});
  return news_.back().address;
}

// Of two meanings with one hash the later is indexed; the other is found where it may be.
std::optional<std::size_t> VnhPool::find(const ClassKey& key, net::MacAddress tag,
                                         std::uint64_t hash) const {
  const auto is_it = [&](const Binding& binding) {
    return binding.hash == hash && binding.tag == tag && binding.key == key;
  };
  const auto indexed = by_hash_.find(hash);
  if (indexed == by_hash_.end()) return std::nullopt;
  if (is_it(slots_.at(indexed->second))) return indexed->second;
  for (const auto& [slot, binding] : slots_) {
    if (is_it(binding)) return slot;
  }
  return std::nullopt;
}

// In a slot never used, from the class's own place on; else in one whose quarantine is over.
std::optional<std::size_t> VnhPool::put(std::size_t start, Binding binding, Clock::time_point now) {
  if (slots_.size() < size_) {
    std::size_t slot = start;
    while (slots_.contains(slot)) slot = (slot + 1) % size_;
    slots_.emplace(slot, std::move(binding));
    return slot;
  }
  const auto slot = find_quiet(start, now);
  if (!slot) return std::nullopt;
  Binding& old = slots_.at(*slot);
  const auto indexed = by_hash_.find(old.hash);
  if (indexed != by_hash_.end() && indexed->second == *slot) by_hash_.erase(indexed);
  --released_;
  old = std::move(binding);
  return slot;
}

void VnhPool::release(const IpAddress& address, Clock::time_point now) {
  Binding& binding = slots_.at(slot_of(address));
  FABRIX_ASSERT(!binding.released);
  binding.released = now;
  oldest_release_ = released_ == 0 ? now : std::min(oldest_release_, now);
  ++released_;
}

std::vector<VnhPool::Neighbor> VnhPool::neighbors() const {
  std::vector<Neighbor> all;
  all.reserve(slots_.size());
  for (const auto& [slot, binding] : slots_) {
    all.push_back({address_at(slot), binding.tag});
  }
  return all;
}

IpAddress VnhPool::address_at(std::size_t slot) const {
  for (const Range& range : ranges_) {
    if (slot < range.count) return advance(range.first, family_, slot).to_address(family_);
    slot -= range.count;
  }
  return ranges_.back().first.to_address(family_);
}

std::size_t VnhPool::slot_of(const IpAddress& address) const {
  const auto bits = net::AddressBits::of(address);
  std::size_t before = 0;
  for (const Range& range : ranges_) {
    const std::size_t place = distance(range.first, family_, bits);
    if (place < range.count) return before + place;
    before += range.count;
  }
  FABRIX_ASSERT(false);
  return before;
}

// O(1) while no quarantine can be over: a full pool is asked again and again.
std::optional<std::size_t> VnhPool::find_quiet(std::size_t start, Clock::time_point now) {
  if (released_ == 0 || now - oldest_release_ < kQuarantine) return std::nullopt;
  oldest_release_ = now;
  std::optional<std::size_t> found;
  for (std::size_t step = 0; step < size_; ++step) {
    const std::size_t slot = (start + step) % size_;
    const auto& released = slots_.at(slot).released;
    if (!released) continue;
    if (!found && now - *released >= kQuarantine) {
      found = slot;
    } else {
      oldest_release_ = std::min(oldest_release_, *released);
    }
  }
  return found;
}

}  // namespace fabrix::compiler
