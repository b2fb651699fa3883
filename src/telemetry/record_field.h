// Record fields: attributes that agents tell beside the packet's header: VLANs of the switch
// (extended switch), TCP's measurements, transactions of HTTP, memcache and applications, why a
// packet was dropped. One table row each.
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
  std::span<const std::string_view> names{};  // of its numbers; empty: they are told as they are
};

std::span<const RecordField> record_fields();

bool append_record_field(const RecordField& field, const sflow::SampledPacket& packet,
                         std::string& out);

}  // namespace fabrix::telemetry
