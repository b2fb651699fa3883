#include "telemetry/headerless_field.h"

#include <array>
#include <optional>

#include "sflow/flow_records.h"
#include "sflow/record.h"
#include "telemetry/text.h"

namespace fabrix::telemetry {
namespace {

using sflow::kSampledEthernet;
using sflow::kSampledIpv4;
using sflow::kSampledIpv6;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

constexpr std::array kFields{
    HeaderlessField{"macsource", kSampledEthernet, "ethernet_src"},
    HeaderlessField{"macdestination", kSampledEthernet, "ethernet_dst"},
    HeaderlessField{"ethernetprotocol", kSampledEthernet, "ethernet_type"},
    HeaderlessField{"ipsource", kSampledIpv4, "srcIP"},
    HeaderlessField{"ipdestination", kSampledIpv4, "dstIP"},
    HeaderlessField{"ipprotocol", kSampledIpv4, "IPProtocol"},
    HeaderlessField{"ipbytes", kSampledIpv4, "sampledPacketSize"},
    HeaderlessField{"iptos", kSampledIpv4, "IPTOS"},
    HeaderlessField{"tcpsourceport", kSampledIpv4, "srcPort", kTcp},
    HeaderlessField{"tcpdestinationport", kSampledIpv4, "dstPort", kTcp},
    HeaderlessField{"tcpflags", kSampledIpv4, "TCPFlags", kTcp},
    HeaderlessField{"udpsourceport", kSampledIpv4, "srcPort", kUdp},
    HeaderlessField{"udpdestinationport", kSampledIpv4, "dstPort", kUdp},
    HeaderlessField{"ip6source", kSampledIpv6, "srcIP6"},
    HeaderlessField{"ip6destination", kSampledIpv6, "dstIP6"},
    HeaderlessField{"ip6nexthdr", kSampledIpv6, "IPProtocol"},
    HeaderlessField{"tcpsourceport", kSampledIpv6, "srcPort", kTcp},
    HeaderlessField{"tcpdestinationport", kSampledIpv6, "dstPort", kTcp},
    HeaderlessField{"tcpflags", kSampledIpv6, "TCPFlags", kTcp},
    HeaderlessField{"udpsourceport", kSampledIpv6, "srcPort", kUdp},
    HeaderlessField{"udpdestinationport", kSampledIpv6, "dstPort", kUdp},
};

std::optional<sflow::FieldValue> value_of(const HeaderlessField& row, sflow::Bytes body) {
  const sflow::RecordSchema& schema = *sflow::find_flow_schema(row.tag);
  if (row.protocol != 0) {
    const auto protocol = sflow::find_field(schema, body, "IPProtocol");
    if (!protocol || std::get<std::uint64_t>(*protocol) != row.protocol) return std::nullopt;
  }
  return sflow::find_field(schema, body, row.field);
}

// As the other tables show it.
void append_value(const HeaderlessField& row, const sflow::FieldValue& value, std::string& out) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    if (row.name == "tcpflags") {
      append_bits(static_cast<std::uint32_t>(*number), 9, out);
    } else {
      append_number(*number, out);
    }
  } else if (const auto* mac = std::get_if<net::MacAddress>(&value)) {
    append_mac(std::as_bytes(std::span(mac->octets())), out);
  } else if (const auto* address = std::get_if<net::IpAddress>(&value)) {
    out += address->to_string();
  }
}

}  // namespace

std::span<const HeaderlessField> headerless_fields() {
  return kFields;
}

bool append_headerless_field(std::string_view name, const sflow::SampledPacket& packet,
                             std::string& out) {
  for (const HeaderlessField& row : kFields) {
    if (row.name != name) continue;
    const auto body = packet.record(row.tag);
    const auto value = body ? value_of(row, *body) : std::nullopt;
    if (!value) continue;
    append_value(row, *value, out);
    return true;
  }
  return false;
}

}  // namespace fabrix::telemetry
