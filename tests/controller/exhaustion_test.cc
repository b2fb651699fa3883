// When virtual next hops run out, what does not fit goes by default, and everything else goes on.
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

// Two virtual next hops.
exchange::Exchange crowded() {
  exchange::Exchange exchange = four_members();
  exchange.virtual_next_hops = {net::Prefix::parse("172.0.1.0/30").value()};
  return exchange;
}

// As the router forwards it: the trace compares with the policies as they are written.
std::string deliver(World& world, const std::string& text) {
  const exchange::Router& router = world.find("a1");
  net::Packet packet = net::parse_packet(text).value();
  packet.dst_mac = world.ask(router, world.route_of(router, packet.dst_ip).value()).value();
  return world.send_frame("a1", packet);
}

TEST(ExhaustionTest, ClassesThatDoNotFitGoByDefaultAndTheRestByPolicy) {
  World world(crowded());
  world.set_policy("A",
                   "outbound = match(dstport=80) >> fwd(B) + match(dstport=443) >> fwd(C) "
                   "+ match(dstport=22) >> fwd(D)");
  world.announce("b1", "140.0.0.0/24");
  world.announce("c1", "141.0.0.0/24");
  const auto installed = world.controller().installed();
  world.take_notices();

  world.announce("d1", "142.0.0.0/24");
  world.announce("c1", "142.0.0.0/24", World::path({300, 65001}));
  const auto notices = world.take_notices();
  EXPECT_TRUE(std::ranges::any_of(notices, [](const std::string& each) {
    return each.find("no virtual next hop") != std::string::npos &&
           each.find("sender A") != std::string::npos;
  }));
  EXPECT_FALSE(world.controller().suspended());
  EXPECT_EQ(world.controller().counters().refused, 0U);
  EXPECT_EQ(world.next_hop("a1", "142.0.0.1"), "172.0.0.31");
  EXPECT_EQ(deliver(world, tcp_to(443, "142.0.0.1")), "d1");  // by default
  EXPECT_EQ(deliver(world, tcp_to(80)), "b1");
  EXPECT_EQ(deliver(world, tcp_to(443, "141.0.0.1")), "c1");

  // Other Programs are still installed meanwhile.
  EXPECT_EQ(world.set_policy("C", "inbound = match(dstport=443) >> fwd(C2)"), "");
  EXPECT_EQ(world.controller().counters().refused, 0U);
  EXPECT_EQ(deliver(world, tcp_to(443, "141.0.0.1")), "c2");
  world.remove_policy("C");

  world.withdraw("d1", "142.0.0.0/24");
  world.withdraw("c1", "142.0.0.0/24");
  EXPECT_EQ(*world.controller().installed(), *installed);
}

}  // namespace
}  // namespace fabrix::controller
