// Record fields: attributes that agents tell beside the packet's header: VLANs of the switch
// (extended switch), TCP's measurements, HTTP and application transactions,
// why a packet was dropped. One table row each.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "sflow/datagram.h"
#include "sflow/sampled_packet.h"

namespace fabrix::telemetry {

struct RecordField {
  std::string_view name;
  std::string_view field;            // of the record's structure (sflow/record.h)
  std::array<sflow::Tag, 2> tags{};  // records that have it, the first that is there; 0: no second
};

std::span<const RecordField> record_fields();

bool append_record_field(const RecordField& field, const sflow::SampledPacket& packet,
                         std::string& out);

}  // namespace fabrix::telemetry
