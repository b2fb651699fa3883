#include "lab/middlebox.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"
#include "lab/network.h"
#include "lab/program.h"
#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

TEST(LabMiddleboxTest, DropsAreRulesThatCount) {
  EXPECT_EQ(firewall_ruleset({"tcp dport 23", "ip saddr 10.0.0.0/8"}),
            "table bridge firewall {\n"
            "  chain forward {\n"
            "    type filter hook forward priority filter; policy accept;\n"
            "    tcp dport 23 counter drop\n"
            "    ip saddr 10.0.0.0/8 counter drop\n"
            "  }\n"
            "}\n");
}

// A namespace with an ix0 that leads nowhere, removed at the end.
class RealMiddleboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    if (!find_program("nft")) GTEST_SKIP() << "nft is not installed";
    ASSERT_TRUE(io::create_namespace(name_));
    auto netlink = io::NetlinkSocket::open(name_).value();
    ASSERT_TRUE(io::create_veth(netlink, {.name = std::string(kInterface)}, {.name = "far"}));
  }
  void TearDown() override {
    if (geteuid() == 0) std::ignore = io::delete_namespace(name_);
  }
  MiddleboxPlan plan(std::vector<std::string> drops) const {
    return {.drops = std::move(drops), .network_namespace = name_, .directory = directory_ / ""};
  }

  const std::string name_ = "fxt-box-" + std::to_string(getpid());
  const testing::WorldDirectory directory_;
};

TEST_F(RealMiddleboxTest, HasABridgeAndTheKernelTookItsRules) {
  const auto started = start_middlebox(plan({"tcp dport 23", "ip6 daddr 2001:db8::/32 drop"}));
  EXPECT_FALSE(started) << "two verdicts in one rule";
  const auto again = start_middlebox(plan({"tcp dport 23", "ip6 daddr 2001:db8::/32"}));
  ASSERT_TRUE(again) << again.error().message;
  const auto rules =
      run_program({.program = "nft", .arguments = {"list", "ruleset"}, .network_namespace = name_});
  ASSERT_TRUE(rules);
  EXPECT_NE(rules->find("tcp dport 23 counter packets 0 bytes 0 drop"), std::string::npos);
  auto netlink = io::NetlinkSocket::open(name_).value();
  EXPECT_EQ(io::find_link(netlink, "wire").value().kind, "bridge");
}

TEST_F(RealMiddleboxTest, SaysWhatTheFirewallDoesNotUnderstand) {
  const auto started = start_middlebox(plan({"tcp dport telegraph"}));
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("firewall.nft:4"), std::string::npos)
      << started.error().message;
}

}  // namespace
}  // namespace fabrix::lab
