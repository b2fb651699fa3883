// Packet attributes: those that are neither in one header as they are (layer_field.h) nor a field
// of a record (record_field.h): flags, names, lengths, where the packet went.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "telemetry/octet_form.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

struct PacketAttribute {
  // Appends the value of the nth layer; false, and nothing, if there is none.
  using Append = bool (*)(const Sample& sample, unsigned nth, std::string& out);
  using Number = std::optional<std::uint64_t> (*)(const Sample& sample, unsigned nth);

  std::string_view name;
  Append append = nullptr;
  Number number = nullptr;  // in place of it, in the form
  OctetForm form = OctetForm::kNone;

  constexpr PacketAttribute(std::string_view called, Append appends)
      : name(called), append(appends) {}
  constexpr PacketAttribute(std::string_view called, Number tells,
                            OctetForm as = OctetForm::kNumber)
      : name(called), number(tells), form(as) {}
};

std::span<const PacketAttribute> packet_attributes();

}  // namespace fabrix::telemetry
