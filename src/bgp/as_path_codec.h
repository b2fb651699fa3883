// AS paths as octets: AS_PATH in either width, AS4_PATH, and what the two say together.
//
//   RFC 4271 §4.3, §6.3; RFC 7606 §7.2   format, errors
//   RFC 6793 §4.2, §6                    two-octet peers
//   RFC 5065 §5                          confederation segments: an error in AS_PATH between
//   members RFC 7607                             AS 0: an error
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/byte_writer.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"

namespace fabrix::bgp {

// The longest path that Fabrix takes from anybody, sets counted member by member. It bounds what
// one route costs, and lets every path that was read be written in either width.
inline constexpr std::size_t kMaxAsPathMembers = 4096;

// The value of AS_PATH; none if it is malformed or longer than kMaxAsPathMembers.
std::optional<AsPath> decode_as_path(std::span<const std::byte> value, AsnWidth width);

// The value of AS4_PATH: confederation segments are left out (RFC 6793 §6). None if it is
// malformed or too long.
std::optional<AsPath> decode_as4_path(std::span<const std::byte> value);

// Appends the value. AS numbers that do not fit become AS_TRANS.
void encode_as_path(const AsPath& path, AsnWidth width, ByteWriter& out);

// Octets that encode_as_path() appends.
std::size_t encoded_as_path_size(const AsPath& path, AsnWidth width);

// Whether AS_PATH says all of `path` in two octets.
bool fits_two_octets(const AsPath& path);

// The path that a two-octet peer's AS_PATH and AS4_PATH say together (RFC 6793 §4.2.3).
AsPath merge_as4_path(const AsPath& path, const AsPath& as4_path);

}  // namespace fabrix::bgp
