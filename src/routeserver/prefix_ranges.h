// PrefixRanges: a set of ranges of prefixes such as 192.0.2.0/24 with the blocks inside it of 25 to
// 28 bits, as IRR filters and lists of unwanted prefixes are written.
//
// Ranges are sorted by their prefix, each knows the next around it: the last one not after a prefix
// is found by binary search, what covers it by following links. 32 octets a range. A question costs
// O(log n + ranges around the prefix).
//
// Immutable; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/address_bits.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::routeserver {

// The blocks inside `prefix`, perhaps itself, of `least` to `most` bits.
struct PrefixRange {
  net::Prefix prefix;
  std::uint8_t least = 0;
  std::uint8_t most = 0;

  friend auto operator<=>(const PrefixRange&, const PrefixRange&) = default;
};

// `prefix` and all inside it.
PrefixRange with_inside(const net::Prefix& prefix);

// A prefix taken apart, once for many questions.
struct PrefixBits {
  explicit PrefixBits(const net::Prefix& prefix)
      : bits(net::AddressBits::of(prefix.address())),
        length(prefix.length()),
        family(prefix.family()) {}

  net::AddressBits bits;
  unsigned length;
  net::Family family;
};

class PrefixRanges {
 public:
  PrefixRanges() = default;

  // In any order; repetitions count once.
  explicit PrefixRanges(std::vector<PrefixRange> ranges);

  bool contains(const PrefixBits& prefix) const;
  // Also blocks that are longer than a range around them reaches.
  bool contains_or_exceeds(const PrefixBits& prefix) const;
  // Whether some range's prefix covers it, whatever its length.
  bool covers(const PrefixBits& prefix) const;

  std::size_t size() const { return families_[0].size() + families_[1].size(); }
  bool empty() const { return size() == 0; }

 private:
  using Link = std::uint32_t;
  static constexpr Link kNone = 0xffffffff;

  struct Entry {
    net::AddressBits bits;
    Link around = kNone;  // the nearest before it that covers it, perhaps with the same prefix
    std::uint8_t length = 0;
    std::uint8_t least = 0;
    std::uint8_t most = 0;

    bool covers(const PrefixBits& prefix) const {
      return length <= prefix.length && bits.common_length(prefix.bits) >= length;
    }
  };

  static std::size_t index_of(net::Family family) { return family == net::Family::kIpv4 ? 0 : 1; }
  template <typename Accepts>
  bool any_around(const PrefixBits& prefix, Accepts accepts) const;

  std::array<std::vector<Entry>, 2> families_;
};

}  // namespace fabrix::routeserver
