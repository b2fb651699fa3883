#include "bgp/flowspec_actions.h"

#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"

namespace fabrix::bgp {
namespace {

// Type and subtype, as the community's first two octets.
constexpr unsigned kRateBytes = 0x8006;
constexpr unsigned kTrafficAction = 0x8007;
constexpr unsigned kRedirectAs2 = 0x8008;
constexpr unsigned kMarking = 0x8009;
constexpr unsigned kRatePackets = 0x800c;
constexpr unsigned kRedirectIpv4 = 0x8108;
constexpr unsigned kRedirectAs4 = 0x8208;
constexpr unsigned kExperimental = 0x80;  // the type octet of all but the redirects
constexpr unsigned kRedirectSubtype = 0x08;

constexpr std::uint64_t kSampleBit = 2;    // bit 46 of the community counted from its value
constexpr std::uint64_t kTerminalBit = 1;  // bit 47
constexpr std::uint64_t kDscpBits = 0x3f;

using Decoded = Result<std::optional<FlowSpecAction>, FlowSpecActionError>;

constexpr std::uint64_t bits(std::uint64_t value, unsigned shift, unsigned count) {
  return value >> shift & ((std::uint64_t{1} << count) - 1);
}

Decoded decode_rate(TrafficRate::Unit unit, std::uint64_t value) {
  const auto limit = std::bit_cast<float>(static_cast<std::uint32_t>(bits(value, 0, 32)));
  if (std::isnan(limit)) return fail(FlowSpecActionError::kRateNotFinite);
  const bool negative = std::signbit(limit);  // RFC 8955 §7.1: as zero
  if (!negative && std::isinf(limit)) return fail(FlowSpecActionError::kRateNotFinite);
  return std::optional<FlowSpecAction>(
      TrafficRate{.unit = unit,
                  .asn = static_cast<std::uint16_t>(bits(value, 32, 16)),
                  .limit = negative ? 0.0F : limit});
}

// The administrator has `width` of the value's 48 bits, the number has the rest.
RedirectToTarget decode_redirect(RedirectToTarget::Kind kind, std::uint64_t value, unsigned width) {
  return {.kind = kind,
          .administrator = static_cast<std::uint32_t>(bits(value, 48 - width, width)),
          .number = static_cast<std::uint32_t>(bits(value, 0, 48 - width))};
}

constexpr unsigned administrator_width(RedirectToTarget::Kind kind) {
  return kind == RedirectToTarget::Kind::kAs2 ? 16 : 32;
}

ExtendedCommunity community_of(unsigned type, unsigned subtype, std::uint64_t value) {
  return {std::uint64_t{type} << 56U | std::uint64_t{subtype} << 48U | value};
}

struct Encoder {
  ExtendedCommunity operator()(const TrafficRate& rate) const {
    // RFC 8955 §7.1: the rate must not be negative.
    FABRIX_ASSERT(std::isfinite(rate.limit) && rate.limit >= 0);
    const auto value = std::uint64_t{rate.asn} << 32U | std::bit_cast<std::uint32_t>(rate.limit);
    return community_of(kExperimental, static_cast<unsigned>(rate.unit), value);
  }
  ExtendedCommunity operator()(const TrafficAction& action) const {
    const std::uint64_t value =
        (action.sample ? kSampleBit : 0) | (action.evaluate_next ? kTerminalBit : 0);
    return community_of(kExperimental, kTrafficAction & 0xffU, value);
  }
  ExtendedCommunity operator()(const RedirectToTarget& target) const {
    const unsigned number_width = 48 - administrator_width(target.kind);
    FABRIX_ASSERT(number_width == 32 ? target.administrator <= 0xffff : target.number <= 0xffff);
    return community_of(static_cast<unsigned>(target.kind), kRedirectSubtype,
                        std::uint64_t{target.administrator} << number_width | target.number);
  }
  ExtendedCommunity operator()(const TrafficMarking& marking) const {
    FABRIX_ASSERT(marking.dscp <= kDscpBits);
    return community_of(kExperimental, kMarking & 0xffU, marking.dscp);
  }
};

struct Printer {
  std::string operator()(const TrafficRate& rate) const {
    if (rate.limit <= 0) return "discard";
    const bool packets = rate.unit == TrafficRate::Unit::kPackets;
    return fmt::format("at most {} {}/s", rate.limit, packets ? "packets" : "bytes");
  }
  std::string operator()(const TrafficAction& action) const {
    if (action.sample) return action.evaluate_next ? "sample, evaluate next" : "sample";
    return action.evaluate_next ? "evaluate next" : "evaluate no further";
  }
  std::string operator()(const RedirectToTarget& target) const {
    const std::uint32_t id = target.administrator;
    if (target.kind == RedirectToTarget::Kind::kIpv4) {
      return fmt::format("redirect to {}.{}.{}.{}:{}", id >> 24U, id >> 16U & 0xffU,
                         id >> 8U & 0xffU, id & 0xffU, target.number);
    }
    return fmt::format("redirect to {}:{}", id, target.number);
  }
  std::string operator()(const TrafficMarking& marking) const {
    return fmt::format("mark with DSCP {}", marking.dscp);
  }
};

}  // namespace

std::string_view describe(FlowSpecActionError /*error*/) {
  return "traffic rate is not a finite number";
}

Decoded decode_flowspec_action(ExtendedCommunity community) {
  using enum RedirectToTarget::Kind;
  const auto action = [](FlowSpecAction made) { return Decoded(std::optional(made)); };
  const std::uint64_t value = bits(community.value, 0, 48);
  switch (bits(community.value, 48, 16)) {
    case kRateBytes:
      return decode_rate(TrafficRate::Unit::kBytes, value);
    case kRatePackets:
      return decode_rate(TrafficRate::Unit::kPackets, value);
    case kTrafficAction:
      return action(TrafficAction{.sample = (value & kSampleBit) != 0,
                                  .evaluate_next = (value & kTerminalBit) != 0});
    case kMarking:
      return action(TrafficMarking{.dscp = static_cast<std::uint8_t>(value & kDscpBits)});
    case kRedirectAs2:
      return action(decode_redirect(kAs2, value, administrator_width(kAs2)));
    case kRedirectIpv4:
      return action(decode_redirect(kIpv4, value, administrator_width(kIpv4)));
    case kRedirectAs4:
      return action(decode_redirect(kAs4, value, administrator_width(kAs4)));
    default:
      return std::optional<FlowSpecAction>();
  }
}

Result<std::vector<FlowSpecAction>, FlowSpecActionError> decode_flowspec_actions(
    std::span<const ExtendedCommunity> communities) {
  std::vector<FlowSpecAction> actions;
  for (const ExtendedCommunity community : communities) {
    FABRIX_TRY(const auto action, decode_flowspec_action(community));
    if (action) actions.push_back(*action);
  }
  return actions;
}

ExtendedCommunity encode_flowspec_action(const FlowSpecAction& action) {
  return std::visit(Encoder{}, action);
}

std::string to_string(const FlowSpecAction& action) {
  return std::visit(Printer{}, action);
}

}  // namespace fabrix::bgp
