#include <string>
#include <string_view>

#include <fmt/format.h>

#include "program/program.h"

namespace fabrix::program {
namespace {

constexpr std::uint64_t kIdMask = 0xfff;
constexpr unsigned kControlShift = 36;

std::string number(net::Field field, std::uint64_t value) {
  switch (field) {
    case net::Field::kSrcMac:
    case net::Field::kDstMac:
    case net::Field::kArpSenderMac:
      return net::MacAddress::from_u64(value).to_string();
    case net::Field::kEthType:
      return fmt::format("{:#06x}", value);
    case net::Field::kSrcIp4:
    case net::Field::kDstIp4:
      return fmt::format("{}.{}.{}.{}", value >> 24U, value >> 16U & 0xffU, value >> 8U & 0xffU,
                         value & 0xffU);
    case net::Field::kSrcIp6High:
    case net::Field::kSrcIp6Low:
    case net::Field::kDstIp6High:
    case net::Field::kDstIp6Low:
    case net::Field::kNdTargetHigh:
    case net::Field::kNdTargetLow:
      return fmt::format("{:016x}", value);
    default:
      return fmt::format("{}", value);
  }
}

std::string test_of(const FieldMatch& match) {
  const std::string value = number(match.field, match.bits);
  if (match.mask == net::max_value(match.field)) {
    return fmt::format(" {}={}", net::name_of(match.field), value);
  }
  return fmt::format(" {}={}/{:x}", net::name_of(match.field), value, match.mask);
}

// " sender=0 egress=2 router=none control=1"; ids, since a Program knows no names.
std::string metadata_text(const Metadata& metadata) {
  std::string text;
  const auto add_id = [&](std::string_view name, unsigned shift) {
    const std::uint64_t mask = metadata.mask >> shift & kIdMask;
    const std::uint64_t bits = metadata.bits >> shift & kIdMask;
    if (mask == 0) return;
    if (mask != kIdMask) {
      text += fmt::format(" {}={:x}/{:x}", name, bits, mask);
    } else if (bits == 0) {
      text += fmt::format(" {}=none", name);
    } else {
      text += fmt::format(" {}={}", name, bits - 1);
    }
  };
  add_id("sender", 0);
  add_id("egress", 12);
  add_id("router", 24);
  add_id("via", 37);
  if ((metadata.mask >> kControlShift & 1U) != 0) {
    text += fmt::format(" control={}", metadata.bits >> kControlShift & 1U);
  }
  return text;
}

std::string next_text(const Next& next) {
  if (const auto* jump = std::get_if<Goto>(&next)) return fmt::format(" {}", name_of(jump->table));
  if (const auto* output = std::get_if<Output>(&next)) {
    return fmt::format(" port {}", output->port.value);
  }
  if (const auto* fork = std::get_if<Fork>(&next)) {
    std::string text = " for each of";
    for (const Branch& branch : fork->branches) {
      text +=
          fmt::format(" [{} {}]", name_of(branch.table), metadata_text(branch.metadata).substr(1));
    }
    return text;
  }
  return std::holds_alternative<ToController>(next) ? " controller" : " drop";
}

}  // namespace

std::string to_string(const Row& row) {
  std::string text = fmt::format("{}", row.priority);
  text += metadata_text(row.match.metadata);
  for (const FieldMatch& match : row.match.fields) text += test_of(match);
  text += " ->";
  if (row.meter) text += fmt::format(" meter {} ({} kbit/s)", row.meter->id, row.meter->kbps);
  for (const net::PortNo port : row.copies) text += fmt::format(" copy to port {}", port.value);
  for (const net::HashKey key : net::kHashKeys) {
    if (row.hashes.contains(key)) text += fmt::format(" hash({})", net::name_of(key));
  }
  for (const SetField& set : row.set_fields) {
    text += fmt::format(" {}:={}", net::name_of(set.field), number(set.field, set.value));
  }
  text += metadata_text(row.write_metadata);
  text += next_text(row.next);
  return text;
}

}  // namespace fabrix::program
