// VnhPool: which virtual next hop stands for which forwarding class of one sender, in one family.
//
// A binding (address -> class, tag) never changes while the sender's routers may remember it: a
// class whose tag changes gets another address, and an address no longer in use keeps its binding
// for kQuarantine. Then it may be forgotten, and the address be another class's: so there are as
// many bindings as classes are in use or were lately. A class that comes back before gets its old
// address: it is remembered together with one of its bindings, each of which leads to the next, so
// that nobody has to look for them.
//
// A class's address is first sought where a hash of the class points to, so that it hardly depends
// on history. ARP and ND are answered per ingress port: the pools of two senders share addresses.
//
// Not thread-safe. Bounded by kMaxSlots.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/ahead.h"
#include "compiler/chunks.h"
#include "compiler/route_groups.h"
#include "net/address_bits.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::compiler {

class VnhPool {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::hours kQuarantine{4};
  // To forget some makes whoever compares neighbours look at all: it is done for many at once.
  static constexpr std::chrono::hours kBetweenSweeps{1};
  static constexpr std::size_t kMaxSlots = 65536;

  // Of `ranges`, the pool takes those of `family`, without their network and broadcast addresses
  // (an IPv6 range: without the subnet-router anycast address, RFC 4291 2.6.1), up to kMaxSlots
  // addresses.
  VnhPool(std::span<const net::Prefix> ranges, net::Family family);

  // A binding, and the place of its address, in four octets: classes have two of them.
  struct Bound {
    std::uint16_t slot = 0;
    std::uint16_t binding = 0;

    friend bool operator==(const Bound&, const Bound&) = default;
  };
  static_assert(kMaxSlots - 1 <= std::numeric_limits<std::uint16_t>::max());

  struct Wanted {
    ClassId owner{};
    std::uint64_t place = 0;  // of the class: where its address is first sought
    net::MacAddress tag;
    std::optional<Bound> known;  // one of the class's bindings; none: it has none
  };
  // The address of the class under this tag, in use from now on. None: exhausted.
  std::optional<Bound> bind(const Wanted& wanted);
  // It is not in use any more; it must have been.
  void release(const Bound& bound, Clock::time_point now);
  net::IpAddress address_of(const Bound& bound) const { return address_at(bound.slot); }

  // Whether forget_quiet() would forget some.
  bool has_quiet(Clock::time_point now) const { return now >= quiet_at(); }
  struct Forgotten {
    ClassId owner{};
    Bound bound;
    std::optional<Bound> left;  // one of those that the class still has
  };
  // Forgets the bindings whose quarantine is over.
  std::vector<Forgotten> forget_quiet(Clock::time_point now);
  // From when on a class without bindings may get an address, if nothing is bound or released until
  // then. max(): never.
  Clock::time_point room_at() const {
    return taken_count_ < size_ ? Clock::time_point::min() : quiet_at();
  }

  // A hint: it is released or bound again soon (base/ahead.h).
  void expect(const Bound& bound) const { send_for(bindings_[bound.binding]); }

  // Likewise: a class of that place, which has none, gets a binding.
  void expect_new(std::uint64_t place) const {
    bindings_.expect_more();
    if (!taken_.empty()) read_ahead(taken_[place % size_ / kSlotsOfAWord]);
  }

  // Every binding that a router may remember.
  struct Neighbor {
    net::IpAddress address;
    net::MacAddress tag;
    friend auto operator<=>(const Neighbor&, const Neighbor&) = default;
  };
  std::vector<Neighbor> neighbors() const;
  // Those that were bound since forget_news(), and the addresses that were forgotten before.
  std::span<const Neighbor> news() const { return news_; }
  std::span<const net::IpAddress> gone() const { return gone_; }
  void forget_news();

  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kSlotsOfAWord = 64;
  // Since the clock's epoch, rounded up.
  using Seconds = std::uint32_t;
  static constexpr Seconds kInUse = std::numeric_limits<Seconds>::max();
  static constexpr Seconds kForgotten = kInUse - 1;

  struct Binding {
    ClassId owner{};
    net::MacAddress tag;
    std::uint16_t slot = 0;
    std::uint16_t next = 0;  // of the owner's bindings, round and round
    // Of the bindings out of use, in the order in which they were released, round and round.
    std::uint16_t released_before = 0;
    std::uint16_t released_after = 0;
    Seconds released = kInUse;
  };
  static_assert(sizeof(Binding) == 24);

  net::IpAddress address_at(std::size_t slot) const;
  Bound bound_of(std::uint16_t binding) const;
  Clock::time_point quiet_at() const;
  std::optional<std::uint16_t> find(std::uint16_t sibling, net::MacAddress tag) const;
  std::optional<Bound> put(const Wanted& wanted);
  std::uint16_t new_binding();
  std::optional<std::uint16_t> take_from_its_owner(std::uint16_t binding);
  std::uint16_t take_slot(std::size_t start);
  void retire(std::uint16_t binding, Clock::time_point now);
  void revive(std::uint16_t binding);

  struct Range {
    net::AddressBits first;
    std::size_t count = 0;
  };
  net::Family family_;
  std::vector<Range> ranges_;
  std::size_t size_ = 0;
  std::size_t released_ = 0;       // bindings out of use
  std::uint16_t longest_out_ = 0;  // of them
  Clock::time_point swept_at_ = Clock::time_point::min();
  Chunks<Binding> bindings_;
  std::optional<std::uint16_t> forgotten_;  // each leads to the next, the last to itself
  std::vector<std::uint64_t> taken_;        // a bit a slot: it has a binding
  std::size_t taken_count_ = 0;
  std::vector<Neighbor> news_;
  std::vector<net::IpAddress> gone_;
};

}  // namespace fabrix::compiler
