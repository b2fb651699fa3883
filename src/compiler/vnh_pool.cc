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

}  // namespace

std::uint64_t VnhPool::hash_of(const ClassKey& key) {
  Hash hash;
  hash.add(key.best.value);
  for (const Unit& unit : key.units) {
    hash.add(unit.target.participant.value);
    hash.add(unit.target.router ? unit.target.router->value + std::uint64_t{1} : 0);
    hash.add(unit.router.value);
  }
  return hash.value();
}

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

std::optional<IpAddress> VnhPool::bind(const ClassKey& key, std::uint64_t hash, net::MacAddress tag,
                                       Clock::time_point now) {
  if (size_ == 0) return std::nullopt;
  Binding wanted{.key = key, .tag = tag, .hash = with_tag(hash, tag), .released = std::nullopt};
  if (Binding* const known = find(wanted)) {
    if (known->released) --released_;
    known->released.reset();
    return address_at(known->slot);
  }
  const Binding* const made = put(hash % size_, std::move(wanted), now);
  if (made == nullptr) return std::nullopt;
  news_.push_back({.address = address_at(made->slot), .tag = tag});
  return news_.back().address;
}

VnhPool::Binding* VnhPool::find(const Binding& wanted) {
  const BindingId found = by_hash_.find(wanted.hash, [&](BindingId id) {
    const Binding& binding = bindings_[id];
    return binding.hash == wanted.hash && binding.tag == wanted.tag && binding.key == wanted.key;
  });
  return found == HashIndex::kNone ? nullptr : &bindings_[found];
}

// HashIndex::kNone: it was never used.
VnhPool::BindingId VnhPool::at_slot(std::uint32_t slot) const {
  return by_slot_.find(slot, [&](BindingId id) { return bindings_[id].slot == slot; });
}

// In a slot never used, from the class's own place on; else in one whose quarantine is over.
VnhPool::Binding* VnhPool::put(std::size_t start, Binding binding, Clock::time_point now) {
  if (bindings_.size() < size_) {
    const auto id = static_cast<BindingId>(bindings_.size());
    binding.slot = static_cast<std::uint32_t>(start);
    while (at_slot(binding.slot) != HashIndex::kNone) {
      binding.slot = binding.slot + 1 == size_ ? 0 : binding.slot + 1;
    }
    by_slot_.insert(binding.slot, id);
    by_hash_.insert(binding.hash, id);
    return &bindings_.add(std::move(binding));
  }
  Binding* const old = find_quiet(start, now);
  if (old == nullptr) return nullptr;
  const BindingId id = at_slot(old->slot);
  by_hash_.erase(old->hash, id);
  by_hash_.insert(binding.hash, id);
  binding.slot = old->slot;
  *old = std::move(binding);
  --released_;
  return old;
}

void VnhPool::release(const IpAddress& address, Clock::time_point now) {
  Binding& binding = bindings_[at_slot(static_cast<std::uint32_t>(slot_of(address)))];
  FABRIX_ASSERT(!binding.released);
  binding.released = now;
  oldest_release_ = released_ == 0 ? now : std::min(oldest_release_, now);
  ++released_;
}

std::vector<VnhPool::Neighbor> VnhPool::neighbors() const {
  std::vector<Neighbor> all;
  all.reserve(bindings_.size());
  for (std::size_t i = 0; i < bindings_.size(); ++i) {
    all.push_back({address_at(bindings_[i].slot), bindings_[i].tag});
  }
  return all;
}

// Most often there are few: then their memory is kept for the next ones.
void VnhPool::forget_news() {
  constexpr std::size_t kFew = 32;
  news_.clear();
  if (news_.capacity() > kFew) news_.shrink_to_fit();
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
VnhPool::Binding* VnhPool::find_quiet(std::size_t start, Clock::time_point now) {
  if (released_ == 0 || now - oldest_release_ < kQuarantine) return nullptr;
  oldest_release_ = now;
  Binding* found = nullptr;
  for (std::size_t step = 0; step < size_; ++step) {
    const auto slot = static_cast<std::uint32_t>((start + step) % size_);
    Binding& binding = bindings_[at_slot(slot)];
    if (!binding.released) continue;
    if (found == nullptr && now - *binding.released >= kQuarantine) {
      found = &binding;
    } else {
      oldest_release_ = std::min(oldest_release_, *binding.released);
    }
  }
  return found;
}

}  // namespace fabrix::compiler
