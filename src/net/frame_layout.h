// The numbers that reading and building frames agree on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fabrix::net {

inline constexpr std::uint16_t kEthTypeVlan = 0x8100;         // IEEE 802.1Q customer tag
inline constexpr std::uint16_t kEthTypeServiceVlan = 0x88a8;  // and service tag

// RFC 826.
inline constexpr std::uint16_t kArpHardwareEthernet = 1;
inline constexpr std::uint16_t kArpRequest = 1;
inline constexpr std::uint16_t kArpReply = 2;

// RFC 4861 §4.3, §4.4.
inline constexpr std::uint8_t kNeighborSolicitation = 135;
inline constexpr std::uint8_t kNeighborAdvertisement = 136;

}  // namespace fabrix::net
