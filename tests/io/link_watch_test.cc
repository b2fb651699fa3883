#include "io/link_watch.h"

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

class LinkWatchTest : public testing::CableTest {};

TEST_F(LinkWatchTest, TellsOfTheOtherEndsCarrier) {
  EventLoop loop;
  auto netlink = near_->netlink();
  auto far = far_->netlink();
  bool carrier = true;
  const auto scope = NamespaceScope::enter(near_->name());
  const auto watch =
      LinkWatch::start(loop, [&] { carrier = find_link(netlink, "eth0").value().carrier; });
  ASSERT_TRUE(watch);
  ASSERT_TRUE(set_link_down(far, "eth0"));
  EXPECT_TRUE(loop.run_until([&] { return !carrier; }, testing::kPatience));
  ASSERT_TRUE(set_link_up(far, "eth0"));
  EXPECT_TRUE(loop.run_until([&] { return carrier; }, testing::kPatience));
}

TEST_F(LinkWatchTest, CablesThatLeadAwayAreKnown) {
  auto netlink = near_->netlink();
  EXPECT_TRUE(find_link(netlink, "eth0").value().leads_away);
  ASSERT_TRUE(create_veth(netlink, {.name = "a"}, {.name = "b"}));
  EXPECT_FALSE(find_link(netlink, "a").value().leads_away);
  EXPECT_TRUE(set_link_promiscuous(netlink, "a"));
}

}  // namespace
}  // namespace fabrix::io
