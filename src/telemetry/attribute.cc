#include "telemetry/attribute.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace fabrix::telemetry {
namespace {

template <typename Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found != rows.end() ? &*found : nullptr;
}

bool store(OctetForm form, const auto& number, char* to) {
  if (!number) return false;
  const std::uint64_t whole = *number;
  const auto half = static_cast<std::uint32_t>(whole);
  const bool is_half = width_of(form) == sizeof(half);
  std::memcpy(to, is_half ? static_cast<const void*>(&half) : &whole, width_of(form));
  return true;
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
  attribute.find_form();
  return found ? std::optional(attribute) : std::nullopt;
}

void Attribute::find_form() {
  if (layer_ != nullptr) form_ = layer_->form;
  if (packet_ != nullptr) form_ = packet_->form;
  if (routing_ != nullptr && routing_->number != nullptr) form_ = OctetForm::kNumber;
}

bool Attribute::append(const Sample& sample, std::string& out) const {
  if (is_headerless(sample)) {
    return append_headerless_field(headerless_->name, *sample.packet, out);
  }
  if (form_ != OctetForm::kNone) {
    std::array<char, kMostOctets> octets{};
    const bool is_there = put(sample, octets.data());
    if (is_there) append_octets(form_, octets.data(), out);
    return is_there;
  }
  if (packet_ != nullptr) return packet_->append(sample, nth_, out);
  if (routing_ != nullptr) return routing_->append(sample, out);
  return append_record_field(*record_, *sample.packet, out);
}

bool Attribute::put_headerless(const Sample& sample, char* to) const {
  std::string text;
  return append_headerless_field(headerless_->name, *sample.packet, text) &&
         put_octets(form_, text, to);
}

bool Attribute::put_number(const Sample& sample, char* to) const {
  if (packet_ != nullptr) return store(form_, packet_->number(sample, nth_), to);
  return store(form_, routing_->number(sample), to);
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
