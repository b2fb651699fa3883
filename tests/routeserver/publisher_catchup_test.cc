#include <gtest/gtest.h>

#include "routeserver/publisher.h"
#include "tests/routeserver/engine_world.h"

namespace fabrix::routeserver {
namespace {

class PublisherCatchupTest : public EngineWorld {
 protected:
  static constexpr auto kIpv4 = net::Family::kIpv4;
  static constexpr auto kIpv6 = net::Family::kIpv6;
  static constexpr SessionInfo kEnhanced{.families = kBoth, .enhanced_refresh = true};

  void announce_many(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) announce(1, numbered(i), {.as_path = path({200})});
    publish();
  }
};

TEST_F(PublisherCatchupTest, Rfc4724_2_ANewSessionIsToldEverythingAndThenTheEnd) {
  announce_many(10'000);
  auto& client = bring_up(0);
  while (client.ends_of_rib(kIpv4) == 0) hear(0, 1);
  EXPECT_EQ(client.prefix_count(kIpv4), 10'000U);
  drain(0);
  EXPECT_EQ(client.ends_of_rib(kIpv4), 1);
  EXPECT_EQ(client.ends_of_rib(kIpv6), 1);
  EXPECT_EQ(client.announced(), 10'000U);
}

TEST_F(PublisherCatchupTest, WhatChangesWhileASessionIsToldEverythingIsToldToo) {
  announce_many(6000);
  auto& client = bring_up(0);
  hear(0, 1);
  withdraw(1, numbered(0));
  withdraw(1, numbered(5999));
  announce(2, numbered(1), {.as_path = path({300}), .med = 7});
  announce(1, numbered(7000), {.as_path = path({200})});
  publish();
  drain(0);
  EXPECT_TRUE(client.routes(numbered(0)).empty());
  EXPECT_TRUE(client.routes(numbered(5999)).empty());
  EXPECT_EQ(client.routes(numbered(7000)).size(), 1U);
  EXPECT_EQ(client.prefix_count(kIpv4), 5999U);
}

TEST_F(PublisherCatchupTest, Rfc7313_4_ARefreshIsBracketedAndOfOneFamily) {
  announce_many(3000);
  announce(1, "2001:db8::/32");
  publish();
  auto& client = bring_up(0, kEnhanced);
  drain(0);
  publisher_.refresh(PeerId{0}, kIpv4);
  hear(0, 1);
  EXPECT_TRUE(client.in_refresh(kIpv4));
  drain(0);
  EXPECT_EQ(client.refreshes(kIpv4), 1);
  EXPECT_EQ(client.refreshes(kIpv6), 0);
  EXPECT_EQ(client.announced(), 3001U + 3000U);
  EXPECT_EQ(client.prefix_count(kIpv4), 3000U) << "none was left out";
}

TEST_F(PublisherCatchupTest, Rfc2918_ARefreshWithoutRfc7313HasNoBrackets) {
  announce_many(3);
  auto& client = bring_up(0);
  drain(0);
  publisher_.refresh(PeerId{0}, kIpv4);
  drain(0);
  EXPECT_EQ(client.announced(), 6U);
  EXPECT_EQ(client.refreshes(kIpv4), 0);
}

TEST_F(PublisherCatchupTest, AShedClientStillHearsTheEndOfWhatBegan) {
  announce_many(10);
  auto& client = bring_up(0, kEnhanced);
  hear(0, 1);  // The rest, with the ends of both RIBs, is in its queue.
  publisher_.shed(PeerId{0});
  drain(0);
  EXPECT_EQ(client.ends_of_rib(kIpv4), 1);
  EXPECT_EQ(client.ends_of_rib(kIpv6), 1);
  publisher_.refresh(PeerId{0}, kIpv4);
  hear(0, 1);
  EXPECT_TRUE(client.in_refresh(kIpv4));
  publisher_.shed(PeerId{0});
  drain(0);
  EXPECT_FALSE(client.in_refresh(kIpv4));
  publisher_.refresh(PeerId{0}, kIpv6);
  hear(0, 0);
  publisher_.shed(PeerId{0});
  drain(0);
  EXPECT_EQ(client.refreshes(kIpv6), 1);
  EXPECT_EQ(client.prefix_count(kIpv4), 10U);
}

TEST_F(PublisherCatchupTest, ABacklogThatIsTooLargeIsShedAndMadeGoodLater) {
  auto& client = bring_up(0);
  drain(0);
  std::size_t largest = 0;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    // 400 octets each.
    announce(1, numbered(i % 1500),
             {.as_path = path({200}),
              .med = i,
              .communities = std::vector(90, bgp::community(7, static_cast<std::uint16_t>(i)))});
    if (i % 7 == 6) withdraw(1, numbered(i % 1500 - 3));
    publish();
    largest = std::max(largest, publisher_.backlog(PeerId{0}));
  }
  EXPECT_LE(largest, limits_.backlog);
  drain(0);
  EXPECT_EQ(client.prefix_count(kIpv4), publisher_.view_size(PeerId{0}, kIpv4));
  for (std::uint32_t i = 0; i < 1500; ++i) {
    const auto entry = rib_.find(numbered(i));
    const bool is_there = entry && !rib_.routes(*entry).empty();
    ASSERT_EQ(client.routes(numbered(i)).size(), is_there ? 1U : 0U);
  }
}

// One slice of what it lacks may be more than its bound: it must hear that all the same.
TEST_F(PublisherCatchupTest, ASliceLargerThanTheBoundIsNoReasonToBeginAgain) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    announce(1, numbered(i),
             {.as_path = path({200}),
              .communities = std::vector(90, bgp::community(7, static_cast<std::uint16_t>(i)))});
  }
  publish();
  auto& client = bring_up(0);
  drain(0);
  EXPECT_EQ(client.prefix_count(kIpv4), 1000U);
}

TEST_F(PublisherCatchupTest, AShedSessionWithAddPathLosesWhatIsGone) {
  auto& client = bring_up(0, {.families = kBoth, .add_path = kBoth});
  bring_up(1);
  bring_up(2);
  announce(1, "10.0.0.0/24");
  announce(2, "10.0.0.0/24");
  publish();
  drain(0);
  withdraw(1, prefix("10.0.0.0/24"));
  publish();
  publisher_.shed(PeerId{0});
  drain(0);
  ASSERT_EQ(client.routes(prefix("10.0.0.0/24")).size(), 1U);
  EXPECT_EQ(client.routes(prefix("10.0.0.0/24")).front().next_hop, address("172.0.0.3"));
}

TEST_F(PublisherCatchupTest, ASessionThatEndsForgetsEverything) {
  announce_many(10);
  bring_up(0);
  hear(0, 1);
  publisher_.session_down(PeerId{0});
  EXPECT_FALSE(publisher_.has_output(PeerId{0}));
  EXPECT_TRUE(publisher_.output(PeerId{0}).empty());
  EXPECT_EQ(publisher_.backlog(PeerId{0}), 0U);
  auto& client = bring_up(0);
  drain(0);
  EXPECT_EQ(client.prefix_count(kIpv4), 10U);
}

}  // namespace
}  // namespace fabrix::routeserver
