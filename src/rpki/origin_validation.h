// VrpTable: an immutable set of VRPs, and the verdict on a route's origin by it (RFC 6811).
//
//   RFC 6811 §2   Valid, Invalid, NotFound; a route without one origin AS (it ends in an AS_SET, or
//                 is empty) is never Valid
//   RFC 6483 §4, RFC 7607   AS 0 never matches, neither as a VRP's nor as a route's
//
// Blocks are sorted, each knows the next block around it: the deepest block that may cover a route
// is found by binary search within its first 16 bits, the others by following links. About 35
// octets a VRP. build: O(n log n), O(n) if sorted. validate: O(log n + blocks around the route).
//
// Values; a table may be read by any number of threads at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/address_bits.h"
#include "net/asn.h"
#include "net/prefix.h"
#include "rpki/vrp.h"

namespace fabrix::rpki {

enum class OriginState : std::uint8_t {
  kValid,     // some VRP covers the prefix and matches origin and length
  kNotFound,  // no VRP covers the prefix
  kInvalid,   // VRPs cover the prefix, none matches
};

enum class InvalidReason : std::uint8_t {
  kLength,  // a covering VRP names the origin, but the prefix is longer than it allows
  kOrigin,  // no covering VRP names the origin
};

std::string_view to_string(OriginState state);
std::string_view to_string(InvalidReason reason);

// A verdict with its grounds, for people.
struct Explanation {
  OriginState state = OriginState::kNotFound;
  std::optional<InvalidReason> reason;  // when invalid
  std::vector<Vrp> covering;            // longest prefix first

  friend bool operator==(const Explanation&, const Explanation&) = default;
};

class VrpTable {
 public:
  VrpTable() = default;

  // In any order; repetitions count once. Each must be sound, and there must be at most 4 billion.
  static VrpTable build(std::vector<Vrp> vrps);

  // `origin` is the last AS of the path; none if the path ends in an AS_SET or is empty.
  OriginState validate(const net::Prefix& prefix, std::optional<net::Asn> origin) const;
  Explanation explain(const net::Prefix& prefix, std::optional<net::Asn> origin) const;

  std::size_t size() const { return grants_.size(); }
  bool empty() const { return grants_.empty(); }

  // All of them, sorted.
  std::vector<Vrp> vrps() const;

  // Octets it occupies, about.
  std::size_t memory() const;

 private:
  using Link = std::uint32_t;
  static constexpr Link kNone = 0xffffffff;

  // The VRPs of one prefix: grants_[first_grant .. + grants).
  struct Block {
    net::AddressBits bits;
    Link around = kNone;  // the smallest block that this one lies in
    std::uint32_t first_grant = 0;
    std::uint32_t grants = 0;
    std::uint8_t length = 0;

    bool covers(const net::AddressBits& other, unsigned other_length) const {
      return length <= other_length && bits.common_length(other) >= length;
    }
  };

  struct Grant {
    net::Asn asn;
    std::uint8_t max_length = 0;
  };

  struct FamilyBlocks {
    std::vector<Block> blocks;    // in Prefix order
    std::vector<Link> starts_at;  // by the first 16 bits: the first block with these or more
  };

  const FamilyBlocks& blocks_of(net::Family family) const;
  static void link(FamilyBlocks& family);
  static Link last_not_after(const FamilyBlocks& family, const net::AddressBits& bits,
                             unsigned length);
  void append(const Block& block, net::Family family, std::vector<Vrp>& vrps) const;
  template <typename Visit>
  void for_each_covering(const net::Prefix& prefix, Visit&& visit) const;

  std::array<FamilyBlocks, 2> families_;
  std::vector<Grant> grants_;
};

}  // namespace fabrix::rpki
