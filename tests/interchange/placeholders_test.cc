#include "interchange/placeholders.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::interchange {
namespace {

net::IpAddress address(std::string_view text) {
  return *net::IpAddress::parse(text);
}

std::string lan_of(std::initializer_list<std::string_view> texts) {
  std::vector<net::IpAddress> addresses;
  for (const auto text : texts) addresses.push_back(address(text));
  std::string all;
  for (const auto& prefix : guess_lan(addresses)) all += prefix.to_string() + " ";
  return all;
}

TEST(PlaceholdersTest, MacAddressesAreUniversalUnicastAndTheSameEachTime) {
  const auto mac = placeholder_mac(address("192.0.2.1"), 0);
  EXPECT_EQ(mac, placeholder_mac(address("192.0.2.1"), 0));
  EXPECT_NE(mac, placeholder_mac(address("192.0.2.2"), 0));
  EXPECT_NE(mac, placeholder_mac(address("192.0.2.1"), 1));
  EXPECT_FALSE(mac.is_multicast());
  EXPECT_FALSE(mac.is_locally_administered());
  EXPECT_TRUE(mac.to_string().starts_with("00:00:5e:f"));
}

TEST(PlaceholdersTest, TheLanIsTheLongestPrefixWithAllAddressesAsHosts) {
  EXPECT_EQ(lan_of({"192.0.2.1", "192.0.2.77"}), "192.0.2.0/24 ");
  EXPECT_EQ(lan_of({"10.0.0.1", "10.0.3.1"}), "10.0.0.0/22 ");
  EXPECT_EQ(lan_of({"10.0.0.1", "10.0.0.255"}), "10.0.0.0/23 ") << "no host is at the edge";
  EXPECT_EQ(lan_of({"127.0.0.1", "127.200.0.1"}), "127.0.0.0/8 ");
  EXPECT_EQ(lan_of({"10.0.0.1", "192.0.2.1"}), "10.0.0.0/24 192.0.2.0/24 ");
  EXPECT_EQ(lan_of({"10.0.0.1", "2001:db8::1", "2001:db8:0:1::1"}), "10.0.0.0/24 2001:db8::/63 ");
  EXPECT_EQ(lan_of({}), "");
}

TEST(PlaceholdersTest, ThereIsMostlyAFreeAddress) {
  const auto lan = net::Prefix::parse("192.0.2.0/29").value();
  EXPECT_EQ(free_address(lan, {})->to_string(), "192.0.2.6");
  const std::vector taken{address("192.0.2.6"), address("192.0.2.5")};
  EXPECT_EQ(free_address(lan, taken)->to_string(), "192.0.2.4");
  const auto pair = net::Prefix::parse("192.0.2.0/31").value();
  EXPECT_EQ(free_address(pair, {})->to_string(), "192.0.2.0");
  const auto one = net::Prefix::parse("192.0.2.0/30").value();
  EXPECT_EQ(free_address(one, std::vector{address("192.0.2.1"), address("192.0.2.2")}),
            std::nullopt);
  EXPECT_EQ(free_address(net::Prefix::parse("2001:db8::/64").value(), {})->to_string(),
            "2001:db8::1");
}

}  // namespace
}  // namespace fabrix::interchange
