#include "exports/ipfix_template.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/byte_writer.h"
#include "base/number.h"
#include "telemetry/key_expression.h"

namespace fabrix::exports {
namespace {

using Type = IpfixField::Type;

struct Named {
  std::string_view key;
  IpfixField field;
};

// IANA "IP Flow Information Export (IPFIX) Entities"; sorted by key.
constexpr std::array kKeys = std::to_array<Named>({
    {"bgpdestinationas", {17, 4}},
    {"bgpnexthop", {18, 4, Type::kAddress4}},
    {"bgpnexthop6", {63, 16, Type::kAddress6}},
    {"bgpsourceas", {16, 4}},
    {"ethernetprotocol", {256, 2}},
    {"icmpcode", {177, 1}},
    {"icmptype", {176, 1}},
    {"inputifindex", {10, 4, Type::kInterface}},
    {"ip6destination", {28, 16, Type::kAddress6}},
    {"ip6flowlabel", {31, 4}},
    {"ip6nexthdr", {4, 1}},
    {"ip6source", {27, 16, Type::kAddress6}},
    {"ipdestination", {12, 4, Type::kAddress4}},
    {"ipdestinationmaskbits", {13, 1}},
    {"ipdscp", {195, 1}},
    {"ipnexthoprouter", {15, 4, Type::kAddress4}},
    {"ipprotocol", {4, 1}},
    {"ipsource", {8, 4, Type::kAddress4}},
    {"ipsourcemaskbits", {9, 1}},
    {"iptos", {5, 1}},
    {"ipttl", {192, 1}},
    {"macdestination", {80, 6, Type::kMac}},
    {"macsource", {56, 6, Type::kMac}},
    {"outputifindex", {14, 4, Type::kInterface}},
    {"tcpdestinationport", {11, 2}},
    {"tcpflags", {6, 2, Type::kFlags}},
    {"tcpsourceport", {7, 2}},
    {"udpdestinationport", {11, 2}},
    {"udpsourceport", {7, 2}},
    {"vlan", {58, 2}},
});

constexpr IpfixField kStart{152, 8};      // flowStartMilliseconds
constexpr IpfixField kEnd{153, 8};        // flowEndMilliseconds
constexpr IpfixField kExporter4{130, 4};  // exporterIPv4Address
constexpr IpfixField kExporter6{131, 16};
constexpr IpfixField kOctets{1, 8};   // octetDeltaCount
constexpr IpfixField kPackets{2, 8};  // packetDeltaCount

constexpr double kMost = 1e18;  // of a count: it fits

std::optional<IpfixField> field_named(std::string_view key) {
  const auto* const found = std::ranges::lower_bound(kKeys, key, {}, &Named::key);
  if (found == kKeys.end() || found->key != key) return std::nullopt;
  return found->field;
}

// "ipsource", "or:tcpsourceport:udpsourceport".
std::optional<IpfixField> field_of(std::string_view key) {
  if (!key.starts_with("or:")) return field_named(key);
  std::optional<IpfixField> field;
  key.remove_prefix(3);
  for (const std::string_view part : telemetry::split_outside_brackets(key, ':')) {
    const auto one = field_named(part);
    if (!one || (field && *field != *one)) return std::nullopt;
    field = one;
  }
  return field;
}

void put_number(std::uint64_t value, std::size_t length, ByteWriter& out) {
  for (std::size_t i = length; i-- > 0;) out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_address(const net::IpAddress& address, ByteWriter& out) {
  out.bytes(std::as_bytes(address.octets()));
}

bool put_address(std::string_view text, net::Family family, ByteWriter& out) {
  const auto address = net::IpAddress::parse(text);
  if (!address || address->family() != family) return false;
  put_address(*address, out);
  return true;
}

bool put_number(std::string_view text, const IpfixField& field, int base, ByteWriter& out) {
  const auto number = parse_number<std::uint64_t>(text, base);
  const bool fits = number && (field.length == 8 || *number >> (8U * field.length) == 0);
  if (fits) put_number(*number, field.length, out);
  return fits;
}

// False: it is not what the element holds.
bool put(std::string_view text, const IpfixField& field, ByteWriter& out) {
  switch (field.type) {
    case Type::kNumber:
      return put_number(text, field, 10, out);
    case Type::kMac:
      return put_number(text, field, 16, out);
    case Type::kFlags:
      return put_number(text, field, 2, out);
    case Type::kAddress4:
      return put_address(text, net::Family::kIpv4, out);
    case Type::kAddress6:
      return put_address(text, net::Family::kIpv6, out);
    case Type::kInterface:
      // "discard" and the like: an interface that is not known is 0.
      put_number(parse_number<std::uint64_t>(text).value_or(0) & 0xffffffffU, field.length, out);
      return true;
  }
  return false;
}

std::uint64_t count_of(double value) {
  return static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, kMost)));
}

std::uint64_t milliseconds(telemetry::Time time) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(time).count());
}

}  // namespace

std::vector<std::string_view> ipfix_keys() {
  std::vector<std::string_view> names;
  names.reserve(kKeys.size());
  for (const Named& one : kKeys) names.push_back(one.key);
  return names;
}

Result<IpfixTemplate> IpfixTemplate::of(const telemetry::FlowSpec& spec, net::Family agents) {
  IpfixTemplate made;
  made.agents_ = agents;
  made.separator_ = spec.separator;
  if (spec.value != "bytes" && spec.value != "frames") {
    return fail(
        Error{fmt::format("IPFIX has no '{}': its values are bytes and frames", spec.value)});
  }
  if (spec.keys.empty()) return made;
  for (const std::string_view key : telemetry::split_outside_brackets(spec.keys, ',')) {
    const auto field = field_of(key);
    if (!field) return fail(Error{fmt::format("IPFIX has no '{}'", key)});
    made.keys_.push_back(*field);
  }
  if (spec.separator.empty() && made.keys_.size() > 1) {
    return fail(Error{"IPFIX needs an 'fs' between the keys"});
  }
  return made;
}

std::vector<std::byte> IpfixTemplate::record(std::uint16_t id) const {
  std::vector<IpfixField> fields{kStart, kEnd,
                                 agents_ == net::Family::kIpv4 ? kExporter4 : kExporter6};
  fields.insert(fields.end(), keys_.begin(), keys_.end());
  fields.insert(fields.end(), {kOctets, kPackets});
  ByteWriter out;
  out.u16(id);
  out.u16(static_cast<std::uint16_t>(fields.size()));
  for (const IpfixField& field : fields) {
    out.u16(field.element);
    out.u16(field.length);
  }
  return out.take();
}

std::optional<std::vector<std::byte>> IpfixTemplate::data(
    const telemetry::FlowRecord& record) const {
  if (record.source.agent.family() != agents_) return std::nullopt;
  ByteWriter out;
  put_number(milliseconds(record.start), kStart.length, out);
  put_number(milliseconds(record.end), kEnd.length, out);
  put_address(record.source.agent, out);
  std::string_view key = record.key;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const bool is_last = i + 1 == keys_.size();
    const std::size_t end = is_last ? key.size() : key.find(separator_);
    if (end == std::string_view::npos || !put(key.substr(0, end), keys_[i], out)) {
      return std::nullopt;
    }
    key.remove_prefix(std::min(end + separator_.size(), key.size()));
  }
  put_number(count_of(record.octets), kOctets.length, out);
  put_number(count_of(record.frames), kPackets.length, out);
  return out.take();
}

}  // namespace fabrix::exports
