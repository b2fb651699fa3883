// The checksums of Internet headers: RFC 1071 for IPv4, TCP, UDP and ICMP; CRC-32C for SCTP (RFC
// 9260 appendix A).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fabrix::net {

// The ones' complement of the ones' complement sum of the 16-bit words, an odd octet at the end
// being the high half of one. 0 over data that holds its own right checksum.
std::uint16_t internet_checksum(std::span<const std::byte> data);

// Sent with the low octet first.
std::uint32_t crc32c(std::span<const std::byte> data);

}  // namespace fabrix::net
