// Layer fields: attributes that are a number or an address in some header: which header, where in
// it, and which bits. One table row each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sflow/header_layers.h"
#include "sflow/sampled_packet.h"
#include "telemetry/octet_form.h"

namespace fabrix::telemetry {

struct LayerField {
  std::string_view name;
  sflow::LayerKind layer = sflow::LayerKind::kEthernet;
  std::uint8_t offset = 0;          // of the octets that hold it
  std::uint8_t width = 1;           // how many they are; of a number 4 at most
  std::uint8_t shift = 0;           // of a number: bits that are not of it, at the end
  std::uint32_t mask = 0xffffffff;  // after the shift
  OctetForm form = OctetForm::kNumber;
};

std::span<const LayerField> layer_fields();

// Of the nth header of its kind, in the field's form. False if there is none, or not so much of it.
bool put_layer_field(const LayerField& field, const sflow::SampledPacket& packet, unsigned nth,
                     char* to);

}  // namespace fabrix::telemetry
