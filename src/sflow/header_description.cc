#include "sflow/header_description.h"

#include <fmt/format.h>

#include "sflow/field_text.h"
#include "sflow/header_layers.h"

namespace fabrix::sflow {
namespace {

class HeaderDescription {
 public:
  HeaderDescription(const SampledHeader& header, DescriptionSink& sink)
      : header_(header), layers_(header.protocol, header.header), sink_(sink) {}

  void describe() {
    const std::string stack = layers_.stack();
    if (stack.empty()) return;
    sink_.value("stack", stack);
    ethernet();
    for (const Layer& layer : layers_.layers()) {
      if (layer.kind == LayerKind::kIpv4) return ipv4(layer);
      if (layer.kind == LayerKind::kIpv6) return ipv6(layer);
    }
  }

 private:
  void number(std::string_view name, std::uint64_t value) {
    sink_.value(name, fmt::to_string(value));
  }

  void mac(std::string_view name, Bytes octets) {
    std::string text;
    append_mac(octets, text);
    sink_.value(name, text);
  }

  void ethernet() {
    const Bytes frame = layers_.octets(LayerKind::kEthernet);
    if (frame.empty() || layers_.layers().front().kind != LayerKind::kEthernet) return;
    mac("dstMAC", frame.first(6));
    mac("srcMAC", frame.subspan(6, 6));
    const Bytes tag = layers_.octets(LayerKind::kVlan);
    if (tag.empty()) return;
    number("decodedVLAN", load_u16(tag.data()) & 0xfffU);
    number("decodedPriority", load_u16(tag.data()) >> 13U);
  }

  // Octets of the packet from its IP header on.
  void ip_size(const Layer& layer) {
    const std::uint64_t before = std::uint64_t{header_.stripped} + layer.offset;
    number("IPSize", header_.frame_length > before ? header_.frame_length - before : 0);
  }

  void ipv4(const Layer& layer) {
    const Bytes ip = layers_.octets(layer);
    ip_size(layer);
    number("ip.tot_len", load_u16(ip.data() + 2));
    sink_.value("srcIP", XdrReader(ip.subspan(12)).ipv4().to_string());
    sink_.value("dstIP", XdrReader(ip.subspan(16)).ipv4().to_string());
    number("IPProtocol", layer.detail);
    number("IPTOS", std::to_integer<unsigned>(ip[1]));
    number("IPTTL", std::to_integer<unsigned>(ip[8]));
    number("IPID", load_u16(ip.data() + 4));
    const unsigned fragment = load_u16(ip.data() + 6) & 0x1fffU;
    if (fragment != 0) return number("IPFragmentOffset", fragment);
    transport(layer);
  }

  void ipv6(const Layer& layer) {
    const Bytes ip = layers_.octets(layer);
    const std::uint32_t first = load_u32(ip.data());
    ip_size(layer);
    number("IPTOS", first >> 20U & 0xffU);
    sink_.value("IP6_label", fmt::format("0x{:x}", first & 0xfffffU));
    number("IPV6_payloadLen", load_u16(ip.data() + 4));
    number("IPTTL", std::to_integer<unsigned>(ip[7]));
    sink_.value("srcIP6", XdrReader(ip.subspan(8)).ipv6().to_string());
    sink_.value("dstIP6", XdrReader(ip.subspan(24)).ipv6().to_string());
    number("IPProtocol", layer.detail);
    transport(layer);
  }

  // What is directly in the IP layer.
  void transport(const Layer& ip) {
    bool after = false;
    for (const Layer& layer : layers_.layers()) {
      if (after && layer.kind != LayerKind::kIpv6Fragment) return transport_fields(layer);
      after = after || layer.offset == ip.offset;
    }
  }

  void transport_fields(const Layer& layer) {
    const Bytes octets = layers_.octets(layer);
    if (layer.kind == LayerKind::kIcmp || layer.kind == LayerKind::kIcmp6) {
      number("ICMPType", std::to_integer<unsigned>(octets[0]));
      number("ICMPCode", std::to_integer<unsigned>(octets[1]));
    } else if (layer.kind == LayerKind::kTcp) {
      number("TCPSrcPort", load_u16(octets.data()));
      number("TCPDstPort", load_u16(octets.data() + 2));
      if (octets.size() >= 14) number("TCPFlags", std::to_integer<unsigned>(octets[13]));
    } else if (layer.kind == LayerKind::kUdp) {
      number("UDPSrcPort", load_u16(octets.data()));
      number("UDPDstPort", load_u16(octets.data() + 2));
      if (octets.size() >= 6) number("UDPBytes", load_u16(octets.data() + 4));
    }
  }

  const SampledHeader& header_;
  HeaderLayers layers_;
  DescriptionSink& sink_;
};

}  // namespace

void describe_header(const SampledHeader& header, DescriptionSink& sink) {
  HeaderDescription(header, sink).describe();
}

}  // namespace fabrix::sflow
