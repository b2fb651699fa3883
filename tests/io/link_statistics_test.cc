#include "io/link_statistics.h"

#include <algorithm>
#include <array>
#include <thread>

#include "io/command.h"
#include "io/datagram_socket.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using LinkStatisticsTest = testing::CableTest;

LinkStatistics statistics_of(const testing::TestNamespace& where, const std::string& name) {
  auto netlink = where.netlink();
  const auto links = list_link_statistics(netlink).value();
  const auto found = std::ranges::find_if(
      links, [&](const LinkStatistics& link) { return link.link.name == name; });
  EXPECT_NE(found, links.end());
  return found == links.end() ? LinkStatistics() : *found;
}

// A number of the file that the kernel keeps for the counter. /sys shows the namespace in which it
// was mounted, so iproute2 is asked.
std::string shown_by_ip(const testing::TestNamespace& where) {
  CommandOptions options;
  options.process.argv = {"ip", "-s", "link", "show", "dev", "eth0"};
  options.process.network_namespace = where.name();
  return run_checked(options).value_or("");
}

TEST_F(LinkStatisticsTest, CountWhatPasses) {
  const LinkStatistics before = statistics_of(*near_, "eth0");
  {
    const auto scope = NamespaceScope::enter(near_->name());
    auto socket = DatagramSocket::open(net::Family::kIpv4).value();
    const std::array<std::byte, 100> payload{};
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(socket.send({.address = testing::ip("192.0.2.2"), .port = 9}, payload));
    }
  }
  const auto deadline = std::chrono::steady_clock::now() + testing::kPatience;
  const auto out = [&] { return statistics_of(*near_, "eth0").out; };
  while (out().packets < before.out.packets + 50 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_GE(out().packets, before.out.packets + 50);
  EXPECT_GE(out().octets, before.out.octets + std::uint64_t{50} * 142);
  // The namespaces' own packets (IPv6's) may come between: until both have read the same.
  bool agree = false;
  while (!agree && std::chrono::steady_clock::now() < deadline) {
    const LinkStatistics now = statistics_of(*near_, "eth0");
    const std::string shown = shown_by_ip(*near_);
    agree = shown.find(" " + std::to_string(now.out.octets) + " ") != std::string::npos &&
            shown.find(" " + std::to_string(now.in.octets) + " ") != std::string::npos;
  }
  EXPECT_TRUE(agree) << shown_by_ip(*near_);
}

TEST_F(LinkStatisticsTest, KnowWhatAnInterfaceIs) {
  const LinkStatistics eth0 = statistics_of(*near_, "eth0");
  EXPECT_EQ(eth0.link.kind, "veth");
  EXPECT_EQ(eth0.type, 1U);  // ARPHRD_ETHER
  EXPECT_FALSE(eth0.is_loopback || eth0.is_promiscuous);
  EXPECT_TRUE(statistics_of(*near_, "lo").is_loopback);
  auto netlink = near_->netlink();
  ASSERT_TRUE(set_link_promiscuous(netlink, "eth0"));
  EXPECT_TRUE(statistics_of(*near_, "eth0").is_promiscuous);
}

// A veth says 10 Gbit/s, full duplex (linux drivers/net/veth.c).
TEST_F(LinkStatisticsTest, KnowHowFastItIs) {
  const auto scope = NamespaceScope::enter(near_->name());
  const LinkSpeed speed = link_speed("eth0");
  EXPECT_EQ(speed.bits_a_second, 10'000'000'000U);
  EXPECT_EQ(speed.duplex, LinkSpeed::Duplex::kFull);
  EXPECT_EQ(link_speed("lo").bits_a_second, 0U);
  EXPECT_EQ(link_speed("none").bits_a_second, 0U);
  EXPECT_EQ(link_speed("a-name-that-is-too-long").bits_a_second, 0U);
}

}  // namespace
}  // namespace fabrix::io
