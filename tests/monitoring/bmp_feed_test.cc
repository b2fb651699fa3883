#include "monitoring/bmp_feed.h"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/update_message.h"
#include "monitoring/bmp_decoder.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::attributes;
using testing::MemoryTable;
using testing::prefix;
using testing::route;
using testing::session;

// What a station makes of a feed: who is up, and which routes they have in which view.
class Station {
 public:
  using Key = std::tuple<net::Asn, RibView, net::Prefix>;
  using EndOfRib = std::tuple<net::Asn, RibView, net::Family>;

  void take(BmpFeed& feed) {
    while (feed.queued() > 0) {
      const auto octets = feed.take();
      const auto messages = decode_bmp_stream(octets);
      ASSERT_TRUE(messages) << describe(messages.error());
      for (const BmpMessage& message : *messages) {
        ++count;
        std::visit([this](const auto& value) { hear(value); }, message);
      }
    }
  }

  std::size_t count = 0;
  std::optional<Initiation> initiation;
  std::optional<Termination> termination;
  std::set<net::Asn> up;
  std::map<Key, bgp::PathAttributes> routes;
  std::set<EndOfRib> ended;
  std::vector<PeerDown> downs;
  std::vector<StatisticsReport> reports;

 private:
  void hear(const Initiation& message) {
    EXPECT_EQ(count, 1U) << "RFC 7854 §3.3: the first";
    initiation = message;
  }
  void hear(const Termination& message) { termination = message; }
  void hear(const PeerUp& message) {
    EXPECT_TRUE(initiation);
    EXPECT_TRUE(up.insert(message.peer.asn).second);
    EXPECT_EQ(message.received.my_as, message.peer.asn);
  }
  void hear(const PeerDown& message) {
    EXPECT_EQ(up.erase(message.peer.asn), 1U);
    std::erase_if(routes,
                  [&](const auto& item) { return std::get<0>(item.first) == message.peer.asn; });
    downs.push_back(message);
  }
  void hear(const StatisticsReport& message) { reports.push_back(message); }
  void hear(const RouteMonitoring& message) {
    const net::Asn asn = message.peer.asn;
    const RibView view = message.peer.view;
    EXPECT_TRUE(up.contains(asn));
    const auto update =
        bgp::decode_update(std::span(message.update).subspan(bgp::kHeaderSize), {}).value();
    for (const net::Prefix& gone : update.withdrawn) routes.erase({asn, view, gone});
    for (const bgp::Announcement& announcement : update.announced) {
      for (const net::Prefix& added : announcement.prefixes) {
        routes[{asn, view, added}] = *update.attributes;
        EXPECT_EQ(message.peer.time, testing::time(123'456));
      }
    }
    for (const net::Family family : update.end_of_rib) {
      EXPECT_TRUE(ended.insert({asn, view, family}).second) << "once";
    }
  }
};

constexpr net::Asn kOne{64501};
constexpr net::Asn kTwo{64502};
constexpr auto kPre = RibView::kAdjRibIn;
constexpr auto kPost = RibView::kAdjRibInPostPolicy;

class BmpFeedTest : public ::testing::Test {
 protected:
  BmpFeedTest() {
    table_.sessions = {session(1), session(2, net::Family::kIpv6), session(3)};
    table_.sessions[2].established = false;
    table_.routes[v4_] = {route(1, attributes({64501}), "192.0.2.11"),
                          route(2, attributes({64502}), "2001:db8::c", RouteState::kFiltered)};
    table_.routes[v6_] = {route(2, attributes({64502, 1}), "2001:db8::c")};
    table_.routes[stale_] = {route(3, attributes({64503}), "192.0.2.13")};
    table_.routes[v4_].back() = route(2, attributes({64502}), "192.0.2.12", RouteState::kFiltered);
  }

  BmpFeed feed(BmpViews views = {}) {
    return BmpFeed({.system_name = "rs1", .system_description = "Fabrix", .views = views}, table_);
  }

  void run(BmpFeed& feed) {
    while (!feed.table_complete() && !feed.lost()) feed.advance(1, testing::time(900'000));
    station_.take(feed);
  }

  static RouteChange change(const std::vector<net::Prefix>& prefixes, std::optional<Route> now,
                            std::optional<RouteState> before) {
    return {.peer = PeerKey{1},
            .prefixes = prefixes,
            .now = std::move(now),
            .before = before,
            .time = testing::time(123'456)};
  }

  const net::Prefix v4_ = prefix("198.51.100.0/24");
  const net::Prefix v6_ = prefix("2001:db8:1::/48");
  const net::Prefix stale_ = prefix("203.0.113.0/24");
  const std::vector<net::Prefix> one_{prefix("198.51.100.0/24")};
  MemoryTable table_;
  Station station_;
};

TEST_F(BmpFeedTest, Rfc7854_5_BeginsWithTheWholePicture) {
  BmpFeed subject = feed();
  run(subject);
  ASSERT_TRUE(station_.initiation);
  EXPECT_EQ(station_.initiation->name, "rs1");
  EXPECT_EQ(station_.initiation->description, "Fabrix");
  EXPECT_EQ(station_.up, (std::set{kOne, kTwo})) << "a peer with stale routes only is not up";
  const std::map<Station::Key, bgp::PathAttributes> wanted{
      {{kOne, kPre, v4_}, attributes({64501})},
      {{kOne, kPost, v4_}, attributes({64501})},
      {{kTwo, kPre, v4_}, attributes({64502})},
      {{kTwo, kPre, v6_}, attributes({64502, 1})},
      {{kTwo, kPost, v6_}, attributes({64502, 1})}};
  EXPECT_EQ(station_.routes, wanted);
  EXPECT_EQ(station_.ended.size(), 8U) << "2 peers, 2 views, 2 families";
  EXPECT_EQ(subject.counters().routes, 5U);
  EXPECT_EQ(subject.counters().messages, station_.count);
}

TEST_F(BmpFeedTest, ViewsCanBeLeftOut) {
  BmpFeed pre = feed({.pre_policy = true, .post_policy = false});
  run(pre);
  for (const auto& [key, value] : station_.routes) EXPECT_EQ(std::get<1>(key), kPre);
  EXPECT_EQ(station_.routes.size(), 3U);
  station_ = {};
  BmpFeed post = feed({.pre_policy = false, .post_policy = true});
  run(post);
  for (const auto& [key, value] : station_.routes) EXPECT_EQ(std::get<1>(key), kPost);
  EXPECT_EQ(station_.routes.size(), 2U);
}

TEST_F(BmpFeedTest, PostPolicyShowsWhatTheImportPolicyLeft) {
  table_.routes[v4_][0].imported = testing::shared(attributes({64501, 64599}));
  BmpFeed subject = feed();
  run(subject);
  EXPECT_EQ(station_.routes.at({kOne, kPre, v4_}), attributes({64501}));
  EXPECT_EQ(station_.routes.at({kOne, kPost, v4_}), attributes({64501, 64599}));
}

TEST_F(BmpFeedTest, ARouteThatIsNowFilteredLeavesThePostPolicyView) {
  BmpFeed subject = feed();
  run(subject);
  subject.routes_changed(
      change(one_, route(1, attributes({64501, 9}), "192.0.2.11", RouteState::kFiltered),
             RouteState::kAccepted));
  station_.take(subject);
  EXPECT_EQ(station_.routes.at({kOne, kPre, v4_}), attributes({64501, 9}));
  EXPECT_FALSE(station_.routes.contains({kOne, kPost, v4_}));
  const std::size_t before = station_.count;
  subject.routes_changed(change(one_, std::nullopt, RouteState::kFiltered));
  station_.take(subject);
  EXPECT_FALSE(station_.routes.contains({kOne, kPre, v4_}));
  EXPECT_EQ(station_.count, before + 1) << "it was not in the other view";
}

TEST_F(BmpFeedTest, ChangesDuringTheTableAreNotLost) {
  BmpFeed subject = feed();
  subject.advance(1, testing::time());
  // The first prefix has been said; the table goes on behind it.
  table_.routes.erase(v4_);
  subject.routes_changed(change(one_, std::nullopt, RouteState::kAccepted));
  const auto early = route(1, attributes({64501, 7}), "192.0.2.11");
  const std::vector later{prefix("203.0.113.128/25")};
  table_.routes[later.front()] = {early};
  subject.routes_changed(change(later, early, std::nullopt));
  run(subject);
  EXPECT_FALSE(station_.routes.contains({kOne, kPre, v4_}));
  EXPECT_FALSE(station_.routes.contains({kOne, kPost, v4_}));
  EXPECT_EQ(station_.routes.at({kOne, kPost, later.front()}), attributes({64501, 7}));
}

TEST_F(BmpFeedTest, EndOfRibWaitsForTheTableAndComesOnce) {
  BmpFeed subject = feed();
  subject.end_of_rib(PeerKey{1}, net::Family::kIpv4, testing::time());
  station_.take(subject);
  EXPECT_TRUE(station_.ended.empty());
  run(subject);
  subject.end_of_rib(PeerKey{1}, net::Family::kIpv4, testing::time());
  station_.take(subject);
  EXPECT_EQ(station_.ended.size(), 8U);
}

TEST_F(BmpFeedTest, EndOfRibIsOfNegotiatedFamiliesOnly) {
  table_.sessions[0].received_open.capabilities = {bgp::Multiprotocol{.afi = 1}};
  BmpFeed subject = feed();
  run(subject);
  EXPECT_EQ(station_.ended.size(), 6U);
  EXPECT_FALSE(station_.ended.contains({kOne, kPre, net::Family::kIpv6}));
}

TEST_F(BmpFeedTest, APeerThatComesLaterEndsItsRibItself) {
  BmpFeed subject = feed();
  run(subject);
  subject.peer_up(session(3));
  subject.end_of_rib(PeerKey{3}, net::Family::kIpv4, testing::time());
  station_.take(subject);
  EXPECT_TRUE(station_.up.contains(net::Asn{64503}));
  EXPECT_TRUE(station_.ended.contains({net::Asn{64503}, kPost, net::Family::kIpv4}));
  EXPECT_FALSE(station_.ended.contains({net::Asn{64503}, kPost, net::Family::kIpv6}));
}

TEST_F(BmpFeedTest, TellsWhyAPeerWentDownAndNoMoreOfIt) {
  BmpFeed subject = feed();
  run(subject);
  subject.peer_down(PeerKey{1}, LocalEvent{10}, testing::time(5));
  const std::vector<Statistic> values{{.type = StatisticType::kAdjRibIn, .value = 3}};
  subject.statistics(PeerKey{1}, values, testing::time());
  subject.statistics(PeerKey{2}, values, testing::time(6));
  subject.peer_down(PeerKey{1}, LocalEvent{10}, testing::time());
  subject.routes_changed(change(one_, std::nullopt, RouteState::kAccepted));
  subject.end_of_rib(PeerKey{1}, net::Family::kIpv4, testing::time());
  station_.take(subject);
  EXPECT_EQ(station_.up, (std::set{kTwo}));
  ASSERT_EQ(station_.downs.size(), 1U);
  EXPECT_EQ(station_.downs[0].reason, DownReason(LocalEvent{10}));
  EXPECT_EQ(station_.downs[0].peer.time, testing::time(5));
  ASSERT_EQ(station_.reports.size(), 1U);
  EXPECT_EQ(station_.reports[0].statistics, values);
}

TEST_F(BmpFeedTest, Rfc7854_4_5_EndsWithATermination) {
  BmpFeed subject = feed();
  run(subject);
  subject.terminate(TerminationReason::kAdministrativelyClosed);
  station_.take(subject);
  ASSERT_TRUE(station_.termination);
  EXPECT_EQ(station_.termination->reason, TerminationReason::kAdministrativelyClosed);
}

TEST_F(BmpFeedTest, IsLostWhenTheStationIsTooSlow) {
  BmpFeed subject({.system_name = "rs1", .system_description = "Fabrix", .max_queued = 4096},
                  table_);
  const auto route_of_one = route(1, attributes({64501}), "192.0.2.11");
  for (int i = 0; i < 100 && !subject.lost(); ++i) {
    EXPECT_LE(subject.queued(), 4096U);
    subject.routes_changed(change(one_, route_of_one, std::nullopt));
  }
  EXPECT_TRUE(subject.lost());
  EXPECT_EQ(subject.queued(), 0U);
  subject.routes_changed(change(one_, route_of_one, std::nullopt));
  subject.peer_up(session(3));
  subject.advance(100, testing::time());
  subject.terminate(TerminationReason::kOutOfResources);
  EXPECT_EQ(subject.queued(), 0U);
  EXPECT_TRUE(subject.take().empty());
}

TEST_F(BmpFeedTest, ARouteThatNoMessageCanSayIsWithdrawn) {
  BmpFeed subject = feed();
  run(subject);
  bgp::PathAttributes large = attributes({64501});
  large.communities.resize(20'000);
  subject.routes_changed(change(one_, route(1, large, "192.0.2.11"), RouteState::kAccepted));
  station_.take(subject);
  EXPECT_FALSE(station_.routes.contains({kOne, kPre, v4_}));
  EXPECT_FALSE(station_.routes.contains({kOne, kPost, v4_}));
  EXPECT_EQ(subject.counters().left_out, 2U);
}

TEST_F(BmpFeedTest, HandsOutBoundedPieces) {
  for (std::uint8_t i = 0; i < 250; ++i) {
    for (std::uint8_t j = 0; j < 4; ++j) {
      const auto added = *net::Prefix::containing(net::IpAddress::v4({20, i, j, 0}), 24);
      table_.routes[added] = {route(1, attributes({64501}), "192.0.2.11")};
    }
  }
  BmpFeed subject = feed();
  subject.advance(100'000, testing::time());
  EXPECT_FALSE(subject.table_complete() && subject.queued() == 0);
  std::size_t pieces = 0;
  while (subject.queued() > 0) {
    const auto piece = subject.take();
    EXPECT_LT(piece.size(), 70'000U);
    EXPECT_TRUE(decode_bmp_stream(piece)) << "whole messages";
    ++pieces;
  }
  EXPECT_GT(pieces, 2U);
}

}  // namespace
}  // namespace fabrix::monitoring
