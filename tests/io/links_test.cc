#include "io/links.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "io/command.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using LinksTest = testing::CableTest;

TEST_F(LinksTest, ACableHasItsEndsWhereTheyBelong) {
  auto near = near_->netlink();
  auto far = far_->netlink();
  const Link near_end = find_link(near, "eth0").value();
  const Link far_end = find_link(far, "eth0").value();
  EXPECT_EQ(near_end.mac, near_mac_);
  EXPECT_EQ(far_end.mac, far_mac_);
  EXPECT_EQ(near_end.kind, "veth");
  EXPECT_TRUE(near_end.up && far_end.up);
  EXPECT_TRUE(near_end.carrier && far_end.carrier);
  EXPECT_EQ(list_links(near).value().size(), 2U);
  EXPECT_EQ(std::ranges::count(list_links(far).value(), far_end), 1);
}

TEST_F(LinksTest, LosesItsCarrierWhenTheOtherEndGoesDown) {
  auto near = near_->netlink();
  auto far = far_->netlink();
  ASSERT_TRUE(set_link_down(far, "eth0"));
  EXPECT_FALSE(find_link(far, "eth0")->up);
  EXPECT_TRUE(find_link(near, "eth0")->up);
  EXPECT_FALSE(find_link(near, "eth0")->carrier);
}

TEST_F(LinksTest, AreAsIproute2SeesThem) {
  auto near = near_->netlink();
  ASSERT_TRUE(set_link_mtu(near, "eth0", 9000));
  ASSERT_TRUE(set_link_mac(near, "eth0", net::MacAddress({2, 0, 0, 0, 0, 0x77})));
  EXPECT_EQ(find_link(near, "eth0")->mtu, 9000U);
  CommandOptions options;
  options.process.argv = {"ip", "link", "show", "eth0"};
  options.process.network_namespace = near_->name();
  const auto shown = run_checked(options);
  if (!shown) GTEST_SKIP() << "iproute2 is missing: " << shown.error().message;
  EXPECT_NE(shown->find("mtu 9000"), std::string::npos) << *shown;
  EXPECT_NE(shown->find("02:00:00:00:00:77"), std::string::npos) << *shown;
}

TEST_F(LinksTest, DeletingOneEndDeletesBoth) {
  auto near = near_->netlink();
  auto far = far_->netlink();
  ASSERT_TRUE(delete_link(near, "eth0"));
  EXPECT_FALSE(find_link(near, "eth0"));
  EXPECT_FALSE(find_link(far, "eth0"));
}

TEST_F(LinksTest, RefusesWhatCannotBe) {
  auto near = near_->netlink();
  const auto taken = create_veth(near, {.name = "eth0"}, {.name = "eth1"});
  ASSERT_FALSE(taken);
  EXPECT_TRUE(taken.error().message.starts_with("create veth eth0 - eth1: File exists"))
      << taken.error().message;
  EXPECT_FALSE(create_veth(near, {.name = "a-name-too-long-"}, {.name = "b"}));
  EXPECT_FALSE(find_link(near, ""));
  EXPECT_FALSE(set_link_up(near, "none"));
  EXPECT_FALSE(delete_link(near, "none"));
  EXPECT_FALSE(create_veth(near, {.name = "a"},
                           {.name = "b", .network_namespace = "fxt-no-such-namespace"}));
}

}  // namespace
}  // namespace fabrix::io
