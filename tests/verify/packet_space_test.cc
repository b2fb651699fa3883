#include "verify/packet_space.h"

#include <gtest/gtest.h>

#include "tests/verify/random_world.h"

namespace fabrix::verify {
namespace {

TEST(PacketSpaceTest, EveryPacketIsWellFormedAndReadsBackFromItsPoint) {
  RandomWorld random(1);
  PacketSpace space(random.reachability());
  for (int i = 0; i < 1000; ++i) {
    const net::Packet packet = random.lan_frame(random.any_router().id);
    const auto point = point_of(packet);
    EXPECT_EQ(space.store().evaluate(space.well_formed(), point), diagram::kTrue)
        << net::to_string(packet);
    EXPECT_EQ(point_of(packet_at(point, {})), point);
  }
}

// What an inbound policy of `owner` asks about (policy/route_test.h).
std::optional<net::RouteAttributes> asked_route(const exchange::Reachability& routes,
                                                net::ParticipantId owner,
                                                const policy::OnRoute& test,
                                                const net::IpAddress& address) {
  const auto used = routes.resolve(owner, address);
  if (test.side == policy::Side::kSource) {
    return used ? routes.best_route(owner, *used) : std::nullopt;
  }
  const auto own = routes.announced_by(owner);
  const auto longest = std::ranges::max_element(own, {}, [&](const net::Prefix& each) {
    return each.contains(address) ? static_cast<int>(each.length()) : -1;
  });
  if (longest == own.end() || !longest->contains(address)) return std::nullopt;
  return routes.own_route(owner, *longest);
}

TEST(PacketSpaceTest, APredicateHoldsWhereItsDiagramDoes) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomWorld random(seed);
    PacketSpace space(random.reachability());
    const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
        [&](net::ParticipantId participant, const net::IpAddress& address) {
          const auto prefixes = random.reachability().announced_by(participant);
          return std::ranges::any_of(prefixes,
                                     [&](const auto& prefix) { return prefix.contains(address); });
        };
    for (const auto& participant : random.exchange().participants) {
      const auto& policy = random.policy_of(participant.id);
      if (!policy) continue;
      for (const auto& clause : policy->inbound.clauses) {
        const auto& from = random.any_router();
        const diagram::Diagram diagram = space.of_clause(
            *clause.when, {from.participant, participant.id, policy::Direction::kInbound});
        const std::function<bool(const policy::OnRoute&, const net::IpAddress&)> on_route =
            [&](const policy::OnRoute& test, const net::IpAddress& address) {
              const auto route = asked_route(random.reachability(), participant.id, test, address);
              return route && policy::holds(*test.tests, *route);
            };
        const policy::PacketContext context{from.participant, &announced, &on_route};
        for (int i = 0; i < 50; ++i) {
          const net::Packet packet = random.routed_packet(from.id);
          EXPECT_EQ(space.store().evaluate(diagram, point_of(packet)) == diagram::kTrue,
                    policy::holds(*clause.when, packet, context));
        }
      }
    }
  }
}

TEST(PacketSpaceTest, AWitnessIsAPacketThatShowsTheDifference) {
  RandomWorld random(1);
  PacketSpace space(random.reachability());
  const auto web = space.of(*equals(net::Field::kDstPort, 80), {});
  const auto witness = space.difference(web, space.store().none(), space.well_formed_ip(),
                                        {{net::Field::kInPort, 7}});
  ASSERT_TRUE(witness);
  EXPECT_EQ(witness->dst_port, 80);
  EXPECT_EQ(witness->in_port, net::PortNo{7});
  EXPECT_NE(witness->protocol, 0);
  // No packet has a port without a protocol that has ports.
  const auto impossible =
      space.of(*all_of({equals(net::Field::kDstPort, 80), equals(net::Field::kProtocol, 1)}), {});
  EXPECT_FALSE(space.difference(impossible, space.store().none(), space.well_formed(), {}));
}

}  // namespace
}  // namespace fabrix::verify
