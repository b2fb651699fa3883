// Packet attributes: those that are neither a number in one header (layer_field.h) nor a field of a
// record (record_field.h): addresses, flags, names, lengths, where the packet went.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "telemetry/sample.h"

namespace fabrix::telemetry {

struct PacketAttribute {
  std::string_view name;
  // Appends the value of the nth layer; false, and nothing, if there is none.
  bool (*append)(const Sample& sample, unsigned nth, std::string& out) = nullptr;
};

std::span<const PacketAttribute> packet_attributes();

}  // namespace fabrix::telemetry
