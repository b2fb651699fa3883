// Tag fields: the destination MAC of a packet with an inline tag, taken apart: each reach bit is a
// field of its own in a PacketSpace, and so is the egress code. Tests of a tag's bits are small as
// diagrams that way, and as one field of 48 bits they are not.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "diagram/diagram.h"
#include "net/field.h"
#include "net/mac_address.h"
#include "program/tag.h"

namespace fabrix::verify {

// After the packet's own fields: which clauses hold is decided before which targets are reachable.
inline constexpr diagram::FieldIndex kEgressField = net::kFieldCount;
inline constexpr diagram::FieldIndex kFirstReachField = kEgressField + 1;
inline constexpr std::size_t kSpaceFieldCount = kFirstReachField + program::kReachBits;
inline constexpr unsigned kEgressWidth = 12;

// What a (bits, mask) test of the destination MAC asks of an inline tag, sorted by field. None: no
// inline tag passes it.
std::optional<std::vector<diagram::TernaryTest>> tag_tests(const program::MacPattern& pattern);

// The inline tag that those fields of the point say, and the reverse. Points have kSpaceFieldCount
// values.
net::MacAddress tag_of(std::span<const std::uint64_t> point);
void set_tag(std::vector<std::uint64_t>& point, net::MacAddress tag);

inline bool matches(const program::MacPattern& pattern, net::MacAddress mac) {
  return (mac.to_u64() & pattern.mask) == pattern.bits;
}

}  // namespace fabrix::verify
