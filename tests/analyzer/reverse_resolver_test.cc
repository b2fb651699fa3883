#include "analyzer/reverse_resolver.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/analyzer/dns_server.h"
#include "tests/http/world.h"

namespace fabrix::analyzer {
namespace {

using Outcome = ReverseResolver::Outcome;
using testing::DnsServer;

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

struct World {
  io::EventLoop loop;
  DnsServer server{loop};
  std::map<std::string, std::pair<Outcome, std::string>> answers;  // by address
  std::unique_ptr<ReverseResolver> resolver =
      ReverseResolver::create(loop, server.name(),
                              [this](const auto& asked, Outcome outcome, const std::string& name) {
                                answers[asked.to_string()] = {outcome, name};
                              })
          .value();

  bool has_answers(std::size_t count) {
    return loop.run_until([&] { return answers.size() >= count; }, http::testing::kPatience);
  }
};

TEST(ReverseResolver, NamesOfAddresses) {
  EXPECT_EQ(reverse_name(address("192.0.2.1")), "1.2.0.192.in-addr.arpa");
  // RFC 3596 §2.5.
  EXPECT_EQ(reverse_name(address("4321:0:1:2:3:4:567:89ab")),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
}

TEST(ReverseResolver, TellsNamesAndThatThereAreNone) {
  World world;
  world.server.set("192.0.2.1", "one.example");
  world.server.set("2001:db8::1", "six.example");
  EXPECT_TRUE(world.resolver->ask(address("192.0.2.1")));
  EXPECT_TRUE(world.resolver->ask(address("2001:db8::1")));
  EXPECT_TRUE(world.resolver->ask(address("192.0.2.2")));
  EXPECT_EQ(world.resolver->pending(), 3U);
  ASSERT_TRUE(world.has_answers(3));
  EXPECT_EQ(world.answers["192.0.2.1"], std::pair(Outcome::kName, std::string("one.example")));
  EXPECT_EQ(world.answers["2001:db8::1"], std::pair(Outcome::kName, std::string("six.example")));
  EXPECT_EQ(world.answers["192.0.2.2"].first, Outcome::kNone);
  EXPECT_EQ(world.resolver->pending(), 0U);
}

TEST(ReverseResolver, AsksOnlySoManyAtATime) {
  World world;
  world.server.set("192.0.2.1", "");
  for (std::size_t i = 0; i < ReverseResolver::kMaxPending; ++i) {
    EXPECT_TRUE(world.resolver->ask(address("192.0.2.1")));
  }
  EXPECT_FALSE(world.resolver->has_room());
  EXPECT_FALSE(world.resolver->ask(address("192.0.2.1")));
  // It can be destroyed with questions open; they are not answered.
  world.resolver.reset();
  EXPECT_TRUE(world.answers.empty());
}

TEST(ReverseResolver, FailsWhereNobodyListens) {
  World world;
  std::uint16_t free = 0;
  {
    const auto socket = io::DatagramSocket::bind({address("127.0.0.1"), 0}).value();
    free = socket.local().port;
  }
  world.resolver = ReverseResolver::create(world.loop, "127.0.0.1:" + std::to_string(free),
                                           [&](const auto& asked, Outcome outcome, const auto&) {
                                             world.answers[asked.to_string()] = {outcome, ""};
                                           })
                       .value();
  EXPECT_TRUE(world.resolver->ask(address("192.0.2.1")));
  ASSERT_TRUE(world.has_answers(1));
  EXPECT_EQ(world.answers["192.0.2.1"].first, Outcome::kFailed);
}

TEST(ReverseResolver, RefusesWhatIsNoListOfServers) {
  io::EventLoop loop;
  const auto made = ReverseResolver::create(loop, "nobody", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "'nobody' is no list of DNS servers");
}

}  // namespace
}  // namespace fabrix::analyzer
