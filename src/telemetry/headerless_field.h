// Headerless fields: attributes of packets whose header the agent does not send, but has looked
// into itself (sFlow version 5 §5.3.2: sampled_ethernet, sampled_ipv4, sampled_ipv6). One table row
// each; the names are those of layer_field.h and packet_attribute.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sflow/datagram.h"
#include "sflow/sampled_packet.h"

namespace fabrix::telemetry {

struct HeaderlessField {
  std::string_view name;
  sflow::Tag tag;
  std::string_view field;     // of the record's structure (sflow/record.h)
  std::uint8_t protocol = 0;  // only of packets of this IP protocol; 0: of any
};

std::span<const HeaderlessField> headerless_fields();

// What the packet's records say under that name; of a packet that has no sampled header.
bool append_headerless_field(std::string_view name, const sflow::SampledPacket& packet,
                             std::string& out);

}  // namespace fabrix::telemetry
