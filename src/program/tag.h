// Tag: what a virtual next hop's MAC address says to the fabric (FABRIC, "Tags").
//
//     octet 0            1        2        3        4        5
//     kkrrrr10 rrrrrrrr rrrrrrrr rrrrrrrr rrrreeee eeeeeeee
//
//     kk  kind    r  32 reach bits    e  egress: 12-bit code of a router port    10  fixed
//
// The fixed bits make every tag a locally administered unicast address; configuration refuses such
// MACs for routers, and every tag match includes kind and fixed bits, so no real MAC ever matches.
// What a reach bit means is the sender's codebook's business (compiler/codebook.h).
#pragma once

#include <cstdint>
#include <optional>

#include "net/ids.h"
#include "net/mac_address.h"

namespace fabrix::program {

enum class TagKind : std::uint8_t { kInline = 0, kIndexed = 1, kFabricLabel = 2, kControl = 3 };

struct Tag {
  TagKind kind = TagKind::kInline;
  std::uint32_t reach = 0;
  std::optional<net::RouterId> egress;  // the best route's router; code = id + 1, 0 = none

  friend auto operator<=>(const Tag&, const Tag&) = default;
};

inline constexpr unsigned kReachBits = 32;

net::MacAddress encode(const Tag& tag);
// None for any MAC that is not a tag.
std::optional<Tag> decode_tag(net::MacAddress mac);

// A ternary match on a destination MAC: (mac & mask) == bits.
struct MacPattern {
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;

  friend auto operator<=>(const MacPattern&, const MacPattern&) = default;
};

// Any tag of that kind.
MacPattern match_kind(TagKind kind);
// An inline tag with (reach & mask) == bits.
MacPattern match_reach(std::uint32_t bits, std::uint32_t mask);
// An inline tag whose egress is `router`.
MacPattern match_egress(net::RouterId router);

}  // namespace fabrix::program
