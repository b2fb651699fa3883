// VnhPool: which virtual next hop stands for which forwarding class of one sender, in one family.
//
// A binding (address -> class, tag) never changes while the sender's routers may remember it: a
// class whose tag changes gets another address, and an address no longer in use keeps its binding.
// It is given to another class only when the pool is full and it has been out of use for
// kQuarantine. A class that comes back gets its old address.
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
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compiler/chunks.h"
#include "compiler/codebook.h"
#include "compiler/hash_index.h"
#include "net/address_bits.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::compiler {

// What a forwarding class means, whatever its encoding: the best route's router and what is
// reachable.
struct ClassKey {
  net::RouterId best;
  Units units;

  friend auto operator<=>(const ClassKey&, const ClassKey&) = default;
};

class VnhPool {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::hours kQuarantine{4};
  static constexpr std::size_t kMaxSlots = 65536;

  // Of `ranges`, the pool takes those of `family`, without their network and broadcast addresses
  // (an IPv6 range: without the subnet-router anycast address, RFC 4291 2.6.1), up to kMaxSlots
  // addresses.
  VnhPool(std::span<const net::Prefix> ranges, net::Family family);

  // The address of the class under this tag, in use from now on. None: exhausted.
  std::optional<net::IpAddress> bind(const ClassKey& key, net::MacAddress tag,
                                     Clock::time_point now) {
    return bind(key, hash_of(key), tag, now);
  }
  // The same on every machine and in every run.
  static std::uint64_t hash_of(const ClassKey& key);
  // By that hash of the key.
  std::optional<net::IpAddress> bind(const ClassKey& key, std::uint64_t hash, net::MacAddress tag,
                                     Clock::time_point now);
  // It is not in use any more; it must have been.
  void release(const net::IpAddress& address, Clock::time_point now);

  // A hint: it is released soon (base/ahead.h).
  void expect(const net::IpAddress& address) const {
    by_slot_.send_for_hash(static_cast<std::uint32_t>(slot_of(address)));
  }

  // Every binding that a router may remember.
  struct Neighbor {
    net::IpAddress address;
    net::MacAddress tag;
    friend auto operator<=>(const Neighbor&, const Neighbor&) = default;
  };
  std::vector<Neighbor> neighbors() const;
  // Those that were bound since forget_news(); an address may have been another's before.
  std::span<const Neighbor> news() const { return news_; }
  void forget_news();

  std::size_t size() const { return size_; }

 private:
  using BindingId = std::uint32_t;
  struct Binding {
    ClassKey key;
    net::MacAddress tag;
    std::uint32_t slot = 0;
    std::uint64_t hash = 0;                     // of both
    std::optional<Clock::time_point> released;  // none: in use
  };

  net::IpAddress address_at(std::size_t slot) const;
  std::size_t slot_of(const net::IpAddress& address) const;
  BindingId at_slot(std::uint32_t slot) const;
  Binding* find(const Binding& wanted);
  Binding* put(std::size_t start, Binding binding, Clock::time_point now);
  Binding* find_quiet(std::size_t start, Clock::time_point now);

  struct Range {
    net::AddressBits first;
    std::size_t count = 0;
  };
  net::Family family_;
  std::vector<Range> ranges_;
  std::size_t size_ = 0;
  std::size_t released_ = 0;               // bindings out of use
  Clock::time_point oldest_release_ = {};  // of them; or earlier
  Chunks<Binding> bindings_;
  HashIndex by_slot_;  // of bindings, as is the next
  HashIndex by_hash_;
  std::vector<Neighbor> news_;
};

}  // namespace fabrix::compiler
