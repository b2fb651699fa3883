#include "sflow/sample_line.h"

#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "sflow/field_text.h"
#include "sflow/record.h"
#include "sflow/sampled_packet.h"

namespace fabrix::sflow {
namespace {

// What the columns are made of.
struct Columns {
  net::MacAddress source;
  net::MacAddress destination;
  std::uint32_t type = 0;
  std::uint32_t in_vlan = 0;
  std::uint32_t out_vlan = 0;
  std::optional<net::IpAddress> source_ip;
  std::optional<net::IpAddress> destination_ip;
  std::uint32_t protocol = 0;
  std::uint32_t tos = 0;
  std::uint32_t ttl = 0;
  std::uint32_t source_port = 0;
  std::uint32_t destination_port = 0;
  std::uint32_t tcp_flags = 0;
  std::uint32_t frame_length = 0;
  std::uint32_t ip_size = 0;
};

// Agents may claim to have stripped more than there was.
std::uint32_t less(std::uint32_t size, std::uint32_t part) {
  return size > part ? size - part : 0;
}

net::MacAddress mac_at(const std::byte* octets) {
  std::array<std::uint8_t, 6> mac{};
  std::memcpy(mac.data(), octets, mac.size());
  return net::MacAddress(mac);
}

void take_transport(const HeaderLayers& layers, const Layer& layer, Columns& columns) {
  const Bytes octets = layers.octets(layer);
  switch (layer.kind) {
    case LayerKind::kTcp:
      if (octets.size() >= 14) columns.tcp_flags = std::to_integer<std::uint32_t>(octets[13]);
      [[fallthrough]];
    case LayerKind::kUdp:
    case LayerKind::kSctp:
      columns.source_port = load_u16(octets.data());
      columns.destination_port = load_u16(octets.data() + 2);
      break;
    case LayerKind::kIcmp:
    case LayerKind::kIcmp6:
      columns.source_port = std::to_integer<std::uint32_t>(octets[0]);
      columns.destination_port = std::to_integer<std::uint32_t>(octets[1]);
      break;
    default:
      break;
  }
}

void take_ip(const HeaderLayers& layers, const Layer& layer, Columns& columns) {
  const Bytes ip = layers.octets(layer);
  columns.protocol = layer.detail;
  if (layer.kind == LayerKind::kIpv4) {
    columns.source_ip = XdrReader(ip.subspan(12)).ipv4();
    columns.destination_ip = XdrReader(ip.subspan(16)).ipv4();
    columns.tos = std::to_integer<std::uint32_t>(ip[1]);
    columns.ttl = std::to_integer<std::uint32_t>(ip[8]);
  } else {
    columns.source_ip = XdrReader(ip.subspan(8)).ipv6();
    columns.destination_ip = XdrReader(ip.subspan(24)).ipv6();
    columns.tos = load_u32(ip.data()) >> 20U & 0xffU;
    columns.ttl = std::to_integer<std::uint32_t>(ip[7]);
  }
}

void take_header(const SampledPacket& packet, Columns& columns) {
  const SampledHeader& header = *packet.header();
  const HeaderLayers& layers = packet.layers();
  columns.frame_length = header.frame_length;
  columns.ip_size = less(header.frame_length, header.stripped);
  bool in_ip = false;
  for (const Layer& layer : layers.layers()) {
    if (in_ip) {
      if (layer.kind == LayerKind::kIpv6Fragment) continue;
      return take_transport(layers, layer, columns);
    }
    const Bytes octets = layers.octets(layer);
    if (layer.kind == LayerKind::kEthernet) {
      columns.destination = mac_at(octets.data());
      columns.source = mac_at(octets.data() + 6);
      columns.type = layer.detail;
    } else if (layer.kind == LayerKind::kVlan && columns.in_vlan == 0) {
      columns.in_vlan = load_u16(octets.data()) & 0xfffU;
    } else if (layer.kind == LayerKind::kIpv4 || layer.kind == LayerKind::kIpv6) {
      take_ip(layers, layer, columns);
      columns.ip_size = less(columns.ip_size, layer.offset);
      in_ip = true;
    }
  }
}

void take_ip_record(const std::optional<SampledIp>& ip, Columns& columns) {
  if (!ip) return;
  columns.source_ip = ip->source;
  columns.destination_ip = ip->destination;
  columns.protocol = ip->protocol;
  columns.tos = ip->tos;
  columns.source_port = ip->source_port;
  columns.destination_port = ip->destination_port;
  columns.tcp_flags = ip->tcp_flags;
  columns.frame_length = ip->length;
  columns.ip_size = ip->length;
}

// Of agents that look into the packet themselves.
void take_records(const SampledPacket& packet, Columns& columns) {
  if (const auto body = packet.record(kSampledEthernet)) {
    if (const auto ethernet = read_sampled_ethernet(*body)) {
      columns.source = ethernet->source;
      columns.destination = ethernet->destination;
      columns.type = ethernet->type;
      columns.frame_length = ethernet->length;
      columns.ip_size = ethernet->length;
    }
  }
  const auto ipv4 = packet.record(kSampledIpv4);
  if (ipv4) take_ip_record(read_sampled_ipv4(*ipv4), columns);
  const auto ipv6 = packet.record(kSampledIpv6);
  if (ipv6) take_ip_record(read_sampled_ipv6(*ipv6), columns);
}

Columns columns_of(const FlowSample& flow) {
  const SampledPacket packet(flow.records());
  Columns columns;
  if (packet.header()) {
    take_header(packet, columns);
  } else {
    take_records(packet, columns);
  }
  if (const auto body = packet.record(kExtendedSwitch)) {
    if (const auto vlans = read_extended_switch(*body)) {
      columns.in_vlan = vlans->source_vlan;
      columns.out_vlan = vlans->destination_vlan;
    }
  }
  return columns;
}

void append(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
  out += ',';
}

// Two or four digits.
void append_octet(std::uint32_t octet, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += kDigits[octet >> 4U & 15U];
  out += kDigits[octet & 15U];
}

void append(const net::MacAddress& mac, std::string& out) {
  for (const std::uint8_t octet : mac.octets()) append_octet(octet, out);
  out += ',';
}

void append(const std::optional<net::IpAddress>& address, std::string& out) {
  if (!address) {
    out += '-';
  } else if (address->family() == net::Family::kIpv4) {
    for (const std::uint8_t octet : address->octets()) {
      append(octet, out);
      out.back() = '.';
    }
    out.pop_back();
  } else {
    out += address->to_string();
  }
  out += ',';
}

}  // namespace

void append_flow_line(const net::IpAddress& agent, const FlowSample& flow, std::string& out) {
  const Columns columns = columns_of(flow);
  out += "FLOW,";
  append(agent, out);
  append(flow.input.value, out);
  append(flow.output.value, out);
  append(columns.source, out);
  append(columns.destination, out);
  out += "0x";
  append_octet(columns.type >> 8U, out);
  append_octet(columns.type, out);
  out += ',';
  append(columns.in_vlan, out);
  append(columns.out_vlan, out);
  append(columns.source_ip, out);
  append(columns.destination_ip, out);
  append(columns.protocol, out);
  out += "0x";
  append_octet(columns.tos, out);
  out += ',';
  append(columns.ttl, out);
  append(columns.source_port, out);
  append(columns.destination_port, out);
  out += "0x";
  append_octet(columns.tcp_flags, out);
  out += ',';
  append(columns.frame_length, out);
  append(columns.ip_size, out);
  append(flow.sampling_rate, out);
  out.back() = '\n';
}

void append_counter_line(const net::IpAddress& agent, const CounterSample& counters,
                         std::string& out) {
  constexpr Tag kInterfaceCounters = Tag::of(0, 1);
  const RecordSchema& schema = *find_counter_schema(kInterfaceCounters);
  Bytes body;
  ItemCursor cursor = counters.records();
  while (const auto item = cursor.next()) {
    if (item->tag == kInterfaceCounters) body = item->body;
  }
  out += "CNTR,";
  append(agent, out);
  FieldCursor fields(schema, body);
  std::size_t printed = 0;
  while (const auto field = fields.next()) {
    append(std::get<std::uint64_t>(field->value), out);
    ++printed;
  }
  for (; printed < schema.fields.size(); ++printed) append(0, out);
  out.back() = '\n';
}

}  // namespace fabrix::sflow
