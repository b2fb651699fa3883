#include "api/monitor_hub.h"

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;

class Paper final : public MonitorHub::Outlet {
 public:
  bool has_room() const override { return !full; }
  void say(std::string_view line) override { lines.emplace_back(line); }

  boost::json::value last() const { return boost::json::parse(lines.back()); }

  bool full = false;
  std::vector<std::string> lines;
};

class MonitorHubTest : public ::testing::Test {
 protected:
  MonitorFilter filter(const std::string& request) const {
    return monitor_filter(world_.controller, boost::json::parse(request).as_object()).value();
  }
  RefusalKind refusal(const std::string& request) const {
    return monitor_filter(world_.controller, boost::json::parse(request).as_object()).error().kind;
  }
  void up(std::uint32_t peer) {
    monitoring::PeerSession session;
    session.key = monitoring::PeerKey{peer};
    hub_.peer_up(session);
  }
  void withdraw(std::uint32_t peer, const std::vector<std::string>& texts) {
    std::vector<net::Prefix> prefixes;
    for (const std::string& text : texts) prefixes.push_back(*net::Prefix::parse(text));
    hub_.routes_changed({.peer = monitoring::PeerKey{peer},
                         .prefixes = prefixes,
                         .now = std::nullopt,
                         .before = monitoring::RouteState::kAccepted,
                         .time = {}});
  }
  // As the route server has them.
  void announced(std::uint32_t peer, const std::vector<std::string>& texts) {
    std::vector<net::Prefix> prefixes;
    for (const std::string& text : texts) prefixes.push_back(*net::Prefix::parse(text));
    const routeserver::PeerId id{static_cast<std::uint16_t>(peer)};
    const auto route = world_.controller.route_server().route_of(id, prefixes.front());
    ASSERT_TRUE(route);
    const auto state =
        route->rejected ? monitoring::RouteState::kFiltered : monitoring::RouteState::kAccepted;
    hub_.routes_changed({.peer = monitoring::PeerKey{peer},
                         .prefixes = prefixes,
                         .now = monitoring::Route{.peer = monitoring::PeerKey{peer},
                                                  .next_hop = route->next_hop,
                                                  .attributes = route->path->attributes,
                                                  .imported = nullptr,
                                                  .received = {},
                                                  .state = state},
                         .before = std::nullopt,
                         .time = {}});
  }

  testing::World world_;
  int began_ = 0;
  int ended_ = 0;
  MonitorHub hub_{world_.controller,
                  {.begin = [this](monitoring::Observer&) { ++began_; },
                   .end = [this](monitoring::Observer&) { ++ended_; }}};
};

TEST_F(MonitorHubTest, TellsSessionsAndWhyTheyEnd) {
  Paper paper;
  const auto subscription = hub_.subscribe({}, paper);
  up(1);
  EXPECT_EQ(paper.lines.back(),
            "{\"event\":\"session-up\",\"time\":\"1970-01-01T00:00:00.000000Z\","
            "\"router\":\"b1\",\"participant\":\"B\",\"address\":\"172.0.0.2\",\"asn\":200}\n");
  hub_.peer_down(
      monitoring::PeerKey{1},
      monitoring::RemoteNotification{bgp::cease(bgp::Cease::kAdministrativeShutdown, "see you")},
      {});
  EXPECT_EQ(paper.last().at("event").as_string(), "session-down");
  EXPECT_EQ(paper.last().at("reason").as_string(), "it sent 6/2 administrative shutdown: see you");
  hub_.end_of_rib(monitoring::PeerKey{1}, net::Family::kIpv6, {});
  EXPECT_EQ(paper.last().at("family").as_string(), "ipv6");
}

TEST_F(MonitorHubTest, TellsRoutesWithTheVerdictAndItsReason) {
  Paper paper;
  const auto subscription = hub_.subscribe({}, paper);
  announced(2, {"140.0.0.0/24", "140.0.0.0/16"});
  EXPECT_EQ(paper.last().at("verdict").as_string(), "accepted");
  EXPECT_EQ(paper.last().at("prefixes").as_array().size(), 2U);
  EXPECT_EQ(paper.last().at("as_path").as_string(), "300");
  EXPECT_FALSE(paper.last().as_object().contains("reason"));
  announced(2, {"9.9.9.0/24"});
  EXPECT_EQ(paper.last().at("verdict").as_string(), "filtered");
  EXPECT_EQ(paper.last().at("reason_code").as_string(), "first-as");
  EXPECT_NE(paper.last().at("reason").as_string(), "");
  withdraw(2, {"140.0.0.0/24"});
  EXPECT_EQ(paper.last().at("verdict").as_string(), "withdrawn");
  EXPECT_EQ(paper.last().at("before").as_string(), "accepted");
}

TEST_F(MonitorHubTest, TellsMalformedUpdates) {
  Paper paper;
  const auto subscription = hub_.subscribe({}, paper);
  hub_.bad_update(routeserver::PeerId{1},
                  {.reaction = bgp::BadUpdateReaction::kTreatAsWithdraw,
                   .faults = {{"ORIGIN (1): wrong length", "RFC 7606 §7.1"}},
                   .message = std::vector<std::byte>(40)});
  EXPECT_EQ(paper.last().at("event").as_string(), "malformed-update");
  EXPECT_EQ(paper.last().at("faults").as_string(), "ORIGIN (1): wrong length (RFC 7606 §7.1)");
  EXPECT_EQ(paper.last().at("octets").to_number<int>(), 40);
}

TEST_F(MonitorHubTest, TellsEachWhatItWants) {
  Paper sessions;
  Paper of_c;
  const auto first = hub_.subscribe(filter(R"({"topic":"sessions"})"), sessions);
  const auto second = hub_.subscribe(filter(R"({"topic":"routes","neighbors":["C"]})"), of_c);
  up(1);
  up(2);
  withdraw(1, {"1.0.0.0/8"});
  withdraw(2, {"2.0.0.0/8"});
  EXPECT_EQ(sessions.lines.size(), 2U);
  ASSERT_EQ(of_c.lines.size(), 1U);
  EXPECT_THAT(of_c.lines[0], HasSubstr("2.0.0.0/8"));
}

TEST_F(MonitorHubTest, ASlowListenerLosesEventsAndIsToldHowMany) {
  Paper slow;
  Paper quick;
  auto first = hub_.subscribe({}, slow);
  const auto second = hub_.subscribe({}, quick);
  slow.full = true;
  for (int i = 0; i < 500; ++i) withdraw(1, {"1.0.0.0/8", "2.0.0.0/8"});
  EXPECT_TRUE(slow.lines.empty());
  EXPECT_EQ(quick.lines.size(), 500U) << "others do not suffer";
  slow.full = false;
  up(1);
  ASSERT_EQ(slow.lines.size(), 2U);
  const auto lost = boost::json::parse(slow.lines[0]);
  EXPECT_EQ(lost.at("event").as_string(), "lost");
  EXPECT_EQ(lost.at("count").to_number<int>(), 1000);
  slow.full = true;
  up(1);
  slow.full = false;
  first.resume();
  EXPECT_EQ(slow.last().at("count").to_number<int>(), 1) << "told without a further event";
  first.resume();
  EXPECT_EQ(slow.lines.size(), 3U);
}

TEST_F(MonitorHubTest, ObservesOnlyWhileSomebodyListens) {
  Paper paper;
  EXPECT_EQ(began_, 0);
  {
    auto one = hub_.subscribe({}, paper);
    const auto moved = std::move(one);
    const auto two = hub_.subscribe({}, paper);
    EXPECT_EQ(began_, 1);
    EXPECT_EQ(hub_.listeners(), 2U);
    EXPECT_EQ(ended_, 0);
  }
  EXPECT_EQ(ended_, 1);
  up(1);
  EXPECT_TRUE(paper.lines.empty());
}

TEST_F(MonitorHubTest, RefusesWhatCannotBeMonitored) {
  EXPECT_EQ(refusal(R"({"topic":"x"})"), RefusalKind::kBadRequest);
  EXPECT_EQ(refusal(R"({"neighbors":["Z"]})"), RefusalKind::kNotFound);
  EXPECT_EQ(refusal(R"({"neighbors":[7]})"), RefusalKind::kBadRequest);
}

}  // namespace
}  // namespace fabrix::api
