#include "io/addresses.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using AddressesTest = testing::CableTest;

TEST_F(AddressesTest, AreListedAsAddedAndGoneWhenDeleted) {
  auto netlink = near_->netlink();
  const std::vector<InterfaceAddress> added{
      {.link = "eth0", .address = testing::ip("198.51.100.7"), .length = 29},
      {.link = "eth0", .address = testing::ip("2001:db8:1::7"), .length = 125},
      {.link = "lo", .address = testing::ip("203.0.113.1"), .length = 32}};
  for (const InterfaceAddress& address : added) {
    SCOPED_TRACE(address.address.to_string());
    EXPECT_TRUE(add_address(netlink, address));
    EXPECT_TRUE(add_address(netlink, address)) << "a second time";
    EXPECT_EQ(std::ranges::count(list_addresses(netlink).value(), address), 1);
    EXPECT_TRUE(delete_address(netlink, address));
    EXPECT_EQ(std::ranges::count(list_addresses(netlink).value(), address), 0);
    EXPECT_FALSE(delete_address(netlink, address));
  }
}

TEST_F(AddressesTest, NeedALink) {
  auto netlink = near_->netlink();
  EXPECT_FALSE(add_address(netlink, {.link = "no", .address = testing::ip("::1"), .length = 64}));
}

}  // namespace
}  // namespace fabrix::io
