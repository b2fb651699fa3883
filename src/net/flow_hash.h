// Buckets: small numbers that packets hash to where they enter the fabric, so that policies can
// share traffic out (balance()) and keep the packets of a flow together.
//
// There is one for each key, and each is a field like any other (net/field.h). What a packet hashes
// to is the fabric's business: all that is proved holds for any hash, and a switch has its own. The
// one here is what the simulated fabric uses: equal keys have equal buckets, on every machine.
//
// Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "net/field.h"
#include "net/packet.h"

namespace fabrix::net {

// What is hashed. Both directions of a flow have one bucket: addresses, ports and protocol count,
// and which of the two ends is the source does not.
enum class HashKey : std::uint8_t { kFlow, kSrcIp, kDstIp };
inline constexpr std::array kHashKeys{HashKey::kFlow, HashKey::kSrcIp, HashKey::kDstIp};

inline constexpr unsigned kBucketCount = 64;

constexpr Field bucket_field(HashKey key) {
  return static_cast<Field>(static_cast<unsigned>(Field::kFlowBucket) + static_cast<unsigned>(key));
}

// "flow", "srcip", "dstip".
std::string_view name_of(HashKey key);

// A set of keys.
class HashKeys {
 public:
  constexpr HashKeys() = default;
  constexpr HashKeys(std::initializer_list<HashKey> keys) {
    for (const HashKey key : keys) add(key);
  }

  constexpr void add(HashKey key) { bits_ |= bit(key); }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool contains(HashKey key) const { return (bits_ & bit(key)) != 0; }
  constexpr bool contains(HashKeys keys) const { return (keys.bits_ & ~bits_) == 0; }

  friend constexpr HashKeys operator|(HashKeys a, HashKeys b) {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr auto operator<=>(HashKeys, HashKeys) = default;

 private:
  static constexpr unsigned bit(HashKey key) { return 1U << static_cast<unsigned>(key); }

  unsigned bits_ = 0;
};

// The packet's bucket for a key: below kBucketCount. 0 without an IP header.
std::uint8_t bucket_of(const Packet& packet, HashKey key);

// " in flow bucket 17", " in flow bucket 17 and srcip bucket 3"; nothing without keys.
std::string bucket_text(const Packet& packet, HashKeys keys);

// The packet, in its buckets.
Packet hashed(Packet packet);

}  // namespace fabrix::net
