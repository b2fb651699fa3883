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

VnhPool::Bound VnhPool::bound_of(std::uint16_t binding) const {
  return {.slot = bindings_[binding].slot, .binding = binding};
}

// Of the bindings of the same class.
std::optional<std::uint16_t> VnhPool::find(std::uint16_t sibling, net::MacAddress tag) const {
  std::uint16_t id = sibling;
  do {
    if (bindings_[id].tag == tag) return id;
    id = bindings_[id].next;
  } while (id != sibling);
  return std::nullopt;
}

std::optional<VnhPool::Taken> VnhPool::bind(const Wanted& wanted, Clock::time_point now) {
  if (size_ == 0) return std::nullopt;
  const auto known =
      wanted.known ? find(wanted.known->binding, wanted.tag) : std::optional<std::uint16_t>();
  if (!known) return put(wanted, now);
  if (std::exchange(bindings_[*known].released, kInUse) != kInUse) --released_;
  return Taken{.bound = bound_of(*known)};
}

// In a slot never used, from the class's own place on; else in one whose quarantine is over.
std::optional<VnhPool::Taken> VnhPool::put(const Wanted& wanted, Clock::time_point now) {
  const std::size_t start = wanted.place % size_;
  const bool is_other = bindings_.size() == size_;
  auto id = static_cast<std::uint16_t>(bindings_.size());
  auto sibling = wanted.known ? std::optional(wanted.known->binding) : std::nullopt;
  Taken taken;
  if (is_other) {
    const auto old = find_quiet(start, now);
    if (!old) return std::nullopt;
    id = *old;
    const auto left = take_from_its_owner(id);
    taken.loser = bindings_[id].owner;
    if (left) taken.left = bound_of(*left);
    if (sibling == id) sibling = left;
    --released_;
  } else {
    bindings_.add().slot = take_slot(start);
  }
  Binding& binding = bindings_[id];
  binding = {.owner = wanted.owner, .tag = wanted.tag, .slot = binding.slot, .next = id};
  if (sibling) binding.next = std::exchange(bindings_[*sibling].next, id);
  news_.push_back({.address = address_at(binding.slot), .tag = binding.tag, .is_other = is_other});
  taken.bound = bound_of(id);
  return taken;
}

// One of those that are left to the owner.
std::optional<std::uint16_t> VnhPool::take_from_its_owner(std::uint16_t binding) {
  std::uint16_t before = binding;
  while (bindings_[before].next != binding) before = bindings_[before].next;
  if (before == binding) return std::nullopt;
  bindings_[before].next = bindings_[binding].next;
  return before;
}

std::uint16_t VnhPool::take_slot(std::size_t start) {
  taken_.resize(size_ / kSlotsOfAWord + 1);
  const auto bit_of = [](std::size_t slot) { return std::uint64_t{1} << slot % kSlotsOfAWord; };
  while ((taken_[start / kSlotsOfAWord] & bit_of(start)) != 0) {
    start = start + 1 == size_ ? 0 : start + 1;
  }
  taken_[start / kSlotsOfAWord] |= bit_of(start);
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
std::optional<std::uint16_t> VnhPool::find_quiet(std::size_t start, Clock::time_point now) {
  if (released_ == 0 || now - oldest_release_ < kQuarantine) return std::nullopt;
  std::optional<std::uint16_t> found;
  const auto steps_to = [&](std::size_t id) {
    return (bindings_[id].slot + size_ - start) % size_;
  };
  for (std::size_t id = 0; id < bindings_.size(); ++id) {
    if (bindings_[id].released == kInUse || now - bindings_[id].released < kQuarantine) continue;
    if (!found || steps_to(id) < steps_to(*found)) found = static_cast<std::uint16_t>(id);
  }
  oldest_release_ = now;
  for (std::size_t id = 0; id < bindings_.size(); ++id) {
    if (id != found) oldest_release_ = std::min(oldest_release_, bindings_[id].released);
  }
  return found;
}

}  // namespace fabrix::compiler
