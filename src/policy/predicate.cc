#include "policy/predicate.h"

#include <algorithm>

namespace fabrix::policy {
namespace {

// Visits a predicate's node for one packet. Recursion is bounded by kMaxDepth.
struct Holds {
  const net::Packet& packet;
  const PacketContext& context;

  bool operator()(const Constant& constant) const { return constant.value; }

  bool operator()(const FieldTest& test) const {
    const std::uint64_t value = net::value_of(packet, test.field);
    const auto found =
        std::partition_point(test.intervals.begin(), test.intervals.end(),
                             [value](const Interval& each) { return each.high < value; });
    return found != test.intervals.end() && found->low <= value;
  }

  bool operator()(const FromParticipant& from) const { return context.sender == from.participant; }

  bool operator()(const InPrefixesOf& prefixes) const {
    return context.announced != nullptr && is_ip() &&
           (*context.announced)(prefixes.participant, address(prefixes.side));
  }

  bool operator()(const OnRoute& test) const {
    return context.on_route != nullptr && is_ip() && (*context.on_route)(test, address(test.side));
  }

  bool operator()(const Not& negated) const { return !holds(*negated.operand, packet, context); }

  bool operator()(const And& all) const {
    return std::all_of(all.operands.begin(), all.operands.end(),
                       [this](const PredicatePtr& each) { return holds(*each, packet, context); });
  }

  bool operator()(const Or& any) const {
    return std::any_of(any.operands.begin(), any.operands.end(),
                       [this](const PredicatePtr& each) { return holds(*each, packet, context); });
  }

  bool is_ip() const {
    return packet.eth_type == net::kEthTypeIpv4 || packet.eth_type == net::kEthTypeIpv6;
  }
  const net::IpAddress& address(Side side) const {
    return side == Side::kSource ? packet.src_ip : packet.dst_ip;
  }
};

}  // namespace

bool holds(const Predicate& predicate, const net::Packet& packet, const PacketContext& context) {
  return std::visit(Holds{packet, context}, predicate.node);
}

}  // namespace fabrix::policy
