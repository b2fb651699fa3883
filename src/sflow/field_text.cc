#include "sflow/field_text.h"

#include <iterator>

#include <fmt/format.h>

#include "sflow/flow_records.h"

namespace fabrix::sflow {
namespace {

constexpr std::uint64_t kUnknownPercentage = 0xffffffff;

void append_number(FieldType type, std::uint64_t number, std::string& out) {
  const auto end = std::back_inserter(out);
  if (type == FieldType::kI32) {
    fmt::format_to(end, "{}", static_cast<std::int32_t>(number));
  } else if (type != FieldType::kHundredths) {
    fmt::format_to(end, "{}", number);
  } else if (number == kUnknownPercentage) {
    out += "unknown";
  } else {
    fmt::format_to(end, "{}.{:02}", number / 100, number % 100);
  }
}

void append_word(FieldType type, std::uint32_t word, std::string& out) {
  const auto end = std::back_inserter(out);
  if (type == FieldType::kLabels) {  // RFC 3032 §2.1
    fmt::format_to(end, "{}.{}.{}.{}", word >> 12U, word >> 9U & 7U, word >> 8U & 1U, word & 255U);
  } else if (type == FieldType::kVlanTags) {
    fmt::format_to(end, "0x{:04x}.{}.{}.{}", word >> 16U, word >> 13U & 7U, word >> 12U & 1U,
                   word & 4095U);
  } else {
    fmt::format_to(end, "{}", word);
  }
}

void append_words(FieldType type, Bytes octets, std::string& out) {
  for (std::size_t at = 0; at + 4 <= octets.size(); at += 4) {
    if (at != 0) out += '-';
    append_word(type, load_u32(octets.subspan(at).data()), out);
  }
}

void append_macs(Bytes octets, std::string& out) {
  for (std::size_t at = 0; at + 8 <= octets.size(); at += 8) {
    if (at != 0) out += ' ';
    append_mac(octets.subspan(at, 6), out);
  }
}

// RFC 9562 §4.
void append_uuid(Bytes octets, std::string& out) {
  std::size_t at = 0;
  for (const std::byte octet : octets) {
    if (at == 4 || at == 6 || at == 8 || at == 10) out += '-';
    fmt::format_to(std::back_inserter(out), "{:02x}", std::to_integer<unsigned>(octet));
    ++at;
  }
}

void append_octets(FieldType type, Bytes octets, std::string& out) {
  switch (type) {
    case FieldType::kString:
      out += as_text(octets);
      return;
    case FieldType::kUuid:
      append_uuid(octets, out);
      return;
    case FieldType::kWords:
    case FieldType::kLabels:
    case FieldType::kVlanTags:
      append_words(type, octets, out);
      return;
    case FieldType::kMacs:
      append_macs(octets, out);
      return;
    case FieldType::kAsPath:
      out += as_path_text(octets);
      return;
    default:
      append_hex(octets, out);
  }
}

}  // namespace

void append_mac(Bytes octets, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte octet : octets) {
    const auto value = std::to_integer<unsigned>(octet);
    out += kDigits[value >> 4U];
    out += kDigits[value & 15U];
  }
}

void append_hex(Bytes octets, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::size_t at = out.size();
  out.resize(at + octets.size() * 3, '-');
  for (const std::byte octet : octets) {
    const auto value = std::to_integer<unsigned>(octet);
    out[at] = kDigits[value >> 4U];
    out[at + 1] = kDigits[value & 15U];
    at += 3;
  }
  if (!octets.empty()) out.pop_back();
}

void append_text(FieldType type, const FieldValue& value, std::string& out) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    append_number(type, *number, out);
  } else if (const auto* real = std::get_if<float>(&value)) {
    fmt::format_to(std::back_inserter(out), "{:.3f}", *real);
  } else if (const auto* mac = std::get_if<net::MacAddress>(&value)) {
    append_mac(std::as_bytes(std::span(mac->octets())), out);
  } else if (const auto* address = std::get_if<net::IpAddress>(&value)) {
    out += address->to_string();
  } else {
    append_octets(type, std::get<Bytes>(value), out);
  }
}

}  // namespace fabrix::sflow
