#include "io/neighbours.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#include "io/connector.h"
#include "io/listener.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::ip;

class NeighboursTest : public testing::CableTest {
 protected:
  // The MAC of an address, as the table has it.
  static std::optional<net::MacAddress> mac_of(NetlinkSocket& netlink, const std::string& address) {
    const auto neighbours = list_neighbours(netlink).value();
    const auto found = std::ranges::find(neighbours, ip(address), &Neighbour::address);
    return found == neighbours.end() ? std::nullopt : found->mac;
  }
};

TEST_F(NeighboursTest, AreListedAsAdded) {
  auto netlink = near_->netlink();
  const net::MacAddress mac({2, 0, 0, 0, 0, 9});
  for (const std::string address : {"192.0.2.9", "2001:db8::9"}) {
    SCOPED_TRACE(address);
    ASSERT_TRUE(add_neighbour(netlink, "eth0", ip(address), mac));
    EXPECT_EQ(mac_of(netlink, address), mac);
    ASSERT_TRUE(flush_neighbours(netlink, "eth0"));
    EXPECT_EQ(mac_of(netlink, address), mac) << "permanent entries stay";
  }
}

TEST_F(NeighboursTest, AreLearnedFromTrafficAndFlushed) {
  EventLoop loop;
  std::optional<bool> connected;
  {
    const auto scope = NamespaceScope::enter(near_->name()).value();
    const Connector connector(loop, IpEndpoint{ip("192.0.2.2"), 9}, {},
                              [&](const Result<ByteStream>& s) { connected = s.has_value(); });
    ASSERT_TRUE(loop.run_until([&] { return connected.has_value(); }, testing::kPatience));
  }
  auto netlink = near_->netlink();
  EXPECT_EQ(mac_of(netlink, "192.0.2.2"), far_mac_);
  ASSERT_TRUE(flush_neighbours(netlink, "eth0"));
  EXPECT_EQ(mac_of(netlink, "192.0.2.2"), std::nullopt);
}

}  // namespace
}  // namespace fabrix::io
