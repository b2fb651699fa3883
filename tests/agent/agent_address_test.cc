#include "agent/agent_address.h"

#include <gtest/gtest.h>

namespace fabrix::agent {
namespace {

net::IpAddress ip(const char* text) {
  return net::IpAddress::parse(text).value();
}

const std::vector<io::InterfaceAddress> kAddresses{
    {.link = "lo", .address = ip("127.0.0.1"), .length = 8},
    {.link = "eth1", .address = ip("fe80::1"), .length = 64},
    {.link = "eth1", .address = ip("2001:db8::1"), .length = 64},
    {.link = "eth0", .address = ip("169.254.7.7"), .length = 16},
    {.link = "eth0", .address = ip("192.0.2.1"), .length = 24},
    {.link = "eth2", .address = ip("198.51.100.1"), .length = 24}};

std::string chosen(const host::Config& config) {
  const auto address = agent_address(config, kAddresses);
  return address ? address->to_string() : address.error().message;
}

TEST(AgentAddressTest, IsOneThatCanBeReached) {
  EXPECT_EQ(chosen({}), "192.0.2.1");
  host::Config of_eth1;
  of_eth1.agent_device = "eth1";
  EXPECT_EQ(chosen(of_eth1), "2001:db8::1");
}

TEST(AgentAddressTest, IsWhatIsAskedFor) {
  host::Config config;
  config.agent_prefixes = {net::Prefix::parse("10.0.0.0/8").value(),
                           net::Prefix::parse("198.51.0.0/16").value()};
  EXPECT_EQ(chosen(config), "198.51.100.1");
  config.agent_address = ip("203.0.113.9");
  EXPECT_EQ(chosen(config), "203.0.113.9");
}

TEST(AgentAddressTest, SaysWhatIsNotThere) {
  host::Config config;
  config.agent_device = "eth9";
  EXPECT_EQ(chosen(config), "agent: interface eth9 has no address");
  config.agent_device.clear();
  config.agent_prefixes = {net::Prefix::parse("10.0.0.0/8").value()};
  EXPECT_EQ(chosen(config), "no address of this host is in agent.cidr");
  EXPECT_EQ(agent_address({}, {}).value(), ip("127.0.0.1"));
}

}  // namespace
}  // namespace fabrix::agent
