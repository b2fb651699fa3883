// Network layer reachability information: prefixes as they stand in UPDATE messages, a length in
// bits and as many octets as it needs (RFC 4271 §4.3).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::bgp {

// None if a length exceeds the family's width or the octets end within a prefix. Bits after the
// length are ignored, as RFC 4271 says.
std::optional<std::vector<net::Prefix>> decode_nlri(std::span<const std::byte> octets,
                                                    net::Family family);

std::size_t nlri_size(const net::Prefix& prefix);

void encode_nlri(const net::Prefix& prefix, ByteWriter& out);

// The largest nlri_size() in a family.
constexpr std::size_t max_nlri_size(net::Family family) {
  return 1 + width_of(family) / 8;
}

}  // namespace fabrix::bgp
