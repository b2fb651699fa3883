#include "compiler/vnh_pool.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace fabrix::compiler {
namespace {

using net::Family;
using net::IpAddress;

IpAddress advance(const IpAddress& address, std::size_t by) {
  std::array<std::uint8_t, 16> octets{};
  std::ranges::copy(address.octets(), octets.begin());
  std::size_t carry = by;
  for (std::size_t i = address.octets().size(); i > 0 && carry != 0; --i) {
    carry += octets.at(i - 1);
    octets.at(i - 1) = static_cast<std::uint8_t>(carry & 0xffU);
    carry >>= 8U;
  }
  if (address.family() == Family::kIpv6) return IpAddress::v6(octets);
  return IpAddress::v4({octets[0], octets[1], octets[2], octets[3]});
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

VnhPool::VnhPool(std::span<const net::Prefix> ranges, net::Family family) {
  for (const net::Prefix& range : ranges) {
    if (range.family() != family || size_ == kMaxSlots) continue;
    const unsigned free_bits = std::min(17U, net::width_of(family) - range.length());
    std::size_t count = std::size_t{1} << free_bits;
    // A /31 and a /32 have neither network nor broadcast address (RFC 3021).
    const bool plain = free_bits < 2;
    if (!plain) count -= family == Family::kIpv4 ? 2 : 1;
    count = std::min(count, kMaxSlots - size_);
    ranges_.push_back({advance(range.address(), plain ? 0 : 1), count});
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
  const auto slot = find_free(place % size_, now);
  if (!slot) return std::nullopt;
  if (const auto old = slots_.find(*slot); old != slots_.end()) {
    const auto indexed = by_hash_.find(old->second.hash);
    if (indexed != by_hash_.end() && indexed->second == *slot) by_hash_.erase(indexed);
    --released_;
  }
  slots_.insert_or_assign(*slot,
                          Binding{.key = key, .tag = tag, .hash = hash, .released = std::nullopt});
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

void VnhPool::release(const ClassKey& key, net::MacAddress tag, Clock::time_point now) {
  const auto known = find(key, tag, with_tag(hash_of(key), tag));
  FABRIX_ASSERT(known.has_value());
  Binding& binding = slots_.at(*known);
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
    if (slot < range.count) return advance(range.first, slot);
    slot -= range.count;
  }
  return ranges_.back().first;
}

// A slot never used, from the class's own place on; else one whose quarantine is over.
std::optional<std::size_t> VnhPool::find_free(std::size_t start, Clock::time_point now) {
  if (slots_.size() == size_) return find_quiet(start, now);
  std::size_t slot = start;
  while (slots_.contains(slot)) slot = (slot + 1) % size_;
  return slot;
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
