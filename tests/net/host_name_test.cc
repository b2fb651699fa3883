#include "net/host_name.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

TEST(HostName, KnowsNames) {
  EXPECT_TRUE(is_host_name("a"));
  EXPECT_TRUE(is_host_name("db-1.example_2.net."));
  EXPECT_TRUE(is_host_name("3com.example"));
  EXPECT_TRUE(is_host_name("10.0.0.1.in-addr.arpa"));
  EXPECT_TRUE(is_host_name(std::string(253, 'a')));
}

TEST(HostName, KnowsWhatIsNone) {
  for (const char* const text : {"", ".", ".a", "a..b", "a\n", "a b", "a:1", "2001:db8::1"}) {
    EXPECT_FALSE(is_host_name(text)) << text;
  }
  EXPECT_FALSE(is_host_name(std::string(254, 'a')));
}

TEST(HostName, AMistypedAddressIsNone) {
  EXPECT_FALSE(is_host_name("192.0.2.300"));
  EXPECT_FALSE(is_host_name("192.0.2"));
  EXPECT_FALSE(is_host_name("192.0.2.7."));
  EXPECT_FALSE(is_host_name("7"));
}

}  // namespace
}  // namespace fabrix::net
