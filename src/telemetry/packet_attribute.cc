#include "telemetry/packet_attribute.h"

#include <array>
#include <cstdint>

#include "sflow/flow_records.h"
#include "telemetry/dns_question.h"
#include "telemetry/text.h"

namespace fabrix::telemetry {
namespace {

using sflow::Bytes;
using sflow::Layer;
using sflow::LayerKind;

Bytes octets(const Sample& sample, LayerKind kind, unsigned nth) {
  return sample.packet->layers().octets(kind, nth);
}

unsigned octet(Bytes octets, std::size_t at) {
  return std::to_integer<unsigned>(octets[at]);
}

// --- the sample

bool direction(const Sample& sample, unsigned, std::string& out) {
  const bool port = sample.source.type == 0;
  const bool ingress = port && sample.source.index == sample.input.value;
  const bool egress = port && sample.source.index == sample.output.value;
  if (!ingress && !egress) return false;
  out += ingress ? "ingress" : "egress";
  return true;
}

bool append_interface(const sflow::Interface& interface, std::string& out) {
  using Format = sflow::Interface::Format;
  if (interface.is(Format::kDiscarded)) {
    out += "discard";
  } else if (interface.is(Format::kMultiple)) {
    out += "multiple";
  } else if (interface.value == sflow::Interface::kInternal) {
    out += "internal";
  } else if (interface.value == 0) {
    out += "unknown";
  } else {
    append_number(interface.value, out);
  }
  return true;
}

bool input(const Sample& sample, unsigned, std::string& out) {
  return append_interface(sample.input, out);
}

bool output(const Sample& sample, unsigned, std::string& out) {
  return append_interface(sample.output, out);
}

bool agent(const Sample& sample, unsigned, std::string& out) {
  out += sample.agent.to_string();
  return true;
}

bool bytes(const Sample& sample, unsigned, std::string& out) {
  append_number(sample.packet->frame_length(), out);
  return true;
}

bool frames(const Sample&, unsigned, std::string& out) {
  out += '1';
  return true;
}

bool stripped(const Sample& sample, unsigned, std::string& out) {
  const auto& header = sample.packet->header();
  if (header) append_number(header->stripped, out);
  return header.has_value();
}

bool stack(const Sample& sample, unsigned, std::string& out) {
  const std::size_t before = out.size();
  sample.packet->layers().append_stack(out);
  return out.size() != before;
}

bool reason(const Sample& sample, unsigned, std::string& out) {
  if (!sample.drop_reason) return false;
  const std::string_view name = sflow::drop_reason_name(*sample.drop_reason);
  out += name;
  if (name.empty()) append_number(*sample.drop_reason, out);
  return true;
}

// --- layers

template <LayerKind Kind>
bool offset(const Sample& sample, unsigned nth, std::string& out) {
  const Layer* const layer = sample.packet->layers().find(Kind, nth);
  if (layer != nullptr) append_number(layer->offset, out);
  return layer != nullptr;
}

// What a layer says of the one in it, past tags and extension headers.
template <LayerKind Kind>
bool detail(const Sample& sample, unsigned nth, std::string& out) {
  const Layer* const layer = sample.packet->layers().find(Kind, nth);
  if (layer != nullptr) append_number(layer->detail, out);
  return layer != nullptr;
}

// At some offset of the header: six octets, four, sixteen.
template <LayerKind Kind, std::size_t Offset>
bool mac(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes header = octets(sample, Kind, nth);
  if (!header.empty()) append_mac(header.subspan(Offset), out);
  return !header.empty();
}

template <LayerKind Kind, std::size_t Offset>
bool ipv4(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes header = octets(sample, Kind, nth);
  if (!header.empty()) append_ipv4(header.subspan(Offset), out);
  return !header.empty();
}

template <std::size_t Offset>
bool ipv6(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes header = octets(sample, LayerKind::kIpv6, nth);
  if (!header.empty()) append_ipv6(header.subspan(Offset), out);
  return !header.empty();
}

enum class Cast : std::uint8_t { kUnicast, kMulticast, kBroadcast };

template <Cast Wanted>
bool is_cast(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes frame = octets(sample, LayerKind::kEthernet, nth);
  if (frame.empty()) return false;
  bool broadcast = true;
  for (const std::byte each : frame.first(6)) broadcast = broadcast && each == std::byte{0xff};
  const bool group = (octet(frame, 0) & 1U) != 0;
  const Cast cast = broadcast ? Cast::kBroadcast : group ? Cast::kMulticast : Cast::kUnicast;
  out += cast == Wanted ? "true" : "false";
  return true;
}

// The tag's, or, where the agent has taken it away, what it says beside the header.
bool vlan(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes tag = octets(sample, LayerKind::kVlan, nth);
  if (!tag.empty()) {
    append_number(sflow::load_u16(tag.data()) & 0xfffU, out);
    return true;
  }
  if (nth != 0) return false;
  const auto body = sample.packet->record(sflow::kExtendedSwitch);
  if (!body) return false;
  const auto vlans = sflow::read_extended_switch(*body);
  if (vlans) append_number(vlans->source_vlan, out);
  return vlans.has_value();
}

bool ip_flags(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes ip = octets(sample, LayerKind::kIpv4, nth);
  if (!ip.empty()) append_bits(octet(ip, 6) >> 5U, 3, out);
  return !ip.empty();
}

// RFC 2474, 2597, 3246, 5865, 8622.
bool dscp_name(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes ip = octets(sample, LayerKind::kIpv4, nth);
  if (ip.empty()) return false;
  const unsigned value = octet(ip, 1) >> 2U;
  const unsigned high = value >> 3U;
  const unsigned low = value & 7U;
  if (value == 46) {
    out += "ef";
  } else if (value == 44) {
    out += "va";
  } else if (value == 1) {
    out += "le";
  } else if (low == 0) {
    out += "cs";
    append_number(high, out);
  } else if (high >= 1 && high <= 4 && low % 2 == 0) {
    out += "af";
    append_number(high, out);
    append_number(low / 2, out);
  } else {
    append_number(value, out);
  }
  return true;
}

// NS, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN.
bool tcp_flags(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes tcp = octets(sample, LayerKind::kTcp, nth);
  if (tcp.size() < 14) return false;
  append_bits(sflow::load_u16(tcp.data() + 12), 9, out);
  return true;
}

// What IPv4's total length leaves after the headers.
bool tcp_payload(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes ip = octets(sample, LayerKind::kIpv4, nth);
  const Bytes tcp = octets(sample, LayerKind::kTcp, nth);
  if (ip.empty() || tcp.size() < 13) return false;
  const unsigned total = sflow::load_u16(ip.data() + 2);
  const unsigned headers = (octet(ip, 0) & 15U) * 4 + (octet(tcp, 12) >> 4U) * 4;
  append_number(total > headers ? total - headers : 0, out);
  return true;
}

// RFC 792: destination unreachable, by code: what could not be reached.
bool append_unreachable(const Sample& sample, unsigned nth, unsigned code, std::string& out) {
  const Bytes icmp = octets(sample, LayerKind::kIcmp, nth);
  constexpr std::size_t kInner = 8;  // where the packet's IP header is
  if (icmp.size() < kInner + 20 || octet(icmp, 0) != 3 || octet(icmp, 1) != code) return false;
  const Bytes ip = icmp.subspan(kInner);
  const std::size_t size = (octet(ip, 0) & 15U) * std::size_t{4};
  if (code == 2) {
    append_number(octet(ip, 9), out);
  } else if (code == 3) {
    if (ip.size() < size + 4) return false;
    append_number(sflow::load_u16(ip.data() + size + 2), out);
  } else {
    append_ipv4(ip.subspan(16), out);
  }
  return true;
}

template <unsigned Code>
bool unreachable(const Sample& sample, unsigned nth, std::string& out) {
  return append_unreachable(sample, nth, Code, out);
}

// RFC 7637 §3.2: the key's first 24 bits, of GRE that carries Ethernet.
bool gre_vsid(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes gre = octets(sample, LayerKind::kGre, nth);
  if (gre.size() < 8 || (octet(gre, 0) & 0xb0U) != 0x20) return false;
  append_number(sflow::load_u32(gre.data() + 4) >> 8U, out);
  return true;
}

// --- DNS

enum class DnsPart : std::uint8_t { kName, kType, kTypeName, kClass };

template <DnsPart Part>
bool dns(const Sample& sample, unsigned nth, std::string& out) {
  const auto question = dns_question(octets(sample, LayerKind::kDns, nth));
  if (!question) return false;
  if constexpr (Part == DnsPart::kName) out += question->name;
  if constexpr (Part == DnsPart::kType) append_number(question->type, out);
  if constexpr (Part == DnsPart::kTypeName) out += dns_type_name(question->type);
  if constexpr (Part == DnsPart::kClass) append_number(question->question_class, out);
  return true;
}

constexpr std::array kAttributes{
    PacketAttribute{"direction", direction},
    PacketAttribute{"inputifindex", input},
    PacketAttribute{"outputifindex", output},
    PacketAttribute{"agent", agent},
    PacketAttribute{"bytes", bytes},
    PacketAttribute{"frames", frames},
    PacketAttribute{"stripped", stripped},
    PacketAttribute{"stack", stack},
    PacketAttribute{"reason", reason},
    PacketAttribute{"macsource", mac<LayerKind::kEthernet, 6>},
    PacketAttribute{"macdestination", mac<LayerKind::kEthernet, 0>},
    PacketAttribute{"ethernetprotocol", detail<LayerKind::kEthernet>},
    PacketAttribute{"vlan", vlan},
    PacketAttribute{"isunicast", is_cast<Cast::kUnicast>},
    PacketAttribute{"ismulticast", is_cast<Cast::kMulticast>},
    PacketAttribute{"isbroadcast", is_cast<Cast::kBroadcast>},
    PacketAttribute{"eth_offset", offset<LayerKind::kEthernet>},
    PacketAttribute{"ip_offset", offset<LayerKind::kIpv4>},
    PacketAttribute{"ip6_offset", offset<LayerKind::kIpv6>},
    PacketAttribute{"arpmacsender", mac<LayerKind::kArp, 8>},
    PacketAttribute{"arpipsender", ipv4<LayerKind::kArp, 14>},
    PacketAttribute{"arpmactarget", mac<LayerKind::kArp, 18>},
    PacketAttribute{"arpiptarget", ipv4<LayerKind::kArp, 24>},
    PacketAttribute{"ipsource", ipv4<LayerKind::kIpv4, 12>},
    PacketAttribute{"ipdestination", ipv4<LayerKind::kIpv4, 16>},
    PacketAttribute{"ipflags", ip_flags},
    PacketAttribute{"ipdscpname", dscp_name},
    PacketAttribute{"ip6source", ipv6<8>},
    PacketAttribute{"ip6destination", ipv6<24>},
    PacketAttribute{"ip6nexthdr", detail<LayerKind::kIpv6>},
    PacketAttribute{"tcpflags", tcp_flags},
    PacketAttribute{"tcppayloadbytes", tcp_payload},
    PacketAttribute{"icmpunreachablenet", unreachable<0>},
    PacketAttribute{"icmpunreachablehost", unreachable<1>},
    PacketAttribute{"icmpunreachableprotocol", unreachable<2>},
    PacketAttribute{"icmpunreachableport", unreachable<3>},
    PacketAttribute{"grevsid", gre_vsid},
    PacketAttribute{"dnsqname", dns<DnsPart::kName>},
    PacketAttribute{"dnsqtype", dns<DnsPart::kType>},
    PacketAttribute{"dnsqtypename", dns<DnsPart::kTypeName>},
    PacketAttribute{"dnsqclass", dns<DnsPart::kClass>},
};

}  // namespace

std::span<const PacketAttribute> packet_attributes() {
  return kAttributes;
}

}  // namespace fabrix::telemetry
