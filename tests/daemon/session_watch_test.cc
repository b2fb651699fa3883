#include "daemon/session_watch.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/watched_world.h"

namespace fabrix::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionWatchTest : public ::testing::Test {
 protected:
  SessionWatchTest() { watch_.add(listener_); }

  std::vector<std::string> heard() { return std::exchange(listener_.heard, {}); }

  void come_up(routeserver::PeerId peer) {
    world_.controller.session_up(peer, {.bgp_identifier = peer.value + 1U,
                                        .families = {.ipv4 = true, .ipv6 = false},
                                        .asn_width = bgp::AsnWidth::kFourOctets});
  }
  void withdraw(routeserver::PeerId peer, const std::string& prefix) {
    bgp::UpdateMessage update;
    update.withdrawn = {*net::Prefix::parse(prefix)};
    world_.controller.update(peer, update);
  }

  static constexpr routeserver::PeerId kB{1};
  static constexpr routeserver::PeerId kC{2};

  api::testing::World world_;
  SessionWatch watch_{world_.controller, testing::fake_words(world_.controller)};
  testing::Listener listener_;
};

TEST_F(SessionWatchTest, TellsWhenSessionsComeAndGo) {
  come_up(kB);
  world_.controller.session_down(kB);
  EXPECT_THAT(heard(), ElementsAre("up 172.0.0.2", "down 1 reason 3"));
  EXPECT_FALSE(watch_.sessions().at(kB).established);
  EXPECT_EQ(watch_.tally(kB).state_changes, 2U);
  EXPECT_EQ(watch_.tally(kC).state_changes, 0U);
}

TEST_F(SessionWatchTest, TellsWhatAnUpdateChanged) {
  world_.announce("b1", "150.0.0.0/24", {200});
  world_.announce("b1", "150.0.0.0/24", {666});
  world_.announce("b1", "150.0.0.0/24", {200});
  withdraw(kB, "150.0.0.0/24");
  withdraw(kB, "150.0.0.0/24");
  EXPECT_THAT(heard(),
              ElementsAre("1: 150.0.0.0/24 none->accepted", "1: 150.0.0.0/24 accepted->filtered",
                          "1: 150.0.0.0/24 filtered->accepted", "1: 150.0.0.0/24 accepted->none",
                          "1: 150.0.0.0/24 none->none"));
}

TEST_F(SessionWatchTest, PutsPrefixesThatChangeAlikeTogether) {
  bgp::UpdateMessage update;
  const auto attributes = [&] {
    bgp::PathAttributes all;
    all.as_path = {.segments = {{.asns = {net::Asn{200}}}}};
    return std::make_shared<const bgp::PathAttributes>(all);
  };
  update.attributes = attributes();
  update.withdrawn = {*net::Prefix::parse("140.0.0.0/24"), *net::Prefix::parse("77.0.0.0/24")};
  update.announced = {{.family = net::Family::kIpv4,
                       .next_hop = *net::IpAddress::parse("172.0.0.2"),
                       .prefixes = {*net::Prefix::parse("60.0.0.0/24"),
                                    *net::Prefix::parse("172.0.5.0/24"),  // of the peering LAN
                                    *net::Prefix::parse("60.0.2.0/24")}}};
  update.end_of_rib = {net::Family::kIpv4};
  world_.controller.update(kB, update);
  EXPECT_THAT(heard(), ElementsAre("1: 140.0.0.0/24 accepted->none", "1: 77.0.0.0/24 none->none",
                                   "1: 60.0.0.0/24 60.0.2.0/24 none->accepted",
                                   "1: 172.0.5.0/24 none->filtered", "end 1 ipv4"));
}

TEST_F(SessionWatchTest, TellsHowManyRoutesThereAre) {
  come_up(kC);
  heard();
  watch_.tell_statistics();
  // IPv4 received and sent, IPv6 received and sent, all received. C is told everything again.
  ASSERT_EQ(listener_.heard.size(), 1U);
  EXPECT_THAT(heard()[0], ::testing::MatchesRegex("statistics 2 3 [01] 0 0 3"));
}

TEST_F(SessionWatchTest, SaysNothingAfterItsEnd) {
  {
    SessionWatch other(world_.controller, testing::fake_words(world_.controller));
    other.add(listener_);
  }
  world_.announce("b1", "150.0.0.0/24", {200});
  EXPECT_THAT(heard(), IsEmpty());
}

}  // namespace
}  // namespace fabrix::daemon
