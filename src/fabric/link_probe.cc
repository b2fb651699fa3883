#include "fabric/link_probe.h"

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/number.h"
#include "openflow/wire.h"

namespace fabrix::fabric {
namespace {

constexpr std::uint64_t kNearestBridge = 0x0180c200000e;
constexpr std::size_t kMacSize = 6;
constexpr std::uint16_t kEthTypeLldp = 0x88cc;
constexpr std::uint8_t kLocallyAssigned = 7;
constexpr std::uint16_t kSecondsToLive = 4;

enum Tlv : std::uint16_t { kChassisId = 1, kPortId = 2, kTimeToLive = 3 };

void put_head(Tlv type, std::size_t length, openflow::WireWriter& out) {
  out.u16(static_cast<std::uint16_t>(unsigned{type} << 9U | length));
}

void put_id(Tlv type, std::string_view text, openflow::WireWriter& out) {
  put_head(type, text.size() + 1, out);
  out.u8(kLocallyAssigned);
  out.bytes(std::as_bytes(std::span(text)));
}

// A locally assigned id; none if something else comes next.
std::optional<std::string> take_id(Tlv type, ByteReader& in) {
  const std::uint16_t head = in.u16();
  const std::size_t length = head & 0x1ffU;
  const std::uint8_t subtype = in.u8();
  if (!in.ok() || head >> 9U != type || length < 2 || subtype != kLocallyAssigned) {
    return std::nullopt;
  }
  ByteReader text = in.sub_reader(length - 1);
  if (!in.ok()) return std::nullopt;
  std::string id;
  for (const std::byte octet : openflow::read_rest(text)) id.push_back(static_cast<char>(octet));
  return id;
}

}  // namespace

std::vector<std::byte> encode_probe(const LinkProbe& probe) {
  openflow::WireWriter out;
  out.number(kNearestBridge, kMacSize);
  out.number(kProbeSender, kMacSize);
  out.u16(kEthTypeLldp);
  put_id(kChassisId, fmt::format("{:016x}", probe.datapath_id), out);
  put_id(kPortId, fmt::format("{}", probe.port.value), out);
  put_head(kTimeToLive, 2, out);
  out.u16(kSecondsToLive);
  out.u16(0);  // the end
  return out.take();
}

std::optional<LinkProbe> decode_probe(std::span<const std::byte> frame) {
  ByteReader in(frame);
  const openflow::U128 target = openflow::read_number(in, kMacSize);
  const openflow::U128 sender = openflow::read_number(in, kMacSize);
  const std::uint16_t type = in.u16();
  if (!in.ok() || target != kNearestBridge || sender != kProbeSender || type != kEthTypeLldp) {
    return std::nullopt;
  }
  const auto chassis = take_id(kChassisId, in);
  const auto port = chassis ? take_id(kPortId, in) : std::nullopt;
  if (!port) return std::nullopt;
  constexpr int kHexadecimal = 16;
  constexpr int kDecimal = 10;
  const auto datapath_id = parse_number<std::uint64_t>(*chassis, kHexadecimal);
  const auto number = parse_number<std::uint32_t>(*port, kDecimal);
  if (!datapath_id || !number) return std::nullopt;
  return LinkProbe{.datapath_id = *datapath_id, .port = net::PortNo{*number}};
}

}  // namespace fabrix::fabric
