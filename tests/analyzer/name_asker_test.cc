#include "analyzer/name_asker.h"

#include <gtest/gtest.h>

#include "tests/analyzer/dns_server.h"
#include "tests/http/world.h"

namespace fabrix::analyzer {
namespace {

using testing::DnsServer;

TEST(NameAsker, AsksWhatIsWantedAndTellsWhatComes) {
  io::EventLoop loop;
  DnsServer server(loop);
  server.set("192.0.2.1", "one.example");
  telemetry::HostNames names;
  const auto asker = NameAsker::create(loop, server.name(), names).value();
  const auto one = net::IpAddress::v4({192, 0, 2, 1});
  const auto none = net::IpAddress::v4({192, 0, 2, 2});
  EXPECT_EQ(names.name_of(one), std::nullopt);
  EXPECT_EQ(names.name_of(none), std::nullopt);
  EXPECT_TRUE(server.asked().empty());
  asker->turn();
  EXPECT_EQ(names.wanted(), 0U);
  ASSERT_TRUE(
      loop.run_until([&] { return names.name_of(one).has_value(); }, http::testing::kPatience));
  EXPECT_EQ(names.name_of(one), "one.example.");
  ASSERT_TRUE(loop.run_until([&] { return server.asked().size() >= 2; }, http::testing::kPatience));
  EXPECT_EQ(names.name_of(none), std::nullopt);
  EXPECT_EQ(names.wanted(), 0U);
}

TEST(NameAsker, LeavesTheRestForTheNextTurn) {
  io::EventLoop loop;
  DnsServer server(loop);
  telemetry::HostNames names;
  const auto asker = NameAsker::create(loop, server.name(), names).value();
  for (std::uint8_t i = 0; i < 100; ++i) {
    const auto address = net::IpAddress::v4({192, 0, 2, i});
    server.set(address.to_string(), "x.example");
    EXPECT_EQ(names.name_of(address), std::nullopt);
  }
  asker->turn();
  EXPECT_EQ(names.wanted(), 100 - ReverseResolver::kMaxPending);
  const auto last = net::IpAddress::v4({192, 0, 2, 99});
  EXPECT_TRUE(loop.run_until(
      [&] {
        asker->turn();
        return names.name_of(last) == "x.example.";
      },
      http::testing::kPatience));
  EXPECT_EQ(names.wanted(), 0U);
}

TEST(NameAsker, RefusesWhatIsNoServer) {
  io::EventLoop loop;
  telemetry::HostNames names;
  EXPECT_FALSE(NameAsker::create(loop, "?", names));
}

}  // namespace
}  // namespace fabrix::analyzer
