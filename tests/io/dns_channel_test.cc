// What is asked through it: host_lookup_test.cc, and the analyzer's reverse_resolver_test.cc.
#include "io/dns_channel.h"

#include <gtest/gtest.h>

namespace fabrix::io {
namespace {

TEST(DnsChannel, TakesListsOfServers) {
  EventLoop loop;
  EXPECT_TRUE(DnsChannel::open(loop, ""));
  EXPECT_TRUE(DnsChannel::open(loop, "192.0.2.53,[2001:db8::53]:5353"));
  const auto wrong = DnsChannel::open(loop, "nobody");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "'nobody' is no list of DNS servers");
}

}  // namespace
}  // namespace fabrix::io
