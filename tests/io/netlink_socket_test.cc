#include "io/netlink_socket.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

NetlinkWriter delete_nothing() {
  ifinfomsg fixed{};
  fixed.ifi_index = 0x7ffffff0;
  NetlinkWriter message(RTM_DELLINK);
  message.fixed(fixed);
  return message;
}

using NetlinkSocketTest = testing::NamespaceTest;

TEST_F(NetlinkSocketTest, SaysWhatTheKernelRefused) {
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  const auto refused = netlink.request(delete_nothing(), "delete nothing");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("delete nothing: No such device"))
      << refused.error().message;
  EXPECT_TRUE(netlink.request_ignoring(delete_nothing(), ENODEV, "delete nothing"));
  EXPECT_FALSE(netlink.request_ignoring(delete_nothing(), EEXIST, "delete nothing"));
}

TEST_F(NetlinkSocketTest, ListsAndQueries) {
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  NetlinkWriter list(RTM_GETLINK);
  list.fixed(ifinfomsg{});
  EXPECT_GE(netlink.dump(std::move(list), "list").value().size(), 1U);
  ifinfomsg loopback{};
  loopback.ifi_index = 1;
  NetlinkWriter query(RTM_GETLINK);
  query.fixed(loopback);
  const auto answer = netlink.query(std::move(query), "query").value();
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(answer.front().fixed<ifinfomsg>()->ifi_index, 1);
}

TEST_F(NetlinkSocketTest, CannotBeOpenedWhereThereIsNoNamespace) {
  EXPECT_FALSE(NetlinkSocket::open("fxt-no-such-namespace"));
}

}  // namespace
}  // namespace fabrix::io
