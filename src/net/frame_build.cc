#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/byte_writer.h"
#include "net/checksum.h"
#include "net/frame.h"
#include "net/frame_layout.h"

namespace fabrix::net {
namespace {

using Octets = std::vector<std::byte>;

constexpr std::size_t kMinFrameSize = 60;  // IEEE 802.3, without the check sequence
constexpr std::uint8_t kHopLimit = 64;
constexpr std::uint8_t kDiscoveryHopLimit = 255;  // RFC 4861 §7.1: else the receiver drops it

constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint16_t kTcpHeaderWords = 5;
constexpr std::uint16_t kTcpWindow = 65535;

// RFC 4861 §4.4, §4.6.1.
constexpr std::uint32_t kSolicited = 0x40000000;
constexpr std::uint32_t kOverride = 0x20000000;
constexpr std::uint8_t kSourceLinkLayerOption = 1;
constexpr std::uint8_t kTargetLinkLayerOption = 2;

void put(ByteWriter& out, std::span<const std::uint8_t> octets) {
  out.bytes(std::as_bytes(octets));
}

void put_zeros(ByteWriter& out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out.u8(0);
}

void put_ethernet(ByteWriter& out, const Packet& packet) {
  put(out, packet.dst_mac.octets());
  put(out, packet.src_mac.octets());
  // A tag within a tag is what an inner type of 802.1Q means.
  const bool tagged =
      packet.vlan_id != 0 || packet.vlan_pcp != 0 || packet.eth_type == kEthTypeVlan;
  if (tagged) {
    out.u16(kEthTypeVlan);
    out.u16(static_cast<std::uint16_t>(packet.vlan_pcp << 13U | packet.vlan_id));
  }
  out.u16(packet.eth_type);
}

Octets padded(ByteWriter out) {
  Octets frame = out.take();
  frame.resize(std::max(frame.size(), kMinFrameSize));
  return frame;
}

void patch_u16(Octets& octets, std::size_t where, std::uint16_t value) {
  octets.at(where) = static_cast<std::byte>(value >> 8U);
  octets.at(where + 1) = static_cast<std::byte>(value & 0xffU);
}

// Over a pseudo header too. RFC 8200 §8.1 draws it for IPv6; over IPv4 addresses the same words
// have the same sum as those of RFC 9293 §3.1.
std::uint16_t transport_checksum(const Packet& packet, std::span<const std::byte> segment) {
  ByteWriter out;
  put(out, packet.src_ip.octets());
  put(out, packet.dst_ip.octets());
  out.u32(static_cast<std::uint32_t>(segment.size()));
  out.u32(packet.protocol);
  out.bytes(segment);
  return internet_checksum(out.view());
}

Octets tcp_segment(const Packet& packet, std::span<const std::byte> payload) {
  ByteWriter out;
  out.u16(packet.src_port);
  out.u16(packet.dst_port);
  put_zeros(out, 8);  // sequence and acknowledgement numbers
  out.u16(static_cast<std::uint16_t>(kTcpHeaderWords << 12U | packet.tcp_flags));
  out.u16(kTcpWindow);
  put_zeros(out, 4);  // checksum and urgent pointer
  out.bytes(payload);
  Octets segment = out.take();
  patch_u16(segment, 16, transport_checksum(packet, segment));
  return segment;
}

Octets udp_datagram(const Packet& packet, std::span<const std::byte> payload) {
  ByteWriter out;
  out.u16(packet.src_port);
  out.u16(packet.dst_port);
  out.u16(static_cast<std::uint16_t>(8 + payload.size()));
  out.u16(0);
  out.bytes(payload);
  Octets datagram = out.take();
  const std::uint16_t checksum = transport_checksum(packet, datagram);
  patch_u16(datagram, 6, checksum == 0 ? 0xffff : checksum);  // RFC 768: 0 means "none"
  return datagram;
}

Octets sctp_header(const Packet& packet) {
  ByteWriter out;
  out.u16(packet.src_port);
  out.u16(packet.dst_port);
  put_zeros(out, 8);  // verification tag and checksum
  Octets header = out.take();
  std::uint32_t checksum = crc32c(header);
  for (std::size_t i = 8; i < 12; ++i) {
    header.at(i) = static_cast<std::byte>(checksum & 0xffU);
    checksum >>= 8U;
  }
  return header;
}

Octets icmp_message(const Packet& packet) {
  ByteWriter out;
  out.u8(packet.icmp_type);
  out.u8(packet.icmp_code);
  put_zeros(out, 6);
  Octets message = out.take();
  patch_u16(message, 2, internet_checksum(message));
  return message;
}

// What stands before and after the target of a neighbour discovery message.
struct Discovery {
  std::uint32_t flags = 0;
  Octets options;
};

Octets icmpv6_message(const Packet& packet, const Discovery& discovery) {
  ByteWriter out;
  out.u8(packet.icmp_type);
  out.u8(packet.icmp_code);
  out.u16(0);
  out.u32(discovery.flags);
  const bool has_target =
      packet.icmp_type == kNeighborSolicitation || packet.icmp_type == kNeighborAdvertisement;
  if (has_target) put(out, packet.nd_target.octets());
  out.bytes(discovery.options);
  Octets message = out.take();
  patch_u16(message, 2, transport_checksum(packet, message));
  return message;
}

Octets transport(const Packet& packet, std::span<const std::byte> payload) {
  const bool ipv6 = packet.eth_type == kEthTypeIpv6;
  switch (packet.protocol) {
    case kProtocolTcp:
      return tcp_segment(packet, payload);
    case kProtocolUdp:
      return udp_datagram(packet, payload);
    case kProtocolSctp:
      return sctp_header(packet);
    case kProtocolIcmp:
      return ipv6 ? Octets{} : icmp_message(packet);
    case kProtocolIcmpv6:
      return ipv6 ? icmpv6_message(packet, {}) : Octets{};
    default:
      return {};
  }
}

void put_ipv4(ByteWriter& out, const Packet& packet, std::span<const std::byte> body) {
  ByteWriter header;
  header.u8(0x45);  // version 4, five words
  header.u8(static_cast<std::uint8_t>(packet.dscp << 2U));
  header.u16(static_cast<std::uint16_t>(20 + body.size()));
  header.u16(0);  // identification
  header.u16(kDontFragment);
  header.u8(kHopLimit);
  header.u8(packet.protocol);
  header.u16(0);  // checksum
  put(header, packet.src_ip.octets());
  put(header, packet.dst_ip.octets());
  Octets octets = header.take();
  patch_u16(octets, 10, internet_checksum(octets));
  out.bytes(octets);
  out.bytes(body);
}

void put_ipv6(ByteWriter& out, const Packet& packet, std::span<const std::byte> body) {
  const bool discovery =
      packet.protocol == kProtocolIcmpv6 &&
      (packet.icmp_type == kNeighborSolicitation || packet.icmp_type == kNeighborAdvertisement);
  out.u32(6U << 28U | std::uint32_t{packet.dscp} << 22U);
  out.u16(static_cast<std::uint16_t>(body.size()));
  out.u8(packet.protocol);
  out.u8(discovery ? kDiscoveryHopLimit : kHopLimit);
  put(out, packet.src_ip.octets());
  put(out, packet.dst_ip.octets());
  out.bytes(body);
}

void put_arp(ByteWriter& out, const Packet& packet, MacAddress target_mac) {
  out.u16(kArpHardwareEthernet);
  out.u16(kEthTypeIpv4);
  out.u16(0x0604);  // sizes of hardware and protocol addresses
  out.u16(packet.protocol);
  put(out, packet.arp_sender_mac.octets());
  put(out, packet.src_ip.octets());
  put(out, target_mac.octets());
  put(out, packet.dst_ip.octets());
}

Octets build_arp(const Packet& packet, MacAddress target_mac) {
  FABRIX_ASSERT(packet.src_ip.family() == Family::kIpv4);
  FABRIX_ASSERT(packet.dst_ip.family() == Family::kIpv4);
  ByteWriter out;
  put_ethernet(out, packet);
  put_arp(out, packet, target_mac);
  return padded(std::move(out));
}

Octets build_discovery(const Packet& packet, const Discovery& discovery) {
  FABRIX_ASSERT(packet.src_ip.family() == Family::kIpv6);
  FABRIX_ASSERT(packet.dst_ip.family() == Family::kIpv6);
  FABRIX_ASSERT(packet.nd_target.family() == Family::kIpv6);
  ByteWriter out;
  put_ethernet(out, packet);
  put_ipv6(out, packet, icmpv6_message(packet, discovery));
  return padded(std::move(out));
}

Octets link_layer_option(std::uint8_t type, MacAddress mac) {
  ByteWriter out;
  out.u8(type);
  out.u8(1);  // in units of eight octets
  put(out, mac.octets());
  return out.take();
}

Packet discovery_packet(std::uint8_t type, MacAddress src_mac, const IpAddress& source,
                        const IpAddress& target) {
  Packet packet;
  packet.src_mac = src_mac;
  packet.eth_type = kEthTypeIpv6;
  packet.protocol = kProtocolIcmpv6;
  packet.src_ip = source;
  packet.icmp_type = type;
  packet.nd_target = target;
  return packet;
}

// RFC 2464 §7: 33:33 and the last four octets of the group.
MacAddress group_mac(const IpAddress& group) {
  const auto tail = group.octets().last(4);
  return MacAddress({0x33, 0x33, tail[0], tail[1], tail[2], tail[3]});
}

// RFC 4291 §2.7.1: ff02::1:ff and the last three octets of the address.
IpAddress solicited_node_group(const IpAddress& target) {
  const auto tail = target.octets().last(3);
  return IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, tail[0], tail[1], tail[2]});
}

IpAddress all_nodes() {
  return IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

}  // namespace

Octets build_frame(const Packet& packet, std::span<const std::byte> payload) {
  FABRIX_ASSERT(payload.size() <= kMaxPayloadSize);
  ByteWriter out;
  put_ethernet(out, packet);
  const Family family = packet.src_ip.family();
  FABRIX_ASSERT(packet.dst_ip.family() == family);
  if (packet.eth_type == kEthTypeIpv4 && family == Family::kIpv4) {
    put_ipv4(out, packet, transport(packet, payload));
  } else if (packet.eth_type == kEthTypeIpv6 && family == Family::kIpv6) {
    put_ipv6(out, packet, transport(packet, payload));
  } else if (packet.eth_type == kEthTypeArp && family == Family::kIpv4) {
    put_arp(out, packet, MacAddress());
  }
  return padded(std::move(out));
}

Octets build_arp_request(MacAddress sender_mac, const IpAddress& sender, const IpAddress& target) {
  Packet packet;
  packet.src_mac = sender_mac;
  packet.dst_mac = MacAddress::broadcast();
  packet.eth_type = kEthTypeArp;
  packet.protocol = kArpRequest;
  packet.arp_sender_mac = sender_mac;
  packet.src_ip = sender;
  packet.dst_ip = target;
  return build_arp(packet, MacAddress());
}

Octets build_arp_reply(MacAddress sender_mac, const IpAddress& sender, MacAddress target_mac,
                       const IpAddress& target) {
  Packet packet;
  packet.src_mac = sender_mac;
  packet.dst_mac = target_mac;
  packet.eth_type = kEthTypeArp;
  packet.protocol = kArpReply;
  packet.arp_sender_mac = sender_mac;
  packet.src_ip = sender;
  packet.dst_ip = target;
  return build_arp(packet, target_mac);
}

Octets build_neighbor_solicitation(MacAddress sender_mac, const IpAddress& sender,
                                   const IpAddress& target) {
  Packet packet = discovery_packet(kNeighborSolicitation, sender_mac, sender, target);
  packet.dst_ip = solicited_node_group(target);
  packet.dst_mac = group_mac(packet.dst_ip);
  // RFC 4861 §4.3: no option when the sender has no address yet.
  Discovery discovery;
  const bool probe = sender == IpAddress::unspecified(Family::kIpv6);
  if (!probe) discovery.options = link_layer_option(kSourceLinkLayerOption, sender_mac);
  return build_discovery(packet, discovery);
}

Octets build_neighbor_advertisement(MacAddress target_mac, const IpAddress& target,
                                    MacAddress receiver_mac, const IpAddress& receiver) {
  Packet packet = discovery_packet(kNeighborAdvertisement, target_mac, target, target);
  packet.dst_ip = receiver;
  packet.dst_mac = receiver_mac;
  std::uint32_t flags = kSolicited | kOverride;
  if (receiver == IpAddress::unspecified(Family::kIpv6)) {
    packet.dst_ip = all_nodes();
    packet.dst_mac = group_mac(packet.dst_ip);
    flags = kOverride;
  }
  return build_discovery(
      packet, {.flags = flags, .options = link_layer_option(kTargetLinkLayerOption, target_mac)});
}

}  // namespace fabrix::net
