#include "verify/workspace.h"

#include <gtest/gtest.h>

#include "tests/verify/random_world.h"
#include "verify/reference.h"

namespace fabrix::verify {
namespace {

TEST(WorkspaceTest, RoutedPacketsAreThoseThatNeedARoute) {
  RandomWorld random(5);
  Workspace work(random.reachability());
  const auto routed = work.routed(random.exchange());
  for (int i = 0; i < 300; ++i) {
    const auto& from = random.any_router();
    const net::Packet packet =
        i % 2 == 0 ? random.routed_packet(from.id) : random.lan_frame(from.id);
    const bool is_routed = work.space.store().evaluate(routed, point_of(packet)) == diagram::kTrue;
    if (random.exchange().on_peering_lan(packet.dst_ip)) {
      EXPECT_FALSE(is_routed) << to_string(packet);
    }
    if (is_routed) {
      const World world = random.world();
      net::Packet as_sent = packet;
      as_sent.src_mac = from.mac;
      EXPECT_NE(deliver(world, from.id, as_sent).reason, Reason::kBadEtherType);
    }
  }
}

TEST(WorkspaceTest, BeginsAnewWhenThereAreManyNodes) {
  RandomWorld random(7);
  Workspace work(random.reachability());
  const auto routed = [&] { return work.routed(random.exchange()); };
  const auto from = random.any_router().id;
  const net::Packet packet = random.routed_packet(from);
  const auto before = routed();
  const auto meant = work.space.store().evaluate(before, point_of(packet));
  const auto well_formed = work.space.well_formed_ip();
  const std::size_t few = work.space.store().size();
  work.effects.leaf_of({.kind = Effect::Kind::kOutput, .port = net::PortNo{1}, .writes = {}});
  work.make_room();
  EXPECT_GT(work.space.store().size(), 10U) << "there was room";
  for (std::uint64_t port = 0; work.space.store().size() <= kMaxWorkspace; ++port) {
    work.space.of(*equals(net::Field::kDstPort, port), {});
    work.space.of(*equals(net::Field::kSrcPort, port), {});
  }
  work.make_room();
  EXPECT_LE(work.space.store().size(), few) << "but what every check needs";
  EXPECT_EQ(routed(), before);
  EXPECT_EQ(work.space.well_formed_ip(), well_formed);
  EXPECT_EQ(work.space.store().evaluate(routed(), point_of(packet)), meant);
}

TEST(WorkspaceTest, EnteringPacketsHaveAPortAndItsMac) {
  RandomWorld random(6);
  Workspace work(random.reachability());
  const auto& from = random.any_router();
  const std::vector<net::ParticipantId> senders{from.participant};
  const auto entering = work.entering_from(random.exchange(), senders);
  net::Packet packet = random.routed_packet(from.id);
  EXPECT_EQ(work.space.store().evaluate(entering, point_of(packet)), diagram::kTrue);
  packet.src_mac = net::MacAddress::broadcast();
  EXPECT_EQ(work.space.store().evaluate(entering, point_of(packet)), diagram::kNone);
}

}  // namespace
}  // namespace fabrix::verify
