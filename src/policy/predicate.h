// Predicate: a condition on a packet, in the small language left when a policy is checked.
//
// Prerequisites are explicit: `dstport=80` is And(kEthType in {IPv4, IPv6}, kProtocol in {tcp, udp,
// sctp}, kDstPort in [80,80]). An IPv6 prefix longer than 64 bits is And(high exact, low interval).
// Immutable trees shared by pointer; depth at most kMaxDepth.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "net/field.h"
#include "net/ids.h"
#include "net/packet.h"
#include "net/prefix.h"

namespace fabrix::policy {

struct Predicate;
using PredicatePtr = std::shared_ptr<const Predicate>;

// Inclusive; low <= high <= net::max_value(field).
struct Interval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend auto operator<=>(const Interval&, const Interval&) = default;
};

struct Constant {
  bool value = true;
};

// The field's value lies in one of the intervals: sorted, disjoint, not adjacent, at least one.
struct FieldTest {
  net::Field field = net::Field::kInPort;
  std::vector<Interval> intervals;
};

// The packet entered at a port of this participant. Only in inbound policies.
struct FromParticipant {
  net::ParticipantId participant;
};

enum class Side : std::uint8_t { kSource, kDestination };

// The IP address on that side lies in a prefix that this participant announces (POLICY:
// prefixes(T)). What that set is comes from the routes, when the policy is compiled or evaluated.
struct InPrefixesOf {
  net::ParticipantId participant;
  Side side = Side::kDestination;
};

struct RouteTests;

// The route for the IP address on that side is there, and all these tests hold on it (POLICY:
// rib(...), src_rib(...), best_via(T)). Which route that is: see policy/route_test.h.
struct OnRoute {
  std::shared_ptr<const RouteTests> tests;  // never null
  Side side = Side::kDestination;
};

struct Not {
  PredicatePtr operand;
};
struct And {
  std::vector<PredicatePtr> operands;  // at least one
};
struct Or {
  std::vector<PredicatePtr> operands;  // at least one
};

struct Predicate {
  std::variant<Constant, FieldTest, FromParticipant, InPrefixesOf, OnRoute, Not, And, Or> node;
};

inline constexpr unsigned kMaxDepth = 200;

// What evaluating a predicate needs beyond the packet.
struct PacketContext {
  net::ParticipantId sender;
  // Is `address` in a prefix announced by `participant`? May be null when no InPrefixesOf occurs.
  const std::function<bool(net::ParticipantId participant, const net::IpAddress& address)>*
      announced = nullptr;
  // Do the tests hold on the route for `address`? May be null when no OnRoute occurs.
  const std::function<bool(const OnRoute& test, const net::IpAddress& address)>* on_route = nullptr;
};

// The plain meaning: the definition that the compiler must preserve.
bool holds(const Predicate& predicate, const net::Packet& packet, const PacketContext& context);

}  // namespace fabrix::policy
