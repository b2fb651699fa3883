#include "io/host_lookup.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "tests/io/dns_server.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::DnsServer;
using testing::ip;
using testing::kPatience;

class HostLookupTest : public ::testing::Test {
 protected:
  Result<std::vector<net::IpAddress>> look_up(const std::string& host) {
    std::optional<Result<std::vector<net::IpAddress>>> found;
    const HostLookup lookup(
        loop_, host, [&](auto result) { found = std::move(result); }, server_.name());
    EXPECT_FALSE(found) << "called back before the loop ran";
    EXPECT_TRUE(loop_.run_until([&] { return found.has_value(); }, kPatience));
    return found.value_or(fail(Error{"nothing"}));
  }

  EventLoop loop_;
  DnsServer server_{loop_};
};

TEST_F(HostLookupTest, FindsAddressesOfBothFamilies) {
  server_.add("db.example.net", ip("192.0.2.7"));
  server_.add("db.example.net", ip("192.0.2.8"));
  server_.add("db.example.net", ip("2001:db8::7"));
  auto found = look_up("db.example.net").value();
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector{ip("192.0.2.7"), ip("192.0.2.8"), ip("2001:db8::7")}));
}

TEST_F(HostLookupTest, KnowsAddressesAndItself) {
  EXPECT_EQ(look_up("192.0.2.1").value(), std::vector{ip("192.0.2.1")});
  EXPECT_EQ(look_up("2001:db8::1").value(), std::vector{ip("2001:db8::1")});
  const auto here = look_up("localhost").value();
  EXPECT_NE(std::ranges::find(here, ip("127.0.0.1")), here.end());
  EXPECT_TRUE(server_.asked().empty());
}

TEST_F(HostLookupTest, SaysThatThereIsNone) {
  const auto found = look_up("none.example.net.");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "none.example.net. is not found: Domain name not found");
  for (const char* text : {"", "a b", "a/b", ".", "192.0.2.300", "[::1]"}) {
    EXPECT_EQ(look_up(text).error().message, "'" + std::string(text) + "' is no host");
  }
}

TEST_F(HostLookupTest, IsGivenUp) {
  server_.silence("slow.example.net");
  bool is_told = false;
  {
    const HostLookup lookup(
        loop_, "slow.example.net", [&](const auto&) { is_told = true; }, server_.name());
    EXPECT_TRUE(loop_.run_until([&] { return !server_.asked().empty(); }, kPatience));
  }
  EXPECT_FALSE(is_told);
}

}  // namespace
}  // namespace fabrix::io
