#include "app/captured_datagram.h"

#include <algorithm>

#include "sflow/header_layers.h"

namespace fabrix::app {
namespace {

using sflow::Bytes;
using sflow::HeaderLayers;
using sflow::HeaderProtocol;
using sflow::LayerKind;

constexpr std::size_t kNullHeader = 4;
constexpr std::size_t kCookedHeader = 16;
constexpr std::size_t kCooked2Header = 20;
constexpr std::size_t kUdpHeader = 8;

HeaderLayers layers(HeaderProtocol protocol, Bytes octets) {
  return {static_cast<std::uint32_t>(protocol), octets};
}

// What follows a header that says less than the first octet of IP does.
HeaderLayers ip_layers(Bytes octets, std::size_t header) {
  if (octets.size() <= header) return {};
  const Bytes ip = octets.subspan(header);
  const bool ipv6 = std::to_integer<unsigned>(ip.front()) >> 4U == 6;
  return layers(ipv6 ? HeaderProtocol::kIpv6 : HeaderProtocol::kIpv4, ip);
}

HeaderLayers layers_of(const capture::CapturedPacket& packet) {
  switch (packet.link_type) {
    case capture::LinkType::kEthernet:
      return layers(HeaderProtocol::kEthernet, packet.octets);
    case capture::LinkType::kNull:
      return ip_layers(packet.octets, kNullHeader);
    case capture::LinkType::kRaw:
    case capture::LinkType::kIpv4:
    case capture::LinkType::kIpv6:
      return ip_layers(packet.octets, 0);
    case capture::LinkType::kLinuxCooked:
      return ip_layers(packet.octets, kCookedHeader);
    case capture::LinkType::kLinuxCooked2:
      return ip_layers(packet.octets, kCooked2Header);
  }
  return {};
}

net::IpAddress source_of(const HeaderLayers& layers) {
  const Bytes ipv4 = layers.octets(LayerKind::kIpv4);
  if (!ipv4.empty()) return sflow::XdrReader(ipv4.subspan(12)).ipv4();
  return sflow::XdrReader(layers.octets(LayerKind::kIpv6).subspan(8)).ipv6();
}

// RFC 8200 §4.5, RFC 791 §3.1: more fragments follow.
bool is_fragment(const HeaderLayers& layers) {
  const Bytes ipv4 = layers.octets(LayerKind::kIpv4);
  const bool more = !ipv4.empty() && (sflow::load_u16(ipv4.data() + 6) & 0x2000U) != 0;
  return more || layers.find(LayerKind::kIpv6Fragment) != nullptr;
}

}  // namespace

std::optional<CapturedDatagram> captured_datagram(const capture::CapturedPacket& packet) {
  const HeaderLayers layers = layers_of(packet);
  const Bytes udp = layers.octets(LayerKind::kUdp);
  if (udp.size() < kUdpHeader || is_fragment(layers)) return std::nullopt;
  const std::size_t length = sflow::load_u16(udp.data() + 4);
  if (length < kUdpHeader) return std::nullopt;
  return CapturedDatagram{.time = packet.time,
                          .source = source_of(layers),
                          .destination_port = sflow::load_u16(udp.data() + 2),
                          .octets = udp.first(std::min(length, udp.size())).subspan(kUdpHeader)};
}

}  // namespace fabrix::app
