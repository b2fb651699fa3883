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

// A field of a record's structure (sflow/record.h).
struct RecordPlace {
  sflow::Tag tag;
  std::string_view field;
};

struct RecordField {
  std::string_view name;
  std::array<RecordPlace, 4> places{};  // of the first record that is there; the rest have no field
};

std::span<const RecordField> record_fields();

bool append_record_field(const RecordField& field, const sflow::SampledPacket& packet,
                         std::string& out);

}  // namespace fabrix::telemetry
