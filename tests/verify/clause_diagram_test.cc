#include "verify/clause_diagram.h"

#include <gtest/gtest.h>

#include "tests/verify/random_world.h"
#include "verify/reference.h"

namespace fabrix::verify {
namespace {

const Effect& effect_of(PacketSpace& space, const Effects& effects, diagram::Diagram meaning,
                        const net::Packet& packet) {
  return effects.at(space.store().evaluate(meaning, point_of(packet)));
}

// Against deliver(), which walks the clauses one by one.
TEST(ClauseDiagramTest, MeansWhatTheReferenceDoes) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomWorld random(seed);
    const World world = random.world();
    const auto& from = random.any_router();
    PacketSpace space(random.reachability());
    Effects effects;
    OutboundMeaning outbound(world, from.participant, space, effects);
    for (int i = 0; i < 100; ++i) {
      const net::Packet packet = random.routed_packet(from.id);
      const Delivery delivery = deliver(world, from.id, packet);
      if (!delivery.prefix) continue;
      const auto routes = random.reachability().routes(from.participant, *delivery.prefix);
      const Effect& effect = effect_of(space, effects, outbound.under(routes), packet);
      EXPECT_EQ(effect.kind == Effect::Kind::kContinue, delivery.target.has_value());
      if (!delivery.target) continue;
      const auto code = (effect.metadata >> 24U & 0xfffU) - 1;
      const net::RouterId router{static_cast<std::uint16_t>(code)};
      EXPECT_EQ(random.exchange().router(router).participant, *delivery.target);

      net::Packet rewritten = packet;
      for (const auto& write : effect.writes) {
        net::set_value(rewritten, write.field, write.value);
      }
      const auto inbound = inbound_meaning(world, router, from.participant, space, effects);
      const Effect& last = effect_of(space, effects, inbound, rewritten);
      EXPECT_EQ(last.kind == Effect::Kind::kDrop, delivery.reason == Reason::kInboundDrop);
      if (delivery.router) {
        EXPECT_EQ(last.metadata, on_the_way(world, from.participant, *delivery.router));
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::verify
