#include "monitoring/bmp.h"

#include <array>
#include <limits>
#include <string_view>

#include "base/assert.h"
#include "bgp/message_header.h"
#include "bgp/notification_message.h"

namespace fabrix::monitoring {
namespace {

constexpr std::size_t kPeerHeaderSize = 42;
constexpr std::uint8_t kPeerIsIpv6 = 0x80;      // flag V
constexpr std::uint8_t kTwoOctetAsPath = 0x20;  // flag A
constexpr std::uint8_t kGlobalInstancePeer = 0;

// Information TLVs (RFC 7854 §4.4) and those of termination (§4.5).
constexpr std::uint16_t kText = 0;
constexpr std::uint16_t kSysDescr = 1;
constexpr std::uint16_t kSysName = 2;
constexpr std::uint16_t kReason = 1;

// Reasons of peer down (RFC 7854 §4.9).
constexpr std::uint8_t kDownLocalNotification = 1;
constexpr std::uint8_t kDownLocalEvent = 2;
constexpr std::uint8_t kDownRemoteNotification = 3;
constexpr std::uint8_t kDownRemoteClosed = 4;
constexpr std::uint8_t kDownDeconfigured = 5;

void header(BmpType type, std::size_t body_size, ByteWriter& out) {
  out.u8(kBmpVersion);
  out.u32(static_cast<std::uint32_t>(kBmpHeaderSize + body_size));
  out.u8(static_cast<std::uint8_t>(type));
}

// RFC 7854 §4.2, §4.10: 16 octets, of which an IPv4 address is the last four.
void append(const net::IpAddress& address, ByteWriter& out) {
  constexpr std::array<std::byte, 12> kZeros{};
  if (address.family() == net::Family::kIpv4) out.bytes(kZeros);
  out.bytes(std::as_bytes(address.octets()));
}

void append(const BmpPeer& peer, ByteWriter& out) {
  auto flags = static_cast<std::uint8_t>(peer.view);
  if (peer.address.family() == net::Family::kIpv6) flags |= kPeerIsIpv6;
  if (peer.width == bgp::AsnWidth::kTwoOctets) flags |= kTwoOctetAsPath;
  out.u8(kGlobalInstancePeer);
  out.u8(flags);
  out.u32(0);  // peer distinguisher: none for a global instance peer
  out.u32(0);
  append(peer.address, out);
  out.u32(peer.asn.value);
  out.u32(peer.bgp_identifier);
  out.u32(seconds_of(peer.time));
  out.u32(microseconds_of(peer.time));
}

void append_text(std::uint16_t type, std::string_view text, ByteWriter& out) {
  text = text.substr(0, std::numeric_limits<std::uint16_t>::max());
  out.u16(type);
  out.u16(static_cast<std::uint16_t>(text.size()));
  out.bytes(std::as_bytes(std::span(text)));
}

void append_texts(std::span<const std::string> texts, ByteWriter& out) {
  for (const std::string& text : texts) append_text(kText, text, out);
}

void append(const bgp::NotificationMessage& notification, ByteWriter& out) {
  ByteWriter body;
  bgp::encode_notification(notification, body);
  out.bytes(bgp::encode_message(bgp::MessageType::kNotification, body.view()));
}

void append(const bgp::OpenMessage& open, ByteWriter& out) {
  ByteWriter body;
  bgp::encode_open(open, body);
  out.bytes(bgp::encode_message(bgp::MessageType::kOpen, body.view()));
}

void append_u64(std::uint64_t value, ByteWriter& out) {
  out.u32(static_cast<std::uint32_t>(value >> 32U));
  out.u32(static_cast<std::uint32_t>(value & 0xffffffffU));
}

void append(const Statistic& statistic, ByteWriter& out) {
  const std::size_t size = statistic_size(statistic.type);
  FABRIX_ASSERT(size != 0);
  out.u16(static_cast<std::uint16_t>(statistic.type));
  out.u16(static_cast<std::uint16_t>(size));
  if (size == 4) {
    out.u32(static_cast<std::uint32_t>(statistic.value));
    return;
  }
  if (size > 8) {
    out.u16(static_cast<std::uint16_t>(statistic.family));
    out.u8(static_cast<std::uint8_t>(bgp::Safi::kUnicast));
  }
  append_u64(statistic.value, out);
}

struct ReasonWriter {
  ByteWriter& out;

  void operator()(const LocalNotification& reason) const {
    out.u8(kDownLocalNotification);
    append(reason.notification, out);
  }
  void operator()(const LocalEvent& reason) const {
    out.u8(kDownLocalEvent);
    out.u16(reason.fsm_event);
  }
  void operator()(const RemoteNotification& reason) const {
    out.u8(kDownRemoteNotification);
    append(reason.notification, out);
  }
  void operator()(const RemoteClosed& /*reason*/) const { out.u8(kDownRemoteClosed); }
  void operator()(const PeerDeconfigured& /*reason*/) const { out.u8(kDownDeconfigured); }
};

struct BodyWriter {
  ByteWriter& out;

  BmpType operator()(const RouteMonitoring& message) const {
    append(message.peer, out);
    out.bytes(message.update);
    return BmpType::kRouteMonitoring;
  }
  BmpType operator()(const StatisticsReport& message) const {
    append(message.peer, out);
    out.u32(static_cast<std::uint32_t>(message.statistics.size()));
    for (const Statistic& statistic : message.statistics) append(statistic, out);
    return BmpType::kStatisticsReport;
  }
  BmpType operator()(const PeerDown& message) const {
    append(message.peer, out);
    std::visit(ReasonWriter{out}, message.reason);
    return BmpType::kPeerDown;
  }
  BmpType operator()(const PeerUp& message) const {
    FABRIX_ASSERT(message.peer.address.family() == message.local_address.family());
    append(message.peer, out);
    append(message.local_address, out);
    out.u16(message.local_port);
    out.u16(message.remote_port);
    append(message.sent, out);
    append(message.received, out);
    append_texts(message.text, out);
    return BmpType::kPeerUp;
  }
  BmpType operator()(const Initiation& message) const {
    append_text(kSysDescr, message.description, out);
    append_text(kSysName, message.name, out);
    append_texts(message.text, out);
    return BmpType::kInitiation;
  }
  BmpType operator()(const Termination& message) const {
    append_texts(message.text, out);
    out.u16(kReason);
    out.u16(2);
    out.u16(static_cast<std::uint16_t>(message.reason));
    return BmpType::kTermination;
  }
};

}  // namespace

BmpPeer bmp_peer(const PeerSession& session) {
  return {.address = session.address,
          .asn = session.received_open.my_as,
          .bgp_identifier = session.received_open.bgp_identifier,
          .time = session.since};
}

PeerUp peer_up_message(const PeerSession& session) {
  return {.peer = bmp_peer(session),
          .local_address = session.local_address,
          .local_port = session.local_port,
          .remote_port = session.port,
          .sent = session.sent_open,
          .received = session.received_open,
          .text = {}};
}

void encode_bmp(const BmpMessage& message, ByteWriter& out) {
  ByteWriter body;
  const BmpType type = std::visit(BodyWriter{body}, message);
  header(type, body.size(), out);
  out.bytes(body.view());
}

void encode_route_monitoring(const BmpPeer& peer, std::span<const std::byte> update,
                             ByteWriter& out) {
  header(BmpType::kRouteMonitoring, kPeerHeaderSize + update.size(), out);
  append(peer, out);
  out.bytes(update);
}

std::size_t statistic_size(StatisticType type) {
  using enum StatisticType;
  switch (type) {
    case kRejectedByInboundPolicy:
    case kDuplicateAdvertisements:
    case kDuplicateWithdraws:
    case kClusterListLoop:
    case kAsPathLoop:
    case kOriginatorIdLoop:
    case kConfederationLoop:
    case kUpdatesTreatedAsWithdraw:
    case kPrefixesTreatedAsWithdraw:
    case kDuplicateUpdates:
      return 4;
    case kAdjRibIn:
    case kLocRib:
    case kAdjRibOutPrePolicy:
    case kAdjRibOutPostPolicy:
      return 8;
    case kAdjRibInOfFamily:
    case kLocRibOfFamily:
    case kAdjRibOutPrePolicyOfFamily:
    case kAdjRibOutPostPolicyOfFamily:
      return 2 + 1 + 8;
  }
  return 0;
}

}  // namespace fabrix::monitoring
