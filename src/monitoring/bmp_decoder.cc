#include "monitoring/bmp_decoder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "bgp/message_header.h"
#include "bgp/notification_message.h"

namespace fabrix::monitoring {
namespace {

template <typename T>
using Decoded = Result<T, BmpError>;

constexpr unsigned kPeerIsIpv6 = 0x80;
constexpr unsigned kTwoOctetAsPath = 0x20;
constexpr unsigned kViewBits = 0x50;

net::IpAddress read_ipv6(std::span<const std::byte> octets) {
  std::array<std::uint8_t, 16> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.at(i) = std::to_integer<std::uint8_t>(octets[i]);
  }
  return net::IpAddress::v6(result);
}

// 16 octets; for IPv4, twelve zeros first.
Decoded<net::IpAddress> read_address(net::Family family, ByteReader& in) {
  const auto octets = in.bytes(16);
  if (!in.ok()) return fail(BmpError::kBadLength);
  if (family == net::Family::kIpv6) return read_ipv6(octets);
  const auto padding = octets.first(12);
  const bool zero = std::ranges::all_of(padding, [](std::byte b) { return b == std::byte{0}; });
  if (!zero) return fail(BmpError::kBadPeerHeader);
  std::array<std::uint8_t, 4> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.at(i) = std::to_integer<std::uint8_t>(octets[12 + i]);
  }
  return net::IpAddress::v4(result);
}

Decoded<BmpPeer> read_peer(ByteReader& in) {
  const unsigned type = in.u8();
  const unsigned flags = in.u8();
  const std::uint32_t distinguisher = in.u32() | in.u32();
  const bool known = (flags & ~(kPeerIsIpv6 | kTwoOctetAsPath | kViewBits)) == 0;
  if (!in.ok()) return fail(BmpError::kBadLength);
  if (type != 0 || !known || distinguisher != 0) return fail(BmpError::kBadPeerHeader);
  BmpPeer peer;
  const auto family = (flags & kPeerIsIpv6) != 0 ? net::Family::kIpv6 : net::Family::kIpv4;
  FABRIX_TRY(peer.address, read_address(family, in));
  peer.view = static_cast<RibView>(flags & kViewBits);
  if ((flags & kTwoOctetAsPath) != 0) peer.width = bgp::AsnWidth::kTwoOctets;
  peer.asn.value = in.u32();
  peer.bgp_identifier = in.u32();
  const std::uint32_t seconds = in.u32();
  const std::uint32_t microseconds = in.u32();
  if (!in.ok()) return fail(BmpError::kBadLength);
  if (microseconds >= 1'000'000) return fail(BmpError::kBadPeerHeader);
  peer.time = Timestamp(std::chrono::seconds(seconds)) + std::chrono::microseconds(microseconds);
  return peer;
}

struct BgpMessage {
  std::span<const std::byte> whole;
  std::span<const std::byte> body;
};

// The next BGP message, which must be of `type`. Only UPDATEs may be extended ones (RFC 8654): a
// notification's data is bounded by bgp::NotificationMessage.
Decoded<BgpMessage> read_bgp(bgp::MessageType type, ByteReader& in) {
  const auto octets = in.bytes(bgp::kHeaderSize);
  if (!in.ok()) return fail(BmpError::kBadLength);
  const bool extended = type == bgp::MessageType::kUpdate;
  const auto header =
      bgp::decode_header(octets.first<bgp::kHeaderSize>(),
                         extended ? bgp::kMaxExtendedMessageSize : bgp::kMaxMessageSize);
  if (!header || header->type != type) return fail(BmpError::kBadBgpMessage);
  const auto body = in.bytes(header->body_size);
  if (!in.ok()) return fail(BmpError::kBadBgpMessage);
  return BgpMessage{.whole = std::span(octets.data(), octets.size() + body.size()), .body = body};
}

Decoded<bgp::OpenMessage> read_open(ByteReader& in) {
  FABRIX_TRY(const BgpMessage message, read_bgp(bgp::MessageType::kOpen, in));
  auto open = bgp::decode_open(message.body);
  if (!open) return fail(BmpError::kBadBgpMessage);
  return *std::move(open);
}

Decoded<bgp::NotificationMessage> read_notification(ByteReader& in) {
  FABRIX_TRY(const BgpMessage message, read_bgp(bgp::MessageType::kNotification, in));
  auto notification = bgp::decode_notification(message.body);
  if (!notification) return fail(BmpError::kBadBgpMessage);
  return *std::move(notification);
}

struct Tlv {
  std::uint16_t type = 0;
  std::span<const std::byte> value;

  std::string text() const {
    std::string result;
    for (const std::byte octet : value) result.push_back(static_cast<char>(octet));
    return result;
  }
};

Decoded<std::vector<Tlv>> read_tlvs(ByteReader& in) {
  std::vector<Tlv> result;
  while (!in.at_end()) {
    Tlv tlv;
    tlv.type = in.u16();
    const std::size_t size = in.u16();
    tlv.value = in.bytes(size);
    if (!in.ok()) return fail(BmpError::kBadLength);
    result.push_back(tlv);
  }
  return result;
}

Decoded<BmpMessage> read_route_monitoring(ByteReader& in) {
  RouteMonitoring result;
  FABRIX_TRY(result.peer, read_peer(in));
  FABRIX_TRY(const BgpMessage message, read_bgp(bgp::MessageType::kUpdate, in));
  result.update.assign(message.whole.begin(), message.whole.end());
  return result;
}

Decoded<Statistic> read_statistic(ByteReader& in) {
  Statistic result;
  result.type = static_cast<StatisticType>(in.u16());
  const std::size_t size = in.u16();
  const std::size_t expected = statistic_size(result.type);
  if (!in.ok()) return fail(BmpError::kBadLength);
  if (expected == 0) return fail(BmpError::kUnknownType);
  if (size != expected) return fail(BmpError::kBadLength);
  if (size > 8) {
    const std::uint16_t afi = in.u16();
    const std::uint8_t safi = in.u8();
    const bool known = (afi == 1 || afi == 2) && safi == 1;
    if (!known) return fail(BmpError::kUnknownType);
    result.family = static_cast<net::Family>(afi);
  }
  result.value = in.u32();
  if (size >= 8) result.value = result.value << 32U | in.u32();
  if (!in.ok()) return fail(BmpError::kBadLength);
  return result;
}

Decoded<BmpMessage> read_statistics(ByteReader& in) {
  StatisticsReport result;
  FABRIX_TRY(result.peer, read_peer(in));
  const std::uint32_t count = in.u32();
  if (!in.ok()) return fail(BmpError::kBadLength);
  for (std::uint32_t i = 0; i < count; ++i) {
    FABRIX_TRY(const Statistic statistic, read_statistic(in));
    result.statistics.push_back(statistic);
  }
  return result;
}

Decoded<DownReason> read_reason(ByteReader& in) {
  const unsigned code = in.u8();
  if (!in.ok()) return fail(BmpError::kBadLength);
  if (code == 1) {
    FABRIX_TRY(auto notification, read_notification(in));
    return LocalNotification{std::move(notification)};
  }
  if (code == 2) return LocalEvent{in.u16()};
  if (code == 3) {
    FABRIX_TRY(auto notification, read_notification(in));
    return RemoteNotification{std::move(notification)};
  }
  if (code == 4) return RemoteClosed{};
  if (code == 5) return PeerDeconfigured{};
  return fail(BmpError::kBadReason);
}

Decoded<BmpMessage> read_peer_down(ByteReader& in) {
  PeerDown result;
  FABRIX_TRY(result.peer, read_peer(in));
  FABRIX_TRY(result.reason, read_reason(in));
  return result;
}

Decoded<BmpMessage> read_peer_up(ByteReader& in) {
  PeerUp result;
  FABRIX_TRY(result.peer, read_peer(in));
  FABRIX_TRY(result.local_address, read_address(result.peer.address.family(), in));
  result.local_port = in.u16();
  result.remote_port = in.u16();
  FABRIX_TRY(result.sent, read_open(in));
  FABRIX_TRY(result.received, read_open(in));
  FABRIX_TRY(const auto tlvs, read_tlvs(in));
  for (const Tlv& tlv : tlvs) {
    if (tlv.type != 0) return fail(BmpError::kUnknownType);
    result.text.push_back(tlv.text());
  }
  return result;
}

Decoded<BmpMessage> read_initiation(ByteReader& in) {
  FABRIX_TRY(const auto tlvs, read_tlvs(in));
  Initiation result;
  std::array<bool, 3> seen{};
  for (const Tlv& tlv : tlvs) {
    if (tlv.type >= seen.size()) return fail(BmpError::kUnknownType);
    const bool again = std::exchange(seen.at(tlv.type), true);
    if (tlv.type == 0) {
      result.text.push_back(tlv.text());
    } else if (again) {
      return fail(BmpError::kBadLength);
    } else {
      (tlv.type == 1 ? result.description : result.name) = tlv.text();
    }
  }
  if (!seen[1] || !seen[2]) return fail(BmpError::kMissingTlv);
  return result;
}

Decoded<BmpMessage> read_termination(ByteReader& in) {
  FABRIX_TRY(const auto tlvs, read_tlvs(in));
  Termination result;
  bool reason_seen = false;
  for (const Tlv& tlv : tlvs) {
    if (tlv.type > 1) return fail(BmpError::kUnknownType);
    if (tlv.type == 0) {
      result.text.push_back(tlv.text());
      continue;
    }
    ByteReader value(tlv.value);
    const std::uint16_t reason = value.u16();
    if (!value.ok() || !value.at_end() || reason > 4 || std::exchange(reason_seen, true)) {
      return fail(BmpError::kBadReason);
    }
    result.reason = static_cast<TerminationReason>(reason);
  }
  if (!reason_seen) return fail(BmpError::kMissingTlv);
  return result;
}

Decoded<BmpMessage> read_body(std::uint8_t type, ByteReader& in) {
  switch (static_cast<BmpType>(type)) {
    case BmpType::kRouteMonitoring:
      return read_route_monitoring(in);
    case BmpType::kStatisticsReport:
      return read_statistics(in);
    case BmpType::kPeerDown:
      return read_peer_down(in);
    case BmpType::kPeerUp:
      return read_peer_up(in);
    case BmpType::kInitiation:
      return read_initiation(in);
    case BmpType::kTermination:
      return read_termination(in);
  }
  return fail(BmpError::kUnknownType);
}

}  // namespace

std::string_view describe(BmpError error) {
  switch (error) {
    case BmpError::kBadVersion:
      return "not BMP version 3";
    case BmpError::kBadLength:
      return "a length does not fit";
    case BmpError::kUnknownType:
      return "an unknown type";
    case BmpError::kBadPeerHeader:
      return "a malformed per-peer header";
    case BmpError::kBadBgpMessage:
      return "a malformed BGP message";
    case BmpError::kBadReason:
      return "an unknown reason";
    case BmpError::kMissingTlv:
      return "a mandatory TLV is missing";
  }
  FABRIX_ASSERT(false);
}

Result<std::optional<std::size_t>, BmpError> bmp_message_size(std::span<const std::byte> octets) {
  if (octets.size() < kBmpHeaderSize) return std::nullopt;
  ByteReader in(octets);
  const unsigned version = in.u8();
  const std::size_t size = in.u32();
  if (version != kBmpVersion) return fail(BmpError::kBadVersion);
  if (size < kBmpHeaderSize || size > kMaxBmpMessageSize) return fail(BmpError::kBadLength);
  return size;
}

Result<BmpMessage, BmpError> decode_bmp(std::span<const std::byte> octets) {
  FABRIX_TRY(const auto size, bmp_message_size(octets));
  if (!size || *size != octets.size()) return fail(BmpError::kBadLength);
  ByteReader in(octets.subspan(kBmpHeaderSize - 1));
  const std::uint8_t type = in.u8();
  FABRIX_TRY(BmpMessage message, read_body(type, in));
  if (!in.ok() || !in.at_end()) return fail(BmpError::kBadLength);
  return message;
}

Result<std::vector<BmpMessage>, BmpError> decode_bmp_stream(std::span<const std::byte> octets) {
  std::vector<BmpMessage> result;
  while (!octets.empty()) {
    FABRIX_TRY(const auto size, bmp_message_size(octets));
    if (!size || *size > octets.size()) return fail(BmpError::kBadLength);
    FABRIX_TRY(BmpMessage message, decode_bmp(octets.first(*size)));
    result.push_back(std::move(message));
    octets = octets.subspan(*size);
  }
  return result;
}

}  // namespace fabrix::monitoring
