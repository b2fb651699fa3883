// FlowSpecRule: which packets a flow specification means (RFC 8955 §4.2, RFC 8956 §3).
//
// A rule is a list of components, all of which a packet must match. Invariants: at least one
// component (an empty rule would match everything); types strictly ascending; each holds what its
// type asks for; no component without a test; the first test of a component is joined by kOr
// (RFC 8955 §4.2.1.1); every value fits its width; the rule fits an NLRI.
//
// Widths are kept because the precedence of rules compares octets (flowspec_order.h). What
// receivers must ignore is not kept, so equal rules are equal routes: bits of a prefix outside its
// length and offset, reserved bits of DSCP and fragment operands.
//
// A regular value type. `<=>` is an order for containers, not the precedence.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::bgp {

// IANA "Flow Spec Component Types". kFlowLabel exists for IPv6 only.
enum class FlowSpecType : std::uint8_t {
  kDestination = 1,
  kSource = 2,
  kProtocol = 3,  // next header, for IPv6: the upper-layer protocol
  kPort = 4,      // either
  kDestinationPort = 5,
  kSourcePort = 6,
  kIcmpType = 7,
  kIcmpCode = 8,
  kTcpFlags = 9,
  kPacketLength = 10,
  kDscp = 11,
  kFragment = 12,
  kFlowLabel = 13,
};

// "dstport".
std::string_view name(FlowSpecType type);

// How a test joins the ones before it; kAnd binds more strongly.
enum class FlowSpecJoin : std::uint8_t { kOr, kAnd };

// The lt, gt and eq bits as on the wire (RFC 8955 §4.2.1.1).
enum class FlowSpecRelation : std::uint8_t {
  kNever = 0,
  kEqual = 1,
  kGreater = 2,
  kGreaterOrEqual = 3,
  kLess = 4,
  kLessOrEqual = 5,
  kNotEqual = 6,
  kAlways = 7,
};

struct FlowSpecNumber {
  FlowSpecJoin join = FlowSpecJoin::kOr;
  FlowSpecRelation relation = FlowSpecRelation::kEqual;
  std::uint8_t width = 1;  // octets on the wire: 1, 2, 4 or 8
  std::uint64_t value = 0;

  friend auto operator<=>(const FlowSpecNumber&, const FlowSpecNumber&) = default;
};

// The not and m bits as on the wire (RFC 8955 §4.2.1.2).
enum class FlowSpecBitTest : std::uint8_t { kAny = 0, kAll = 1, kNotAny = 2, kNotAll = 3 };

struct FlowSpecBits {
  FlowSpecJoin join = FlowSpecJoin::kOr;
  FlowSpecBitTest test = FlowSpecBitTest::kAny;
  std::uint8_t width = 1;
  std::uint64_t value = 0;

  friend auto operator<=>(const FlowSpecBits&, const FlowSpecBits&) = default;
};

// Bits of the fragment operand (RFC 8955 §4.2.2.12).
inline constexpr std::uint64_t kDontFragment = 1;
inline constexpr std::uint64_t kIsFragment = 2;
inline constexpr std::uint64_t kFirstFragment = 4;
inline constexpr std::uint64_t kLastFragment = 8;

// The bits from `offset` to the prefix' length must match; those before `offset` are 0 here. Only
// IPv6 has offsets (RFC 8956 §3.1); then offset < length, or both are 0.
struct FlowSpecPrefix {
  net::Prefix prefix;
  std::uint8_t offset = 0;

  friend auto operator<=>(const FlowSpecPrefix&, const FlowSpecPrefix&) = default;
};

// FlowSpecPrefix for kDestination and kSource, FlowSpecBits for kTcpFlags and kFragment, else
// FlowSpecNumber.
struct FlowSpecComponent {
  using Numbers = std::vector<FlowSpecNumber>;
  using Bits = std::vector<FlowSpecBits>;

  FlowSpecType type = FlowSpecType::kProtocol;
  std::variant<Numbers, Bits, FlowSpecPrefix> value;

  friend auto operator<=>(const FlowSpecComponent&, const FlowSpecComponent&) = default;
};

// Octets of a component on the wire, type included.
std::size_t encoded_size(const FlowSpecComponent& component);

// Whether the type code stands for anything in `family`.
bool is_known_flowspec_type(std::uint8_t code, net::Family family);
bool is_prefix(FlowSpecType type);
bool is_bitmask(FlowSpecType type);

// Why octets, or components, are no rule.
enum class FlowSpecError : std::uint8_t {
  kEmpty,        // matches everything
  kOverrun,      // ends within a component, or its list has no end
  kUnknownType,  // RFC 8955 §4.2: malformed, not skipped
  kTypeOrder,    // repeated or descending
  kPrefix,       // length or offset out of range, or of the other family
  kValue,        // does not fit its width, or is not what the type holds
  kTooLong,      // for an NLRI (RFC 8955 §4.1)
};

std::string_view describe(FlowSpecError error);

class FlowSpecRule {
 public:
  // RFC 8955 §4.1: the longest value that an NLRI can hold.
  static constexpr std::size_t kMaxSize = 4095;

  static Result<FlowSpecRule, FlowSpecError> create(net::Family family,
                                                    std::vector<FlowSpecComponent> components);

  net::Family family() const { return family_; }
  const std::vector<FlowSpecComponent>& components() const { return components_; }

  // Null if the rule has no such component.
  const FlowSpecComponent* find(FlowSpecType type) const;
  const FlowSpecPrefix* destination() const;

  // "dst 192.0.2.0/24, proto =17, dstport =53|>=1024&<=2048, tcpflags all(SYN)|!any(ACK,RST)".
  std::string to_string() const;

  friend auto operator<=>(const FlowSpecRule&, const FlowSpecRule&) = default;

 private:
  FlowSpecRule(net::Family family, std::vector<FlowSpecComponent> components)
      : family_(family), components_(std::move(components)) {}

  net::Family family_;
  std::vector<FlowSpecComponent> components_;
};

}  // namespace fabrix::bgp
