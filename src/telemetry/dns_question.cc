#include "telemetry/dns_question.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace fabrix::telemetry {
namespace {

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kLongestName = 255;  // RFC 1035 §2.3.4

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 26> kTypes{
    {{1, "A"},       {2, "NS"},     {5, "CNAME"},  {6, "SOA"},    {12, "PTR"},   {13, "HINFO"},
     {15, "MX"},     {16, "TXT"},   {24, "SIG"},   {25, "KEY"},   {28, "AAAA"},  {29, "LOC"},
     {33, "SRV"},    {35, "NAPTR"}, {39, "DNAME"}, {43, "DS"},    {46, "RRSIG"}, {47, "NSEC"},
     {48, "DNSKEY"}, {50, "NSEC3"}, {52, "TLSA"},  {65, "HTTPS"}, {252, "AXFR"}, {255, "ANY"},
     {251, "IXFR"},  {257, "CAA"}}};

void append_label(sflow::Bytes label, std::string& name) {
  for (const std::byte octet : label) {
    const auto value = std::to_integer<unsigned>(octet);
    if (value > 0x20 && value < 0x7f && value != '\\') {
      name += static_cast<char>(value);
    } else {
      fmt::format_to(std::back_inserter(name), "\\{:03}", value);  // RFC 4343 §2.1
    }
  }
  name += '.';
}

}  // namespace

std::optional<DnsQuestion> dns_question(sflow::Bytes message) {
  if (message.size() < kHeaderSize || sflow::load_u16(message.data() + 4) == 0) return std::nullopt;
  sflow::Bytes rest = message.subspan(kHeaderSize);
  DnsQuestion question;
  std::size_t length = 0;
  while (!rest.empty()) {
    const auto size = std::to_integer<std::size_t>(rest.front());
    rest = rest.subspan(1);
    length += size + 1;
    // A question's name is not compressed, and its labels have 63 octets at most (§2.3.4).
    if (size > 63 || length > kLongestName) return std::nullopt;
    if (size == 0) {
      if (rest.size() < 4) return std::nullopt;
      if (question.name.empty()) question.name += '.';
      question.type = sflow::load_u16(rest.data());
      question.question_class = sflow::load_u16(rest.data() + 2);
      return question;
    }
    if (rest.size() < size) return std::nullopt;
    append_label(rest.first(size), question.name);
    rest = rest.subspan(size);
  }
  return std::nullopt;
}

std::string dns_type_name(std::uint16_t type) {
  const auto* const found =
      std::ranges::find(kTypes, type, &std::pair<std::uint16_t, std::string_view>::first);
  return found != kTypes.end() ? std::string(found->second) : fmt::to_string(type);
}

}  // namespace fabrix::telemetry
