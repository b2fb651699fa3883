#include "telemetry/attribute.h"

#include <algorithm>
#include <span>

namespace fabrix::telemetry {
namespace {

template <typename Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found != rows.end() ? &*found : nullptr;
}

}  // namespace

std::optional<Attribute> Attribute::find(std::string_view name) {
  Attribute attribute;
  if (name.size() > 2 && name[name.size() - 2] == '.') {
    const char digit = name.back();
    if (digit < '1' || digit > '9') return std::nullopt;
    attribute.nth_ = static_cast<unsigned>(digit - '0');
    name.remove_suffix(2);
  }
  attribute.layer_ = find_row(layer_fields(), name);
  attribute.packet_ = find_row(packet_attributes(), name);
  // Records are of the whole packet.
  if (attribute.nth_ == 0) attribute.record_ = find_row(record_fields(), name);
  if (attribute.nth_ == 0) attribute.routing_ = find_row(routing_attributes(), name);
  if (attribute.nth_ == 0) attribute.headerless_ = find_row(headerless_fields(), name);
  const bool found = attribute.layer_ != nullptr || attribute.packet_ != nullptr ||
                     attribute.record_ != nullptr || attribute.routing_ != nullptr;
  return found ? std::optional(attribute) : std::nullopt;
}

bool Attribute::append(const Sample& sample, std::string& out) const {
  if (headerless_ != nullptr && !sample.packet->header()) {
    return append_headerless_field(headerless_->name, *sample.packet, out);
  }
  if (layer_ != nullptr) return append_layer_field(*layer_, *sample.packet, nth_, out);
  if (packet_ != nullptr) return packet_->append(sample, nth_, out);
  if (routing_ != nullptr) return routing_->append(sample, out);
  return append_record_field(*record_, *sample.packet, out);
}

std::vector<std::string_view> attribute_names() {
  std::vector<std::string_view> names;
  for (const auto& row : layer_fields()) names.push_back(row.name);
  for (const auto& row : packet_attributes()) names.push_back(row.name);
  for (const auto& row : record_fields()) names.push_back(row.name);
  for (const auto& row : routing_attributes()) names.push_back(row.name);
  std::ranges::sort(names);
  return names;
}

}  // namespace fabrix::telemetry
