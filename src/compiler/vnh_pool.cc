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

std::optional<VnhPool::Bound> VnhPool::bind(const Wanted& wanted) {
  const auto known =
      wanted.known ? find(wanted.known->binding, wanted.tag) : std::optional<std::uint16_t>();
  if (!known) return put(wanted);
  if (bindings_[*known].released != kInUse) revive(*known);
  return bound_of(*known);
}

// In a free slot, from the class's own place on.
std::optional<VnhPool::Bound> VnhPool::put(const Wanted& wanted) {
  if (taken_count_ == size_) return std::nullopt;
  const std::uint16_t id = new_binding();
  Binding& binding = bindings_[id];
  binding = {.owner = wanted.owner,
             .tag = wanted.tag,
             .slot = take_slot(wanted.place % size_),
             .next = id};
  if (wanted.known) binding.next = std::exchange(bindings_[wanted.known->binding].next, id);
  news_.push_back({.address = address_at(binding.slot), .tag = binding.tag});
  return bound_of(id);
}

std::uint16_t VnhPool::new_binding() {
  if (forgotten_) {
    const std::uint16_t id = *forgotten_;
    const std::uint16_t next = bindings_[id].next;
    forgotten_ = next != id ? std::optional(next) : std::nullopt;
    return id;
  }
  bindings_.add();
  return static_cast<std::uint16_t>(bindings_.size() - 1);
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
  ++taken_count_;
  return static_cast<std::uint16_t>(start);
}

void VnhPool::release(const Bound& bound, Clock::time_point now) {
  FABRIX_ASSERT(bindings_[bound.binding].released == kInUse);
  retire(bound.binding, now);
}

// It is the last of those out of use.
void VnhPool::retire(std::uint16_t binding, Clock::time_point now) {
  Binding& one = bindings_[binding];
  one.released =
      static_cast<Seconds>(std::chrono::ceil<std::chrono::seconds>(now.time_since_epoch()).count());
  if (released_++ == 0) {
    longest_out_ = one.released_before = one.released_after = binding;
    return;
  }
  Binding& first = bindings_[longest_out_];
  one.released_after = longest_out_;
  one.released_before = std::exchange(first.released_before, binding);
  bindings_[one.released_before].released_after = binding;
}

// It is none of them any more.
void VnhPool::revive(std::uint16_t binding) {
  Binding& one = bindings_[binding];
  bindings_[one.released_before].released_after = one.released_after;
  bindings_[one.released_after].released_before = one.released_before;
  if (longest_out_ == binding) longest_out_ = one.released_after;
  one.released = kInUse;
  --released_;
}

// When forget_quiet() would forget some.
VnhPool::Clock::time_point VnhPool::quiet_at() const {
  if (released_ == 0) return Clock::time_point::max();
  const Clock::time_point out_since(std::chrono::seconds(bindings_[longest_out_].released));
  if (swept_at_ == Clock::time_point::min()) return out_since + kQuarantine;
  return std::max(out_since + kQuarantine, swept_at_ + kBetweenSweeps);
}

std::vector<VnhPool::Forgotten> VnhPool::forget_quiet(Clock::time_point now) {
  std::vector<Forgotten> all;
  while (has_quiet(now)) {
    const std::uint16_t id = longest_out_;
    Binding& one = bindings_[id];
    revive(id);
    const auto left = take_from_its_owner(id);
    all.push_back({.owner = one.owner,
                   .bound = bound_of(id),
                   .left = left ? std::optional(bound_of(*left)) : std::nullopt});
    gone_.push_back(address_at(one.slot));
    taken_[one.slot / kSlotsOfAWord] &= ~(std::uint64_t{1} << one.slot % kSlotsOfAWord);
    --taken_count_;
    one.released = kForgotten;
    one.next = forgotten_.value_or(id);
    forgotten_ = id;
  }
  if (!all.empty()) swept_at_ = now;
  return all;
}

std::vector<VnhPool::Neighbor> VnhPool::neighbors() const {
  std::vector<Neighbor> all;
  all.reserve(bindings_.size());
  for (std::size_t i = 0; i < bindings_.size(); ++i) {
    if (bindings_[i].released == kForgotten) continue;
    all.push_back({address_at(bindings_[i].slot), bindings_[i].tag});
  }
  return all;
}

// Most often there are few: then their memory is kept for the next ones.
void VnhPool::forget_news() {
  constexpr std::size_t kFew = 32;
  news_.clear();
  if (news_.capacity() > kFew) news_.shrink_to_fit();
  gone_ = {};
}

IpAddress VnhPool::address_at(std::size_t slot) const {
  for (const Range& range : ranges_) {
    if (slot < range.count) return advance(range.first, family_, slot).to_address(family_);
    slot -= range.count;
  }
  return ranges_.back().first.to_address(family_);
}

}  // namespace fabrix::compiler
