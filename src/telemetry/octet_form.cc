#include "telemetry/octet_form.h"

#include <array>
#include <cstring>
#include <span>

#include "base/number.h"
#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "telemetry/text.h"

namespace fabrix::telemetry {
namespace {

template <typename Number>
Number load(const char* octets) {
  Number number{};
  std::memcpy(&number, octets, sizeof(number));
  return number;
}

bool store(const auto& number, char* to) {
  std::memcpy(to, &number, sizeof(number));
  return true;
}

constexpr std::uint64_t above(sflow::Interface::Format format) {
  return std::uint64_t{static_cast<std::uint32_t>(format)} << 32U;
}

struct InterfaceName {
  std::uint64_t interface;
  std::string_view name;
};

constexpr std::array kNames{
    InterfaceName{above(sflow::Interface::Format::kDiscarded), "discard"},
    InterfaceName{above(sflow::Interface::Format::kMultiple), "multiple"},
    InterfaceName{sflow::Interface::kInternal, "internal"},
};

void append_interface(std::uint64_t interface, std::string& out) {
  for (const InterfaceName& row : kNames) {
    if (row.interface != interface) continue;
    out += row.name;
    return;
  }
  append_number(interface, out);
}

bool put_number(std::string_view text, char* to) {
  const auto number = parse_number<std::uint32_t>(text);
  return number && store(*number, to);
}

bool put_interface(std::string_view text, char* to) {
  for (const InterfaceName& row : kNames) {
    if (row.name == text) return store(row.interface, to);
  }
  const auto number = parse_number<std::uint32_t>(text);
  return number && store(std::uint64_t{*number}, to);
}

bool put_mac(std::string_view text, char* to) {
  const auto number = text.size() == 12 ? parse_number<std::uint64_t>(text, 16) : std::nullopt;
  if (!number) return false;
  for (unsigned at = 0; at < 6; ++at) to[at] = static_cast<char>(*number >> (40 - 8 * at) & 0xffU);
  return true;
}

bool put_address(std::string_view text, net::Family family, char* to) {
  const auto address = net::IpAddress::parse(text);
  if (!address || address->family() != family) return false;
  std::memcpy(to, address->octets().data(), address->octets().size());
  return true;
}

bool put_any(OctetForm form, std::string_view text, char* to) {
  switch (form) {
    case OctetForm::kNone:
      return false;
    case OctetForm::kNumber:
      return put_number(text, to);
    case OctetForm::kInterface:
      return put_interface(text, to);
    case OctetForm::kMac:
      return put_mac(text, to);
    case OctetForm::kIpv4:
      return put_address(text, net::Family::kIpv4, to);
    case OctetForm::kIpv6:
      return put_address(text, net::Family::kIpv6, to);
  }
  return false;
}

}  // namespace

void append_octets(OctetForm form, const char* octets, std::string& out) {
  const auto bytes = std::as_bytes(std::span(octets, width_of(form)));
  switch (form) {
    case OctetForm::kNone:
      return;
    case OctetForm::kNumber:
      return append_number(load<std::uint32_t>(octets), out);
    case OctetForm::kInterface:
      return append_interface(load<std::uint64_t>(octets), out);
    case OctetForm::kMac:
      return append_mac(bytes, out);
    case OctetForm::kIpv4:
      return append_ipv4(bytes, out);
    case OctetForm::kIpv6:
      return append_ipv6(bytes, out);
  }
}

// Of several ways to write a value, only one is its text.
bool put_octets(OctetForm form, std::string_view text, char* to) {
  if (!put_any(form, text, to)) return false;
  std::string again;
  append_octets(form, to, again);
  return again == text;
}

}  // namespace fabrix::telemetry
