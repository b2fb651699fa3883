#include <string>

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

// RFC 8950: a member whose sessions all understand it takes no IPv4 address for its classes.
TEST(ControllerSessionsTest, AMemberThatUnderstandsItGetsIpv6VirtualNextHopsForIpv4) {
  World world;
  world.announce("b1", "140.0.0.0/24");
  world.announce("c1", "140.0.0.0/24", World::path({300, 9}));
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(C)");
  const std::string before = world.next_hop("a1", "140.0.0.1");
  EXPECT_TRUE(before.starts_with("172.0.1.")) << before;
  world.bring_up("a1", World::NextHops::kExtended);
  EXPECT_EQ(world.next_hop("a1", "140.0.0.1"), before) << "a2 does not understand it";
  world.bring_up("a2", World::NextHops::kExtended);
  for (const char* router : {"a1", "a2"}) {
    EXPECT_TRUE(world.next_hop(router, "140.0.0.1").starts_with("2001:db8:ff:0:1:")) << router;
    EXPECT_EQ(world.send(router, tcp_to(80)), "c1");
    EXPECT_EQ(world.send(router, tcp_to(81)), "b1");
  }
  world.bring_up("a2");
  EXPECT_TRUE(world.next_hop("a1", "140.0.0.1").starts_with("172.0.1."));
  EXPECT_EQ(world.send("a2", tcp_to(80)), "c1");
}

}  // namespace
}  // namespace fabrix::controller
