// The message, multipart and property numbers that encoder and decoder share (OpenFlow 1.4.1 §7.1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace fabrix::openflow {

enum class MessageType : std::uint8_t {
  kHello = 0,
  kError = 1,
  kEchoRequest = 2,
  kEchoReply = 3,
  kFeaturesRequest = 5,
  kFeaturesReply = 6,
  kSetConfig = 9,
  kPacketIn = 10,
  kFlowRemoved = 11,
  kPortStatus = 12,
  kPacketOut = 13,
  kFlowMod = 14,
  kGroupMod = 15,
  kMultipartRequest = 18,
  kMultipartReply = 19,
  kBarrierRequest = 20,
  kBarrierReply = 21,
  kRoleRequest = 24,
  kRoleReply = 25,
  kMeterMod = 29,
  kRoleStatus = 30,
  kBundleControl = 33,
  kBundleAdd = 34,
};

inline constexpr std::uint16_t kMultipartFlow = 1;
inline constexpr std::uint16_t kMultipartPortStats = 4;
inline constexpr std::uint16_t kMultipartGroupDesc = 7;
inline constexpr std::uint16_t kMultipartMeter = 9;
inline constexpr std::uint16_t kMultipartMeterConfig = 10;
inline constexpr std::uint16_t kMultipartTableFeatures = 12;
inline constexpr std::uint16_t kMultipartPortDesc = 13;
inline constexpr std::uint16_t kMultipartMore = 1;

inline constexpr std::uint16_t kHelloVersionBitmap = 1;
inline constexpr std::uint16_t kPortPropertyEthernet = 0;
inline constexpr std::size_t kPortNameSize = 16;

}  // namespace fabrix::openflow
