#include "io/quiet_link.h"

#include <fstream>
#include <string>

#include "io/links.h"
#include "io/namespace.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

// What the kernel has of the interface's IPv6 addresses, in the calling thread's namespace.
std::string addresses_of(const std::string& link) {
  std::ifstream file("/proc/thread-self/net/if_inet6");
  std::string found;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with(" " + link)) found += line + "\n";
  }
  return found;
}

TEST(QuietLinkTest, HasNoIpv6AndTheOthersHave) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  ASSERT_TRUE(create_veth(netlink, {.name = "quiet"}, {.name = "other"}));
  const auto scope = NamespaceScope::enter(home.name());
  ASSERT_TRUE(quiet_link("quiet"));
  ASSERT_TRUE(set_link_up(netlink, "quiet"));
  ASSERT_TRUE(set_link_up(netlink, "other"));
  EXPECT_EQ(addresses_of("quiet"), "");
  EXPECT_NE(addresses_of("other"), "");
  ASSERT_TRUE(quiet_link("other"));  // one that has addresses already
  EXPECT_EQ(addresses_of("other"), "");
  EXPECT_TRUE(quiet_link("none"));
}

}  // namespace
}  // namespace fabrix::io
