// Random exchanges, policies, packets and changes, from small pools, so that they meet. One seed,
// one world.
#pragma once

#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "policy/extras.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint32_t seed) : random_(seed), world_(random_sizes()) {
    for (unsigned i = 0; i < 3 * world_.exchange.routers.size(); ++i) change_route();
    for (unsigned i = 0; i < 3 && chance(30); ++i) {
      world_.routes.hide(any_participant(), any_participant());
    }
  }

  World& world() { return world_; }
  bool chance(unsigned percent) { return below(100) < percent; }
  unsigned below(std::size_t bound) { return static_cast<unsigned>(random_() % bound); }

  net::RouterId any_router() { return router(below(world_.exchange.routers.size())); }
  net::ParticipantId any_participant() {
    return participant(below(world_.exchange.participants.size()));
  }
  net::Prefix any_prefix() {
    static constexpr std::array kPrefixes{"10.0.0.0/8",      "10.1.0.0/16",     "10.1.2.0/24",
                                          "140.0.0.0/16",    "150.0.0.0/16",    "160.0.0.0/15",
                                          "2001:db8::/32",   "2001:db8:1::/48", "2001:db8:2::/64",
                                          "2001:db8:2::/96", "0.0.0.0/0"};
    return prefix(kPrefixes.at(below(kPrefixes.size())));
  }

  // Announces or withdraws something; returns what to tell the compiler.
  net::Prefix change_route() {
    const net::Prefix where = any_prefix();
    const net::RouterId who = any_router();
    if (chance(70)) {
      world_.routes.announce(who, where, static_cast<int>(below(3)));
    } else {
      world_.routes.withdraw(who, where);
    }
    return where;
  }

  std::shared_ptr<const policy::Policy> any_policy(net::ParticipantId owner) {
    policy::Policy made;
    made.overlap_first = true;
    made.outbound = list_of(clauses(owner, policy::Direction::kOutbound));
    made.inbound = list_of(clauses(owner, policy::Direction::kInbound));
    return std::make_shared<const policy::Policy>(std::move(made));
  }

  net::Packet any_packet() {
    const bool ip6 = chance(30);
    net::Packet packet;
    net::set_value(packet, net::Field::kEthType, ip6 ? net::kEthTypeIpv6 : net::kEthTypeIpv4);
    packet.src_ip = any_address(ip6);
    packet.dst_ip = any_address(ip6);
    packet.dscp = static_cast<std::uint8_t>(chance(50) ? 46 : 0);
    static constexpr std::array<std::uint8_t, 5> kProtocols{6, 6, 17, 132, 1};
    packet.protocol = kProtocols.at(below(kProtocols.size()));
    for (auto& bucket : packet.buckets) bucket = static_cast<std::uint8_t>(below(64));
    if (packet.protocol == net::kProtocolIcmp) {
      packet.icmp_type = 8;
      return packet;
    }
    packet.src_port = any_port();
    packet.dst_port = any_port();
    return packet;
  }

 private:
  std::vector<unsigned> random_sizes() {
    std::vector<unsigned> sizes;
    for (unsigned i = 2 + below(7); i > 0; --i) sizes.push_back(chance(60) ? 1 : below(4));
    sizes.front() = 1 + below(2);
    return sizes;
  }

  net::IpAddress any_address(bool ip6) {
    static constexpr std::array kFour{"10.0.0.1",  "10.1.0.1",  "10.1.2.3", "140.0.0.1",
                                      "150.0.3.4", "160.1.0.1", "99.0.0.1"};
    static constexpr std::array kSix{"2001:db8::1", "2001:db8:1::1", "2001:db8:2::1",
                                     "2001:db8:2:0:1::1"};
    return ip(ip6 ? kSix.at(below(kSix.size())) : kFour.at(below(kFour.size())));
  }
  std::uint16_t any_port() {
    static constexpr std::array<std::uint16_t, 6> kPorts{80, 443, 4321, 4322, 8080, 53};
    return kPorts.at(below(kPorts.size()));
  }

  PredicatePtr any_test(policy::Direction direction) {
    using net::Field;
    static constexpr std::array kBlocks{"10.0.0.0/8", "10.1.2.0/24", "140.0.0.0/16", "0.0.0.0/1"};
    switch (below(8)) {
      case 0:
      case 1:
        return dst_port(any_port());
      case 2:
        return dst_port(80, static_cast<std::uint16_t>(80 + below(8000)));
      case 3:
        return in_block4(chance(50) ? Field::kSrcIp4 : Field::kDstIp4,
                         prefix(kBlocks.at(below(kBlocks.size()))));
      case 4:
        return all_of({any_ip(), test(Field::kProtocol, {{17, 17}})});
      case 5:
        return in_prefixes_of(any_participant(),
                              chance(50) ? policy::Side::kSource : policy::Side::kDestination);
      case 6:
        if (direction == policy::Direction::kInbound) return from(any_participant());
        return test(Field::kInPort, {{1, 2}});
      default:
        return chance(50) ? ether_type(net::kEthTypeIpv6)
                          : all_of({any_ip(), test(Field::kDscp, {{40, 50}})});
    }
  }

  PredicatePtr any_buckets() {
    const std::uint64_t first = below(net::kBucketCount);
    return test(net::bucket_field(net::kHashKeys.at(below(3))),
                {{first, first + below(static_cast<unsigned>(net::kBucketCount - first))}});
  }

  // NOLINTNEXTLINE(misc-no-recursion): `depth` deep
  PredicatePtr any_condition(policy::Direction direction, unsigned depth) {
    if (depth == 0 || chance(50)) return any_test(direction);
    switch (below(4)) {
      case 0:
        return not_of(any_condition(direction, depth - 1));
      case 1:
        return any_of({any_condition(direction, depth - 1), any_condition(direction, depth - 1)});
      case 2:
        return chance(20) ? anything() : any_test(direction);
      default:
        return all_of({any_condition(direction, depth - 1), any_condition(direction, depth - 1)});
    }
  }

  policy::Verdict any_target(net::ParticipantId owner, policy::Direction direction) {
    const auto& exchange = world_.exchange;
    if (direction == policy::Direction::kInbound) {
      const auto& own = exchange.participant(owner).routers;
      if (own.empty()) return policy::Drop{};
      return fwd(exchange, own[below(own.size())]);
    }
    net::ParticipantId to = any_participant();
    while (to == owner) to = any_participant();
    const auto& routers = exchange.participant(to).routers;
    if (routers.empty() || chance(70)) return fwd(to);
    return fwd(exchange, routers[below(routers.size())]);
  }

  policy::Verdict any_several(net::ParticipantId owner, policy::Direction direction) {
    policy::Multicast several;
    for (unsigned i = 2 + below(2); i > 0; --i) {
      const auto verdict = any_target(owner, direction);
      const auto* forward = std::get_if<policy::Forward>(&verdict);
      if (forward != nullptr) several.targets.push_back(forward->target);
    }
    std::ranges::sort(several.targets);
    // clang 14 cannot read the library's std::ranges::unique().
    several.targets.erase(std::unique(several.targets.begin(), several.targets.end()),
                          several.targets.end());
    if (several.targets.empty()) return policy::Drop{};
    if (several.targets.size() == 1) return policy::Forward{several.targets.front()};
    return several;
  }

  void add_extras(policy::Clause& clause, net::ParticipantId owner) {
    const auto& own = world_.exchange.participant(owner).routers;
    if (chance(50)) clause.extras.police = policy::Police{.number = below(3), .kbps = 1000};
    if (!own.empty() && chance(60)) clause.extras.mirrors = {own[below(own.size())]};
    clause.extras = policy::normal(clause.extras, clause.verdict);
  }

  std::vector<policy::Write> any_writes() {
    switch (below(4)) {
      case 0:
        return {{net::Field::kDscp, 10}};
      case 1:
        return {{net::Field::kSrcIp4, 0x0a000009}};
      case 2:
        return {{net::Field::kDscp, 46}, {net::Field::kDstIp4, 0x0a010203}};
      default:
        return {{net::Field::kDstIp4, 0x8c000005}};
    }
  }

  std::vector<policy::Clause> clauses(net::ParticipantId owner, policy::Direction direction) {
    std::vector<policy::Clause> all;
    for (unsigned i = below(6); i > 0; --i) {
      policy::Verdict verdict = any_target(owner, direction);
      if (chance(15)) verdict = policy::Drop{};
      if (chance(10)) verdict = policy::UseDefault{};
      if (chance(15)) verdict = any_several(owner, direction);
      PredicatePtr when = any_condition(direction, 2);
      if (chance(25)) when = all_of({when, any_buckets()});
      if (!chance(25) || std::holds_alternative<policy::Drop>(verdict)) {
        all.push_back(clause(std::move(when), verdict));
      } else {
        all.push_back(clause(all_of({ether_type(net::kEthTypeIpv4), when}), verdict, any_writes()));
      }
      if (chance(25)) add_extras(all.back(), owner);
    }
    return all;
  }

  std::mt19937 random_;
  World world_;
};

}  // namespace fabrix::compiler
