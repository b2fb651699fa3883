// One capability of an OPEN message as octets: code, length, value (RFC 5492 §4).
//
//   RFC 4760 §8, 2918 §2, 4724 §3, 7313 §3.1, 7911 §4, 8654 §3, 8950 §4, 9234 §4.1, 9494 §3.1
//
// The length of a known capability is judged: a value that is too short, too long or no whole
// number of tuples is malformed, and nothing past its end is ever read. Reserved bits are ignored
// and written as 0. An unknown code is kept as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/byte_writer.h"
#include "bgp/capability.h"

namespace fabrix::bgp {

// `value` is all of the value field. None if it is malformed.
std::optional<Capability> decode_capability(std::uint8_t code, std::span<const std::byte> value);

// Appends code, length and value, which must fit 255 octets; times must fit their fields.
// decode_capability() of the value yields `capability` again.
void encode_capability(const Capability& capability, ByteWriter& out);

}  // namespace fabrix::bgp
