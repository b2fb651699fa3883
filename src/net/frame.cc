#include "net/frame.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "net/frame_layout.h"

namespace fabrix::net {
namespace {

constexpr int kMaxExtensionHeaders = 8;

// IPv6 extension headers (RFC 8200 §4; RFC 4302; RFC 6275, 7401, 5533 share the general layout).
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kAuthentication = 51;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint8_t kMobility = 135;
constexpr std::uint8_t kHostIdentity = 139;
constexpr std::uint8_t kShim6 = 140;

template <std::size_t Size>
std::array<std::uint8_t, Size> read_octets(ByteReader& in) {
  std::array<std::uint8_t, Size> octets{};
  std::ranges::transform(in.bytes(Size), octets.begin(),
                         [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
  return octets;
}

MacAddress read_mac(ByteReader& in) {
  return MacAddress(read_octets<6>(in));
}

IpAddress read_ipv4(ByteReader& in) {
  return IpAddress::v4(read_octets<4>(in));
}

IpAddress read_ipv6(ByteReader& in) {
  return IpAddress::v6(read_octets<16>(in));
}

void parse_ports(ByteReader in, std::size_t header_size, Packet& packet) {
  ByteReader header = in.sub_reader(header_size);
  packet.src_port = header.u16();
  packet.dst_port = header.u16();
}

void parse_tcp(ByteReader in, Packet& packet) {
  parse_ports(in, 20, packet);
  ByteReader header = in.sub_reader(20);
  header.bytes(12);
  packet.tcp_flags = header.u16() & 0x0fffU;
}

// `header_size` is 8 in ICMP (RFC 792), 4 in ICMPv6 (RFC 4443 §2.1).
void parse_icmp(ByteReader in, std::size_t header_size, Packet& packet) {
  ByteReader header = in.sub_reader(header_size);
  packet.icmp_type = header.u8();
  packet.icmp_code = header.u8();
}

void parse_icmpv6(ByteReader in, Packet& packet) {
  parse_icmp(in, 4, packet);
  const bool discovery =
      packet.icmp_type == kNeighborSolicitation || packet.icmp_type == kNeighborAdvertisement;
  if (!discovery || packet.icmp_code != 0) return;
  in.bytes(8);
  packet.nd_target = read_ipv6(in);
}

void parse_transport(ByteReader in, Packet& packet) {
  const bool ipv6 = packet.eth_type == kEthTypeIpv6;
  switch (packet.protocol) {
    case kProtocolTcp:
      parse_tcp(in, packet);
      break;
    case kProtocolUdp:
      parse_ports(in, 8, packet);
      break;
    case kProtocolSctp:
      parse_ports(in, 12, packet);
      break;
    case kProtocolIcmp:
      if (!ipv6) parse_icmp(in, 8, packet);
      break;
    case kProtocolIcmpv6:
      if (ipv6) parse_icmpv6(in, packet);
      break;
    default:
      break;
  }
}

void parse_ipv4(ByteReader in, Packet& packet) {
  const std::size_t available = in.remaining();
  const std::uint8_t version_and_size = in.u8();
  const std::size_t header_size = std::size_t{4} * (version_and_size & 0x0fU);
  const std::uint8_t traffic_class = in.u8();
  const std::size_t total_size = in.u16();
  in.u16();  // identification
  const std::uint16_t fragment_offset = in.u16() & 0x1fffU;
  in.u8();  // time to live
  const std::uint8_t protocol = in.u8();
  in.u16();  // checksum
  const IpAddress source = read_ipv4(in);
  const IpAddress destination = read_ipv4(in);
  const bool well_formed = in.ok() && version_and_size >> 4U == 4 && header_size >= 20 &&
                           header_size <= available && total_size >= header_size;
  if (!well_formed) return;

  packet.src_ip = source;
  packet.dst_ip = destination;
  packet.protocol = protocol;
  packet.dscp = traffic_class >> 2U;
  in.bytes(header_size - 20);
  // What the total length does not count is Ethernet padding.
  const std::size_t payload_size = std::min(total_size - header_size, in.remaining());
  if (fragment_offset == 0) parse_transport(in.sub_reader(payload_size), packet);
}

bool is_extension(std::uint8_t header) {
  switch (header) {
    case kHopByHop:
    case kRouting:
    case kFragment:
    case kAuthentication:
    case kDestinationOptions:
    case kMobility:
    case kHostIdentity:
    case kShim6:
      return true;
    default:
      return false;
  }
}

// What follows an extension header, and whether it is the start of that.
struct Extension {
  std::uint8_t next = 0;
  bool starts = true;
};

// None if the header is cut short.
std::optional<Extension> parse_extension(std::uint8_t header, ByteReader& in) {
  Extension extension{.next = in.u8(), .starts = true};
  const std::size_t length = in.u8();
  if (header == kFragment) {
    extension.starts = in.u16() >> 3U == 0;
    in.u32();  // identification
  } else if (header == kAuthentication) {
    in.bytes(4 * (length + 2) - 2);  // RFC 4302 §2.2: in 32-bit words, minus 2
  } else {
    in.bytes(8 * (length + 1) - 2);
  }
  if (!in.ok()) return std::nullopt;
  return extension;
}

// Leaves `in` at the header that packet.protocol names. False if that is not there to be read.
bool skip_extensions(ByteReader& in, Packet& packet) {
  for (int i = 0; i < kMaxExtensionHeaders; ++i) {
    if (!is_extension(packet.protocol)) return true;
    const auto extension = parse_extension(packet.protocol, in);
    if (!extension) return false;
    packet.protocol = extension->next;
    if (!extension->starts) return false;
  }
  return !is_extension(packet.protocol);
}

void parse_ipv6(ByteReader in, Packet& packet) {
  const std::uint32_t first_word = in.u32();
  const std::size_t payload_size = in.u16();
  const std::uint8_t next_header = in.u8();
  in.u8();  // hop limit
  const IpAddress source = read_ipv6(in);
  const IpAddress destination = read_ipv6(in);
  const bool well_formed = in.ok() && first_word >> 28U == 6;
  if (!well_formed) return;

  packet.src_ip = source;
  packet.dst_ip = destination;
  packet.protocol = next_header;
  packet.dscp = static_cast<std::uint8_t>(first_word >> 22U & 0x3fU);
  ByteReader payload = in.sub_reader(std::min(payload_size, in.remaining()));
  if (skip_extensions(payload, packet)) parse_transport(payload, packet);
}

void parse_arp(ByteReader in, Packet& packet) {
  const std::uint16_t hardware = in.u16();
  const std::uint16_t protocol = in.u16();
  const std::uint16_t sizes = in.u16();
  const std::uint16_t operation = in.u16();
  const MacAddress sender_mac = read_mac(in);
  const IpAddress sender = read_ipv4(in);
  read_mac(in);  // target
  const IpAddress target = read_ipv4(in);
  const bool well_formed = in.ok() && hardware == kArpHardwareEthernet &&
                           protocol == kEthTypeIpv4 && sizes == 0x0604 && operation <= 0xff;
  if (!well_formed) return;

  packet.protocol = static_cast<std::uint8_t>(operation);
  packet.arp_sender_mac = sender_mac;
  packet.src_ip = sender;
  packet.dst_ip = target;
}

void parse_vlan_tag(ByteReader& in, Packet& packet) {
  ByteReader tag = in.sub_reader(4);
  if (!tag.ok()) return;
  const std::uint16_t control = tag.u16();
  packet.vlan_pcp = static_cast<std::uint8_t>(control >> 13U);
  packet.vlan_id = control & 0x0fffU;
  if (packet.vlan_id == 0) packet.vlan_id = kPriorityTagged;
  packet.eth_type = tag.u16();
}

}  // namespace

std::optional<Packet> parse_frame(std::span<const std::byte> frame) {
  ByteReader in(frame);
  Packet packet;
  packet.dst_mac = read_mac(in);
  packet.src_mac = read_mac(in);
  packet.eth_type = in.u16();
  if (!in.ok()) return std::nullopt;
  const bool is_tagged = packet.eth_type == kEthTypeVlan || packet.eth_type == kEthTypeServiceVlan;
  if (is_tagged) parse_vlan_tag(in, packet);
  if (packet.eth_type == kEthTypeIpv4) parse_ipv4(in, packet);
  if (packet.eth_type == kEthTypeIpv6) parse_ipv6(in, packet);
  if (packet.eth_type == kEthTypeArp) parse_arp(in, packet);
  return packet;
}

}  // namespace fabrix::net
