#include "monitoring/rib_attributes.h"

#include <memory>
#include <utility>

#include "base/byte_reader.h"
#include "bgp/attribute_decoder.h"
#include "bgp/update_encoder.h"

namespace fabrix::monitoring {
namespace {

// Attribute flags (RFC 4271 §4.3).
constexpr std::uint8_t kOptional = 0x80;
constexpr std::uint8_t kTransitive = 0x40;
constexpr std::uint8_t kExtendedLength = 0x10;

constexpr auto kMpReach = static_cast<std::uint8_t>(bgp::AttributeType::kMpReach);

// An attribute list without its MP_REACH_NLRI, and that one's value.
struct Separated {
  ByteWriter rest;
  std::optional<std::span<const std::byte>> reach;
};

std::optional<Separated> separate(std::span<const std::byte> block) {
  Separated result;
  ByteReader in(block);
  while (!in.at_end()) {
    const auto start = block.last(in.remaining());
    const std::uint8_t flags = in.u8();
    const std::uint8_t type = in.u8();
    const std::size_t size = (flags & kExtendedLength) != 0 ? in.u16() : in.u8();
    const auto value = in.bytes(size);
    if (!in.ok()) return std::nullopt;
    if (type != kMpReach) {
      result.rest.bytes(start.first(start.size() - in.remaining()));
      continue;
    }
    if (result.reach) return std::nullopt;
    result.reach = value;
  }
  return result;
}

// The next hop of an abbreviated MP_REACH_NLRI: a length and so many octets. A full one begins with
// an address family, whose first octet no length could be.
std::optional<net::IpAddress> next_hop_of(std::span<const std::byte> reach) {
  ByteReader in(reach);
  if (!reach.empty() && reach.front() == std::byte{0}) in.bytes(3);
  const std::size_t size = in.u8();
  const auto octets = in.bytes(size);
  // RFC 2545 §3: with a link-local address, 32 octets.
  if (!in.ok() || (size != 16 && size != 32)) return std::nullopt;
  return bgp::decode_next_hop(octets);
}

}  // namespace

void encode_rib_attributes(const bgp::PathAttributes& attributes, const net::IpAddress& next_hop,
                           ByteWriter& out) {
  const auto octets = std::as_bytes(next_hop.octets());
  if (next_hop.family() == net::Family::kIpv4) {
    out.u8(kTransitive);
    out.u8(static_cast<std::uint8_t>(bgp::AttributeType::kNextHop));
    out.u8(static_cast<std::uint8_t>(octets.size()));
  } else {
    out.u8(kOptional);
    out.u8(kMpReach);
    out.u8(static_cast<std::uint8_t>(1 + octets.size()));
    out.u8(static_cast<std::uint8_t>(octets.size()));
  }
  out.bytes(octets);
  bgp::encode_attributes(attributes, {}, out);
}

std::optional<RibAttributes> decode_rib_attributes(std::span<const std::byte> block,
                                                   bgp::AsnWidth width) {
  const auto separated = separate(block);
  if (!separated) return std::nullopt;
  auto decoded = bgp::decode_attributes(separated->rest.view(), {.asn_width = width});
  if (!decoded || !decoded->treat_as_withdraw.empty()) return std::nullopt;
  // ORIGIN and AS_PATH are mandatory (RFC 4271 §5).
  for (const auto type : {bgp::AttributeType::kOrigin, bgp::AttributeType::kAsPath}) {
    if (!decoded->seen.test(static_cast<std::size_t>(type))) return std::nullopt;
  }
  const auto next_hop = separated->reach ? next_hop_of(*separated->reach) : decoded->next_hop;
  if (!next_hop) return std::nullopt;
  return RibAttributes{
      .attributes = std::make_shared<const bgp::PathAttributes>(std::move(decoded->attributes)),
      .next_hop = *next_hop};
}

}  // namespace fabrix::monitoring
