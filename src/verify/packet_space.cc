#include "verify/packet_space.h"

#include <array>

#include "verify/tag_fields.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using net::Field;

std::vector<unsigned> field_widths() {
  std::vector<unsigned> widths;
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    widths.push_back(net::width_of(static_cast<Field>(i)));
  }
  widths.push_back(kEgressWidth);
  widths.resize(kSpaceFieldCount, 1);
  return widths;
}

PredicatePtr all_zero(std::span<const Field> fields) {
  std::vector<PredicatePtr> tests;
  for (const Field field : fields) tests.push_back(equals(field, 0));
  return all_of(std::move(tests));
}

PredicatePtr implies(PredicatePtr condition, PredicatePtr consequence) {
  return any_of({negation(std::move(condition)), std::move(consequence)});
}

PredicatePtr one_of(Field field, std::span<const std::uint64_t> values) {
  std::vector<PredicatePtr> any;
  for (const std::uint64_t value : values) any.push_back(equals(field, value));
  return any_of(std::move(any));
}

// What net::Packet says of fields whose header is missing: they are 0.
PredicatePtr possible_packet() {
  using std::to_array;
  const auto ipv4 = equals(Field::kEthType, net::kEthTypeIpv4);
  const auto ipv6 = equals(Field::kEthType, net::kEthTypeIpv6);
  const auto arp = equals(Field::kEthType, net::kEthTypeArp);
  const auto ip = any_of({ipv4, ipv6});
  const auto icmp6 = all_of({ipv6, equals(Field::kProtocol, net::kProtocolIcmpv6)});
  const auto ported =
      one_of(Field::kProtocol,
             to_array<std::uint64_t>({net::kProtocolTcp, net::kProtocolUdp, net::kProtocolSctp}));
  const auto icmp = any_of({equals(Field::kProtocol, net::kProtocolIcmp), icmp6});
  const auto nd = all_of({icmp6, between(Field::kIcmpType, 135, 136)});
  return all_of({
      implies(negation(any_of({ipv4, arp})), all_zero(to_array({Field::kSrcIp4, Field::kDstIp4}))),
      implies(negation(ipv6), all_zero(to_array({Field::kSrcIp6High, Field::kSrcIp6Low,
                                                 Field::kDstIp6High, Field::kDstIp6Low}))),
      implies(negation(any_of({ip, arp})), equals(Field::kProtocol, 0)),
      implies(negation(ip), equals(Field::kDscp, 0)),
      implies(negation(all_of({ip, ported})),
              all_zero(to_array({Field::kSrcPort, Field::kDstPort}))),
      implies(negation(all_of({ip, equals(Field::kProtocol, net::kProtocolTcp)})),
              equals(Field::kTcpFlags, 0)),
      implies(negation(all_of({ip, icmp})),
              all_zero(to_array({Field::kIcmpType, Field::kIcmpCode}))),
      implies(negation(arp), equals(Field::kArpSenderMac, 0)),
      implies(negation(nd), all_zero(to_array({Field::kNdTargetHigh, Field::kNdTargetLow}))),
      implies(equals(Field::kVlanId, 0), equals(Field::kVlanPcp, 0)),
  });
}

bool belongs_to_other_family(Field field, std::uint16_t eth_type) {
  const bool ip6 = field >= Field::kSrcIp6High && field <= Field::kDstIp6Low;
  const bool ip4 = field == Field::kSrcIp4 || field == Field::kDstIp4;
  return eth_type == net::kEthTypeIpv6 ? ip4 : ip6;
}

// Of addresses, by their longest prefix.
constexpr diagram::Leaf kHolds = diagram::kTrue;
constexpr diagram::Leaf kFails = diagram::kTrue + 1;

}  // namespace

// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.

// Visits a predicate.
struct PacketSpace::Builder {
  PacketSpace& space;
  const Asked& asked;

  Diagram constant(bool value) const { return value ? space.store_.always() : space.store_.none(); }
  Diagram operator()(const policy::Constant& node) const { return constant(node.value); }
  Diagram operator()(const policy::FieldTest& node) const {
    const auto of_few = asked.few == nullptr ? std::nullopt : asked.few->passing(node);
    return space.values(node.field, of_few ? *of_few : node.intervals);
  }
  Diagram operator()(const policy::FromParticipant& node) const {
    return constant(node.participant == asked.sender);
  }
  Diagram operator()(const policy::InPrefixesOf& node) const { return space.union_of(node); }
  Diagram operator()(const policy::OnRoute& node) const { return space.region_of(node, asked); }
  Diagram operator()(const policy::Not& node) const {
    return space.store_.complement(space.of_clause(*node.operand, asked));
  }
  Diagram operator()(const policy::And& node) const {
    Diagram all = space.store_.always();
    for (const auto& each : node.operands) {
      all = space.store_.conjunction(all, space.of_clause(*each, asked));
      if (all == space.store_.none()) break;
    }
    return all;
  }
  Diagram operator()(const policy::Or& node) const {
    std::vector<Diagram> any;
    for (const auto& each : node.operands) any.push_back(space.of_clause(*each, asked));
    return space.store_.disjunction(any);
  }
};

PacketSpace::PacketSpace(const exchange::Reachability& reachability)
    : reachability_(&reachability), store_(field_widths()) {}

void PacketSpace::look_at(const exchange::Reachability& reachability) {
  if (reachability_ == &reachability) return;
  reachability_ = &reachability;
  unions_.clear();
  regions_.clear();
}

void PacketSpace::forget(std::span<const Diagram> but) {
  unions_.clear();
  regions_.clear();
  tags_.clear();
  std::vector<Diagram> kept(but.begin(), but.end());
  if (well_formed_) kept.push_back(*well_formed_);
  if (well_formed_ip_) kept.push_back(*well_formed_ip_);
  store_.collect(kept);
}

Diagram PacketSpace::of_clause(const policy::Predicate& predicate, const Asked& asked) {
  return std::visit(Builder{*this, asked}, predicate.node);
}

Diagram PacketSpace::values(net::Field field, std::span<const policy::Interval> intervals) {
  std::vector<Diagram> any;
  for (const policy::Interval& each : intervals) {
    any.push_back(store_.test(index_of(field), each.low, each.high));
  }
  return store_.disjunction(any);
}

Diagram PacketSpace::of(const FewPackets& few) {
  const Key& key = few.key();
  const auto in = [this](Field field, const policy::Interval& range) {
    return store_.test(index_of(field), range.low, range.high);
  };
  std::vector<Diagram> any;
  for (const ValueBlock& each : few.blocks()) {
    const Diagram low = key.low ? in(*key.low, each.low) : store_.always();
    any.push_back(store_.conjunction(in(key.field, each.first), low));
  }
  const Diagram all = store_.disjunction(any);
  if (!key.eth_type) return all;
  return store_.conjunction(in(Field::kEthType, {*key.eth_type, *key.eth_type}), all);
}

Diagram PacketSpace::block_of(const net::Prefix& prefix, policy::Side side) {
  const auto field =
      side == policy::Side::kSource ? AddressField::kSource : AddressField::kDestination;
  const auto eth_type =
      prefix.family() == net::Family::kIpv4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
  return of(*all_of({equals(Field::kEthType, eth_type), address_in(field, prefix)}),
            net::ParticipantId{});
}

Diagram PacketSpace::union_of(const policy::InPrefixesOf& prefixes) {
  const auto key = std::pair(prefixes.participant, prefixes.side);
  if (const auto known = unions_.find(key); known != unions_.end()) return known->second;
  std::vector<Diagram> any;
  for (const net::Prefix& prefix : reachability_->announced_by(prefixes.participant)) {
    any.push_back(block_of(prefix, prefixes.side));
  }
  const Diagram result = store_.disjunction(any);
  unions_.emplace(key, result);
  return result;
}

// The addresses whose longest prefix, among those that the policy asks about, has a route for which
// the tests hold (policy/route_test.h).
Diagram PacketSpace::region_of(const policy::OnRoute& test, const Asked& asked) {
  const Question question{asked.owner, asked.direction, test.side, test.tests};
  const auto known = regions_.find(question);
  if (known != regions_.end() && known->second.diagram) return *known->second.diagram;
  Region& region =
      known != regions_.end()
          ? known->second
          : regions_
                .emplace(question,
                         Region{Answers(asked.owner, asked.direction, test, *reachability_),
                                std::nullopt})
                .first->second;
  std::vector<Diagram> ranked;
  for (const Answers::Opinion& each : region.answers.opinions()) {
    const Diagram block = block_of(each.prefix, test.side);
    ranked.push_back(store_.restrict(block, store_.leaf(each.holds ? kHolds : kFails)));
  }
  const Diagram result = store_.map(store_.over(ranked), [](diagram::Leaf leaf) {
    return leaf == kHolds ? diagram::kTrue : diagram::kNone;
  });
  region.diagram = result;
  return result;
}

void PacketSpace::routes_changed(std::span<const exchange::PlacedPrefix> prefixes) {
  unions_.clear();
  // A question that only its region still holds is of a policy that is gone.
  std::erase_if(regions_, [](const auto& each) {
    return std::get<std::shared_ptr<const policy::RouteTests>>(each.first).use_count() <= 2;
  });
  for (auto& [question, region] : regions_) {
    if (region.answers.ask_again(prefixes, *reachability_)) region.diagram.reset();
  }
}

// NOLINTEND(misc-no-recursion)

Diagram PacketSpace::well_formed() {
  if (!well_formed_) well_formed_ = of(*possible_packet(), {});
  return *well_formed_;
}

Diagram PacketSpace::well_formed_ip() {
  if (!well_formed_ip_) well_formed_ip_ = store_.conjunction(well_formed(), of(*is_ip(), {}));
  return *well_formed_ip_;
}

Diagram PacketSpace::of_tag(const program::MacPattern& pattern) {
  const auto [known, is_new] = tags_.try_emplace({pattern.bits, pattern.mask});
  if (!is_new) return known->second;
  return known->second = make_tag(pattern);
}

Diagram PacketSpace::make_tag(const program::MacPattern& pattern) {
  const auto tests = tag_tests(pattern);
  if (!tests) return store_.none();
  Diagram all = store_.always();
  for (auto test = tests->rbegin(); test != tests->rend(); ++test) {
    // A test of an egress code is exact or absent, and the others have one bit each.
    all = store_.conjunction(store_.ternary(*test).value_or(store_.none()), all);
  }
  return all;
}

Diagram PacketSpace::fix_tag(Diagram function, net::MacAddress tag) {
  std::vector<std::uint64_t> point(kSpaceFieldCount, 0);
  set_tag(point, tag);
  for (std::size_t i = kEgressField; i < kSpaceFieldCount; ++i) {
    function = store_.cofactor(function, static_cast<diagram::FieldIndex>(i), point[i]);
  }
  return function;
}

Diagram PacketSpace::fix(Diagram function, const Fixed& fixed) {
  for (const auto& [field, value] : fixed) {
    function = store_.cofactor(function, index_of(field), value);
  }
  return function;
}

std::optional<net::Packet> PacketSpace::difference(Diagram a, Diagram b, Diagram where,
                                                   const Fixed& fixed) {
  if (a == b) return std::nullopt;
  const Diagram space = fix(where, fixed);
  const auto point =
      store_.witness_of_difference(store_.restrict(space, a), store_.restrict(space, b));
  if (!point) return std::nullopt;
  return packet_at(*point, fixed);
}

net::Packet packet_at(std::span<const std::uint64_t> point, const Fixed& fixed) {
  std::vector<std::uint64_t> values(point.begin(), point.end());
  for (const auto& [field, value] : fixed) values[index_of(field)] = value;
  net::Packet packet;
  const std::uint64_t eth_type = values[index_of(Field::kEthType)];
  net::set_value(packet, Field::kEthType, eth_type);
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    if (field == Field::kEthType) continue;
    if (belongs_to_other_family(field, static_cast<std::uint16_t>(eth_type))) continue;
    net::set_value(packet, field, values[i]);
  }
  return packet;
}

std::vector<std::uint64_t> point_of(const net::Packet& packet) {
  std::vector<std::uint64_t> point;
  point.reserve(kSpaceFieldCount);
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    point.push_back(net::value_of(packet, static_cast<Field>(i)));
  }
  point.resize(kSpaceFieldCount);
  set_tag(point, packet.dst_mac);
  return point;
}

}  // namespace fabrix::verify
