// Decoding of BMP messages, as a monitoring station does it (RFC 7854).
//
// Strict, because it is there to judge our own sender: a message must be as long as what it holds,
// reserved bits and padding must be zero, the BGP messages inside whole and of the right type.
// Accepts arbitrary bytes; fuzzed in fuzz/monitoring/bmp_decoder_fuzz.cc. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "monitoring/bmp.h"

namespace fabrix::monitoring {

enum class BmpError : std::uint8_t {
  kBadVersion,
  kBadLength,      // the header's, or octets are missing or left over
  kUnknownType,    // of the message, of a TLV or of a statistic
  kBadPeerHeader,  // an unknown peer type, a reserved flag, a padding or time that cannot be
  kBadBgpMessage,  // not whole, not of the type that belongs there, or malformed
  kBadReason,      // of a peer down or termination
  kMissingTlv,     // RFC 7854 §4.3: sysDescr and sysName; §4.5: the reason
};

std::string_view describe(BmpError error);

// No message is larger: Fabrix's UPDATEs are of at most 65,535 octets.
inline constexpr std::size_t kMaxBmpMessageSize = std::size_t{256} << 10U;

// The size of the message that `octets` begin with; none if more octets are needed to know.
Result<std::optional<std::size_t>, BmpError> bmp_message_size(std::span<const std::byte> octets);

// One whole message with its header, and no more.
Result<BmpMessage, BmpError> decode_bmp(std::span<const std::byte> octets);

// All messages of `octets`, which must end with one.
Result<std::vector<BmpMessage>, BmpError> decode_bmp_stream(std::span<const std::byte> octets);

}  // namespace fabrix::monitoring
