#include "io/xdp_features.h"

#include <gtest/gtest.h>

#include "io/links.h"
#include "tests/io/bpf_world.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

class XdpFeaturesTest : public testing::BpfTest {};

// Linux's veth sends at XDP what its other end can receive there.
TEST_F(XdpFeaturesTest, SaysByWhichInterfacesFramesMayLeave) {
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  ASSERT_TRUE(create_veth(netlink, {.name = "a"}, {.name = "b"}));
  const std::uint32_t near = find_link(netlink, "a").value().index;
  const std::uint32_t far = find_link(netlink, "b").value().index;
  auto generic = NetlinkSocket::open_generic(home.name()).value();
  const auto none = list_xdp_senders(generic);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none->empty());
  const auto scope = NamespaceScope::enter(home.name());
  const auto program = program_returning(2, BpfKind::kXdp);
  ASSERT_TRUE(program) << program.error().message;
  auto link = attach_to_xdp(*program, far, XdpMode::kDriver);
  ASSERT_TRUE(link) << link.error().message;
  EXPECT_EQ(interface_of(*link).value(), far);
  EXPECT_EQ(list_xdp_senders(generic).value(), std::set<std::uint32_t>{near});
  EXPECT_FALSE(attach_to_xdp(*program, far, XdpMode::kDriver)) << "there is one";
  ASSERT_TRUE(detach(*link));
  EXPECT_TRUE(list_xdp_senders(generic).value().empty());
}

TEST_F(XdpFeaturesTest, DriversWithoutXdpSaySo) {
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  const std::uint32_t loopback = find_link(netlink, "lo").value().index;
  const auto scope = NamespaceScope::enter(home.name());
  const auto program = program_returning(2, BpfKind::kXdp);
  ASSERT_TRUE(program);
  EXPECT_FALSE(attach_to_xdp(*program, loopback, XdpMode::kDriver));
  EXPECT_TRUE(attach_to_xdp(*program, loopback, XdpMode::kGeneral));
}

}  // namespace
}  // namespace fabrix::io
