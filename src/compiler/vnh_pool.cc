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

}  // namespace

VnhPool::VnhPool(ClassKeys& keys, std::span<const net::Prefix> ranges, net::Family family)
    : keys_(keys), family_(family) {
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

std::uint64_t VnhPool::hash_of(const Binding& binding) {
  const std::uint64_t key = binding.key.value * 0x9e3779b97f4a7c15U;
  return (key ^ binding.tag.to_u64()) * 0xff51afd7ed558ccdU;
}

VnhPool::Bound VnhPool::bound_of(std::uint32_t binding) const {
  return {.slot = bindings_[binding].slot, .binding = static_cast<std::uint16_t>(binding)};
}

std::optional<VnhPool::Bound> VnhPool::bind(KeyId key, net::MacAddress tag, Clock::time_point now) {
  if (size_ == 0) return std::nullopt;
  const Binding wanted{.key = key, .tag = tag};
  const std::uint32_t known = index_.find(hash_of(wanted), [&](std::uint32_t id) {
    return bindings_[id].key == key && bindings_[id].tag == tag;
  });
  if (known != HashIndex::kNone) {
    if (std::exchange(bindings_[known].released, kInUse) != kInUse) --released_;
    return bound_of(known);
  }
  return put(wanted, now);
}

// In a slot never used, from the class's own place on; else in one whose quarantine is over.
std::optional<VnhPool::Bound> VnhPool::put(Binding binding, Clock::time_point now) {
  const std::size_t start = keys_[binding.key].place % size_;
  auto id = static_cast<std::uint32_t>(bindings_.size());
  const bool is_other = id == size_;
  if (is_other) {
    const auto old = find_quiet(start, now);
    if (!old) return std::nullopt;
    id = *old;
    index_.erase(hash_of(bindings_[id]), id);
    keys_.drop(bindings_[id].key);
    binding.slot = bindings_[id].slot;
    bindings_[id] = binding;
    --released_;
  } else {
    binding.slot = take_slot(start);
    bindings_.add(binding);
  }
  keys_.hold(binding.key);
  index_.insert(hash_of(binding), id);
  news_.push_back({.address = address_at(binding.slot), .tag = binding.tag, .is_other = is_other});
  return bound_of(id);
}

std::uint16_t VnhPool::take_slot(std::size_t start) {
  taken_.resize(size_);
  while (taken_[start]) start = start + 1 == size_ ? 0 : start + 1;
  taken_[start] = true;
  return static_cast<std::uint16_t>(start);
}

void VnhPool::release(const Bound& bound, Clock::time_point now) {
  Binding& binding = bindings_[bound.binding];
  FABRIX_ASSERT(binding.released == kInUse);
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

// The first from that slot on. O(1) while no quarantine can be over: a full pool is asked again and
// again.
std::optional<std::uint32_t> VnhPool::find_quiet(std::size_t start, Clock::time_point now) {
  if (released_ == 0 || now - oldest_release_ < kQuarantine) return std::nullopt;
  std::optional<std::uint32_t> found;
  const auto steps_to = [&](std::uint32_t id) {
    return (bindings_[id].slot + size_ - start) % size_;
  };
  for (std::uint32_t id = 0; id < bindings_.size(); ++id) {
    if (bindings_[id].released == kInUse || now - bindings_[id].released < kQuarantine) continue;
    if (!found || steps_to(id) < steps_to(*found)) found = id;
  }
  oldest_release_ = now;
  for (std::uint32_t id = 0; id < bindings_.size(); ++id) {
    if (id != found) oldest_release_ = std::min(oldest_release_, bindings_[id].released);
  }
  return found;
}

}  // namespace fabrix::compiler
