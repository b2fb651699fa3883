// Layer fields: attributes that are a number or an address in some header: which header, where in
// it, and which bits. One table row each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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

// The number in so many octets.
inline std::uint32_t number_in(const std::byte* octets, unsigned width) {
  switch (width) {
    case 1:
      return std::to_integer<std::uint32_t>(*octets);
    case 2:
      return sflow::load_u16(octets);
    case 3:
      return std::uint32_t{sflow::load_u16(octets)} << 8U |
             std::to_integer<std::uint32_t>(octets[2]);
    default:
      return sflow::load_u32(octets);
  }
}

// Of the nth header of its kind, in the field's form. False if there is none, or not so much of it.
// Inline: of every sample every definition wants some.
inline bool put_layer_field(const LayerField& field, const sflow::SampledPacket& packet,
                            unsigned nth, char* to) {
  const sflow::HeaderLayers& layers = packet.layers();
  const sflow::Layer* const layer = layers.find(field.layer, nth);
  if (layer == nullptr) return false;
  const sflow::Bytes header = layers.header();
  const std::size_t at = std::size_t{layer->offset} + field.offset;
  if (header.size() < at + field.width) return false;
  const std::byte* const octets = header.data() + at;
  switch (field.form) {
    case OctetForm::kMac:
      std::memcpy(to, octets, width_of(OctetForm::kMac));
      return true;
    case OctetForm::kIpv4:
      std::memcpy(to, octets, width_of(OctetForm::kIpv4));
      return true;
    case OctetForm::kIpv6:
      std::memcpy(to, octets, width_of(OctetForm::kIpv6));
      return true;
    default:
      break;
  }
  const std::uint32_t value = number_in(octets, field.width) >> field.shift & field.mask;
  std::memcpy(to, &value, sizeof(value));
  return true;
}

}  // namespace fabrix::telemetry
