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

using Number = std::optional<std::uint64_t>;

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

Number number_of(const sflow::Interface& interface) {
  using Format = sflow::Interface::Format;
  const bool is_none = interface.is(Format::kDiscarded) || interface.is(Format::kMultiple);
  return is_none ? std::uint64_t{interface.format} << 32U : interface.value;
}

Number input(const Sample& sample, unsigned) {
  return number_of(sample.input);
}

Number output(const Sample& sample, unsigned) {
  return number_of(sample.output);
}

bool agent(const Sample& sample, unsigned, std::string& out) {
  out += sample.agent.to_string();
  return true;
}

Number bytes(const Sample& sample, unsigned) {
  return sample.packet->frame_length();
}

Number frames(const Sample&, unsigned) {
  return 1;
}

Number stripped(const Sample& sample, unsigned) {
  const auto& header = sample.packet->header();
  return header ? Number(header->stripped) : std::nullopt;
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
Number offset(const Sample& sample, unsigned nth) {
  const Layer* const layer = sample.packet->layers().find(Kind, nth);
  return layer != nullptr ? Number(layer->offset) : std::nullopt;
}

// What a layer says of the one in it, past tags and extension headers.
template <LayerKind Kind>
Number detail(const Sample& sample, unsigned nth) {
  const Layer* const layer = sample.packet->layers().find(Kind, nth);
  return layer != nullptr ? Number(layer->detail) : std::nullopt;
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
Number vlan(const Sample& sample, unsigned nth) {
  const Bytes tag = octets(sample, LayerKind::kVlan, nth);
  if (!tag.empty()) return sflow::load_u16(tag.data()) & 0xfffU;
  if (nth != 0) return std::nullopt;
  const auto body = sample.packet->record(sflow::kExtendedSwitch);
  if (!body) return std::nullopt;
  const auto vlans = sflow::read_extended_switch(*body);
  return vlans ? Number(vlans->source_vlan) : std::nullopt;
}

bool ip_flags(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes ip = octets(sample, LayerKind::kIpv4, nth);
  if (!ip.empty()) append_bits(octet(ip, 6) >> 5U, 3, out);
  return !ip.empty();
}

// The traffic class (RFC 791 §3.1, RFC 8200 §3); none: there is no such header.
template <LayerKind Kind>
std::optional<unsigned> traffic_class(const Sample& sample, unsigned nth) {
  const Bytes ip = octets(sample, Kind, nth);
  if (ip.size() < 2) return std::nullopt;
  if (Kind == LayerKind::kIpv4) return octet(ip, 1);
  return sflow::load_u16(ip.data()) >> 4U & 0xffU;
}

// RFC 3168 §5: two bits, of which 11 is congestion.
template <LayerKind Kind>
bool ecn(const Sample& sample, unsigned nth, std::string& out) {
  const auto octet = traffic_class<Kind>(sample, nth);
  if (octet) append_bits(*octet, 2, out);
  return octet.has_value();
}

// RFC 2474, 2597, 3246, 5865, 8622.
template <LayerKind Kind>
bool dscp_name(const Sample& sample, unsigned nth, std::string& out) {
  const auto octet = traffic_class<Kind>(sample, nth);
  if (!octet) return false;
  const unsigned value = *octet >> 2U;
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
Number tcp_payload(const Sample& sample, unsigned nth) {
  const Bytes ip = octets(sample, LayerKind::kIpv4, nth);
  const Bytes tcp = octets(sample, LayerKind::kTcp, nth);
  if (ip.empty() || tcp.size() < 13) return std::nullopt;
  const unsigned total = sflow::load_u16(ip.data() + 2);
  const unsigned headers = (octet(ip, 0) & 15U) * 4 + (octet(tcp, 12) >> 4U) * 4;
  return total > headers ? total - headers : 0;
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

// RFC 8200 §4.5: whether more fragments come.
bool more_fragments(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes fragment = octets(sample, LayerKind::kIpv6Fragment, nth);
  if (fragment.size() < 4) return false;
  out += (octet(fragment, 3) & 1U) != 0 ? "yes" : "no";
  return true;
}

// RFC 7637 §3.2: the key's first 24 bits, of GRE that carries Ethernet.
Number gre_vsid(const Sample& sample, unsigned nth) {
  const Bytes gre = octets(sample, LayerKind::kGre, nth);
  if (gre.size() < 8 || (octet(gre, 0) & 0xb0U) != 0x20) return std::nullopt;
  return sflow::load_u32(gre.data() + 4) >> 8U;
}

// --- DNS

// RFC 1035 §4.1.1: a bit of the header's second word.
template <unsigned Bit>
bool dns_flag(const Sample& sample, unsigned nth, std::string& out) {
  const Bytes dns = octets(sample, LayerKind::kDns, nth);
  if (dns.size() < 4) return false;
  out += (sflow::load_u16(dns.data() + 2) >> Bit & 1U) != 0 ? "true" : "false";
  return true;
}

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
    PacketAttribute{"inputifindex", input, OctetForm::kInterface},
    PacketAttribute{"outputifindex", output, OctetForm::kInterface},
    PacketAttribute{"agent", agent},
    PacketAttribute{"bytes", bytes},
    PacketAttribute{"frames", frames},
    PacketAttribute{"stripped", stripped},
    PacketAttribute{"stack", stack},
    PacketAttribute{"reason", reason},
    PacketAttribute{"ethernetprotocol", detail<LayerKind::kEthernet>},
    PacketAttribute{"vlan", vlan},
    PacketAttribute{"isunicast", is_cast<Cast::kUnicast>},
    PacketAttribute{"ismulticast", is_cast<Cast::kMulticast>},
    PacketAttribute{"isbroadcast", is_cast<Cast::kBroadcast>},
    PacketAttribute{"eth_offset", offset<LayerKind::kEthernet>},
    PacketAttribute{"ip_offset", offset<LayerKind::kIpv4>},
    PacketAttribute{"ip6_offset", offset<LayerKind::kIpv6>},
    PacketAttribute{"ipflags", ip_flags},
    PacketAttribute{"ipdscpname", dscp_name<LayerKind::kIpv4>},
    PacketAttribute{"ipecn", ecn<LayerKind::kIpv4>},
    PacketAttribute{"ip6dscpname", dscp_name<LayerKind::kIpv6>},
    PacketAttribute{"ip6ecn", ecn<LayerKind::kIpv6>},
    PacketAttribute{"ip6nexthdr", detail<LayerKind::kIpv6>},
    PacketAttribute{"ip6fragm", more_fragments},
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
    PacketAttribute{"dnsqr", dns_flag<15>},
    PacketAttribute{"dnsaa", dns_flag<10>},
    PacketAttribute{"dnstc", dns_flag<9>},
    PacketAttribute{"dnsrd", dns_flag<8>},
    PacketAttribute{"dnsra", dns_flag<7>},
};

}  // namespace

std::span<const PacketAttribute> packet_attributes() {
  return kAttributes;
}

}  // namespace fabrix::telemetry
