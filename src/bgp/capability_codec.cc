#include "bgp/capability_codec.h"

#include <array>

#include "base/assert.h"
#include "base/byte_reader.h"

namespace fabrix::bgp {
namespace {

// IANA "Capability Codes".
constexpr std::uint8_t kMultiprotocolCode = 1;
constexpr std::uint8_t kRouteRefreshCode = 2;
constexpr std::uint8_t kExtendedNextHopCode = 5;
constexpr std::uint8_t kExtendedMessageCode = 6;
constexpr std::uint8_t kRoleCode = 9;
constexpr std::uint8_t kGracefulRestartCode = 64;
constexpr std::uint8_t kAddPathCode = 69;
constexpr std::uint8_t kEnhancedRouteRefreshCode = 70;
constexpr std::uint8_t kLongLivedGracefulRestartCode = 71;

constexpr std::size_t kMaxValueSize = 255;

// Graceful restart: flags in the high four bits of the restart time, and of each family.
constexpr std::uint16_t kRestarted = 0x8000;
constexpr std::uint16_t kNotification = 0x4000;  // RFC 8538 §2
constexpr std::uint16_t kRestartTimeMask = 0x0fff;
constexpr std::uint8_t kForwardingKept = 0x80;
constexpr std::uint32_t kStaleTimeLimit = 1U << 24U;

Multiprotocol read_family(ByteReader& in) {
  const std::uint16_t afi = in.u16();
  return {.afi = afi, .safi = Safi{in.u8()}};
}

void write_family(Multiprotocol family, ByteWriter& out) {
  out.u16(family.afi);
  out.u8(static_cast<std::uint8_t>(family.safi));
}

Capability read_multiprotocol(ByteReader& in) {
  const std::uint16_t afi = in.u16();
  in.u8();  // reserved
  return Multiprotocol{.afi = afi, .safi = Safi{in.u8()}};
}

Capability read_extended_next_hop(ByteReader& in) {
  ExtendedNextHop result;
  while (!in.at_end()) {
    ExtendedNextHop::Encoding encoding;
    encoding.afi = in.u16();
    encoding.safi = in.u16();
    encoding.next_hop_afi = in.u16();
    result.encodings.push_back(encoding);
  }
  return result;
}

Capability read_graceful_restart(ByteReader& in) {
  const unsigned flags_and_time = in.u16();
  GracefulRestart result{.restarted = (flags_and_time & kRestarted) != 0,
                         .notification = (flags_and_time & kNotification) != 0,
                         .restart_time = std::chrono::seconds(flags_and_time & kRestartTimeMask),
                         .families = {}};
  while (!in.at_end()) {
    const Multiprotocol family = read_family(in);
    result.families.push_back(
        {.family = family, .forwarding_kept = (in.u8() & kForwardingKept) != 0});
  }
  return result;
}

Capability read_add_path(ByteReader& in) {
  AddPath result;
  while (!in.at_end()) {
    const Multiprotocol family = read_family(in);
    result.families.push_back({.family = family, .mode = AddPath::Mode{in.u8()}});
  }
  return result;
}

Capability read_long_lived(ByteReader& in) {
  LongLivedGracefulRestart result;
  while (!in.at_end()) {
    const Multiprotocol family = read_family(in);
    const bool kept = (in.u8() & kForwardingKept) != 0;
    const std::uint32_t high = in.u8();
    result.families.push_back({.family = family,
                               .forwarding_kept = kept,
                               .stale_time = std::chrono::seconds(high << 16U | in.u16())});
  }
  return result;
}

// What encode_capability() visits: writes the value, says the code.
struct ValueWriter {
  ByteWriter& out;

  std::uint8_t operator()(const Multiprotocol& capability) const {
    out.u16(capability.afi);
    out.u8(0);
    out.u8(static_cast<std::uint8_t>(capability.safi));
    return kMultiprotocolCode;
  }
  std::uint8_t operator()(const RouteRefresh& /*capability*/) const { return kRouteRefreshCode; }
  std::uint8_t operator()(const BgpRole& capability) const {
    out.u8(static_cast<std::uint8_t>(capability.role));
    return kRoleCode;
  }
  std::uint8_t operator()(const EnhancedRouteRefresh& /*capability*/) const {
    return kEnhancedRouteRefreshCode;
  }
  std::uint8_t operator()(const ExtendedMessage& /*capability*/) const {
    return kExtendedMessageCode;
  }
  std::uint8_t operator()(const ExtendedNextHop& capability) const {
    for (const ExtendedNextHop::Encoding& encoding : capability.encodings) {
      out.u16(encoding.afi);
      out.u16(encoding.safi);
      out.u16(encoding.next_hop_afi);
    }
    return kExtendedNextHopCode;
  }
  std::uint8_t operator()(const GracefulRestart& capability) const {
    FABRIX_ASSERT(capability.restart_time.count() >= 0 &&
                  capability.restart_time.count() <= kRestartTimeMask);
    auto flags_and_time = static_cast<unsigned>(capability.restart_time.count());
    if (capability.restarted) flags_and_time |= kRestarted;
    if (capability.notification) flags_and_time |= kNotification;
    out.u16(static_cast<std::uint16_t>(flags_and_time));
    for (const GracefulRestart::Entry& entry : capability.families) {
      write_family(entry.family, out);
      out.u8(entry.forwarding_kept ? kForwardingKept : 0);
    }
    return kGracefulRestartCode;
  }
  std::uint8_t operator()(const AddPath& capability) const {
    for (const AddPath::Entry& entry : capability.families) {
      write_family(entry.family, out);
      out.u8(static_cast<std::uint8_t>(entry.mode));
    }
    return kAddPathCode;
  }
  std::uint8_t operator()(const LongLivedGracefulRestart& capability) const {
    for (const LongLivedGracefulRestart::Entry& entry : capability.families) {
      FABRIX_ASSERT(entry.stale_time.count() >= 0 && entry.stale_time.count() < kStaleTimeLimit);
      const auto time = static_cast<std::uint32_t>(entry.stale_time.count());
      write_family(entry.family, out);
      out.u8(entry.forwarding_kept ? kForwardingKept : 0);
      out.u8(static_cast<std::uint8_t>(time >> 16U));
      out.u16(static_cast<std::uint16_t>(time & 0xffffU));
    }
    return kLongLivedGracefulRestartCode;
  }
  std::uint8_t operator()(const UnknownCapability& capability) const {
    out.bytes(capability.value);
    return capability.code;
  }
};

Capability read_value(std::uint8_t code, ByteReader& in) {
  switch (code) {
    case kMultiprotocolCode:
      return read_multiprotocol(in);
    case kRouteRefreshCode:
      return RouteRefresh{};
    case kExtendedNextHopCode:
      return read_extended_next_hop(in);
    case kExtendedMessageCode:
      return ExtendedMessage{};
    case kRoleCode:
      return BgpRole{Role{in.u8()}};
    case kGracefulRestartCode:
      return read_graceful_restart(in);
    case kAddPathCode:
      return read_add_path(in);
    case kEnhancedRouteRefreshCode:
      return EnhancedRouteRefresh{};
    case kLongLivedGracefulRestartCode:
      return read_long_lived(in);
    default:
      const auto raw = in.bytes(in.remaining());
      return UnknownCapability{code, {raw.begin(), raw.end()}};
  }
}

}  // namespace

std::optional<Capability> decode_capability(std::uint8_t code, std::span<const std::byte> value) {
  ByteReader in(value);
  Capability capability = read_value(code, in);
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return capability;
}

void encode_capability(const Capability& capability, ByteWriter& out) {
  ByteWriter value;
  const std::uint8_t code = std::visit(ValueWriter{value}, capability);
  FABRIX_ASSERT(value.size() <= kMaxValueSize);
  out.u8(code);
  out.u8(static_cast<std::uint8_t>(value.size()));
  out.bytes(value.view());
}

}  // namespace fabrix::bgp
