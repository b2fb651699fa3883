// What a flow specification asks to be done to its packets: extended communities, typed.
//
//   RFC 8955 §7.1   0x8006 traffic-rate-bytes      §7.2   0x800c traffic-rate-packets
//   RFC 8955 §7.3   0x8007 traffic-action          §7.5   0x8009 traffic-marking
//   RFC 8955 §7.4   0x8008, 0x8108, 0x8208 redirect to a route target
//
// A negative rate means discard everything (§7.1). A rate that is no finite number cannot be
// decoded; RFC 8955 §10 makes the community malformed and RFC 7606 §7.14 withdraws the routes.
// Reserved bits are ignored, and 0 when encoded. Communities of other kinds are none of our
// business. No action at all: the packets are accepted (§7). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "bgp/path_attributes.h"

namespace fabrix::bgp {

// Not negative, finite; 0 discards.
struct TrafficRate {
  enum class Unit : std::uint8_t { kBytes = 0x06, kPackets = 0x0c };  // a second
  Unit unit = Unit::kBytes;
  std::uint16_t asn = 0;  // of who set it; informational
  float limit = 0;

  friend bool operator==(const TrafficRate&, const TrafficRate&) = default;
};

struct TrafficAction {
  bool sample = false;
  bool evaluate_next = false;  // the T bit: rules of lower precedence are looked at, too

  friend bool operator==(const TrafficAction&, const TrafficAction&) = default;
};

// The route target of a VRF (RFC 4360 §4, RFC 5668). `number` has 32 bits for kAs2, else 16, and
// `administrator` 16 bits for kAs2.
struct RedirectToTarget {
  enum class Kind : std::uint8_t { kAs2 = 0x80, kIpv4 = 0x81, kAs4 = 0x82 };
  Kind kind = Kind::kAs2;
  std::uint32_t administrator = 0;
  std::uint32_t number = 0;

  friend bool operator==(const RedirectToTarget&, const RedirectToTarget&) = default;
};

struct TrafficMarking {
  std::uint8_t dscp = 0;  // below 64

  friend bool operator==(const TrafficMarking&, const TrafficMarking&) = default;
};

using FlowSpecAction = std::variant<TrafficRate, TrafficAction, RedirectToTarget, TrafficMarking>;

enum class FlowSpecActionError : std::uint8_t { kRateNotFinite };
std::string_view describe(FlowSpecActionError error);

// None: the community asks for none of the actions above.
Result<std::optional<FlowSpecAction>, FlowSpecActionError> decode_flowspec_action(
    ExtendedCommunity community);

// Those of `communities` that are actions, in order.
Result<std::vector<FlowSpecAction>, FlowSpecActionError> decode_flowspec_actions(
    std::span<const ExtendedCommunity> communities);

ExtendedCommunity encode_flowspec_action(const FlowSpecAction& action);

// "discard", "at most 1000000 bytes/s", "redirect to 64500:7", "mark with DSCP 46".
std::string to_string(const FlowSpecAction& action);

}  // namespace fabrix::bgp
