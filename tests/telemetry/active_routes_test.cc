#include "telemetry/active_routes.h"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = RouteChange::Kind;

net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

net::IpAddress hop(std::uint8_t number) {
  return net::IpAddress::v4({192, 0, 2, number});
}

// A router's table, its active routes, and a switch that does what they tell.
class ActiveRoutesTest : public testing::Test {
 protected:
  void begin(const ActiveRouteOptions& options) { active_.emplace(options); }

  void put(std::string_view text, std::uint8_t number) { put(prefix(text), number); }
  void put(const net::Prefix& at, std::uint8_t number) {
    const RouteInfo info{.next_hop = hop(number)};
    if (number == 0) {
      table_.erase(at);
    } else {
      table_.insert(at, std::make_shared<const RouteInfo>(info));
    }
    active_->changed(at);
  }

  void send(std::string_view to, double octets = 1000) { send(address(to), octets); }
  void send(const net::IpAddress& to, double octets) { active_->routed(table_, to, octets, now_); }

  // "-10.2.0.0/16 +10.1.0.0/16=1"; = is a change of the next hop.
  std::string advance(Time by = milliseconds(100)) {
    now_ += by;
    const TableView view(table_);
    changes_ = active_->advance(&view, now_);
    std::string text;
    for (const RouteChange& change : changes_) {
      if (!text.empty()) text += ' ';
      text += change.kind == Kind::kAdd ? '+' : change.kind == Kind::kRemove ? '-' : '=';
      text += change.prefix.to_string();
      apply(change);
      if (change.kind != Kind::kRemove) {
        text += "=" + std::to_string(change.next_hop.octets()[3]);
      }
    }
    return text;
  }

  void apply(const RouteChange& change) {
    if (change.kind == Kind::kRemove) {
      EXPECT_EQ(installed_.erase(change.prefix), 1U) << change.prefix.to_string();
    } else {
      EXPECT_EQ(installed_.contains(change.prefix), change.kind == Kind::kReplace)
          << change.prefix.to_string();
      installed_.insert_or_assign(change.prefix, change.next_hop);
    }
  }

  ActiveRouteCounts counts() const { return active_->counts(net::Family::kIpv4, now_); }

  RouteTable table_;
  std::optional<ActiveRoutes> active_;
  Time now_ = seconds(1'700'000'000);
  std::map<net::Prefix, net::IpAddress> installed_;
  std::vector<RouteChange> changes_;
};

TEST_F(ActiveRoutesTest, ARouteWithTrafficIsInstalledAtOnceWhileThereIsRoom) {
  begin({.limit4 = 2});
  put("10.1.0.0/16", 1);
  put("10.2.0.0/16", 2);
  EXPECT_EQ(advance(), "");
  send("10.2.3.4");
  EXPECT_EQ(advance(), "+10.2.0.0/16=2");
  send("10.1.3.4");
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  send("10.1.3.4");
  EXPECT_EQ(advance(), "");
  send("10.3.3.4");
  EXPECT_EQ(advance(), "");
}

TEST_F(ActiveRoutesTest, OfAFamilyWithoutRoomNothingIsInstalled) {
  begin({.limit4 = 0, .limit6 = 1});
  put("10.1.0.0/16", 1);
  put("2001:db8::/32", 1);
  send("10.1.0.1");
  send("2001:db8::1");
  EXPECT_EQ(advance(), "+2001:db8::/32=1");
  EXPECT_EQ(counts().samples, 0U);
}

TEST_F(ActiveRoutesTest, TheSmallestGivesWayToOneThatCarriesClearlyMore) {
  begin({.limit4 = 2, .advantage = 0.25, .hold = seconds(10)});
  for (std::uint8_t i = 1; i <= 4; ++i) put("10." + std::to_string(i) + ".0.0/16", i);
  send("10.1.0.1", 1000);
  send("10.2.0.1", 2000);
  EXPECT_EQ(advance(), "+10.1.0.0/16=1 +10.2.0.0/16=2");
  send("10.3.0.1", 1200);
  EXPECT_EQ(advance(seconds(20)), "");
  send("10.3.0.1", 200);
  EXPECT_EQ(advance(), "-10.1.0.0/16 +10.3.0.0/16=3");
  send("10.1.0.1", 1'000'000);
  EXPECT_EQ(advance(seconds(1)), "-10.2.0.0/16 +10.1.0.0/16=1");  // the other one is too new
  send("10.4.0.1", 1'000'000);
  EXPECT_EQ(advance(seconds(1)), "");
  EXPECT_EQ(advance(seconds(9)), "-10.3.0.0/16 +10.4.0.0/16=4");
}

TEST_F(ActiveRoutesTest, LittleTrafficNeedsNoRoute) {
  begin({.limit4 = 9, .min_rate = 100, .smoothing = seconds(1), .hold = seconds(10)});
  put("10.1.0.0/16", 1);
  send("10.1.0.1", 99);
  EXPECT_EQ(advance(), "");
  send("10.1.0.1", 200);
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  EXPECT_EQ(advance(seconds(9)), "");
  EXPECT_EQ(advance(seconds(2)), "-10.1.0.0/16");
}

TEST_F(ActiveRoutesTest, ARouteThatGoesLeavesAtOnce) {
  begin({.limit4 = 9, .changes_per_second = 1, .hold = seconds(1000)});
  for (std::uint8_t i = 1; i <= 3; ++i) put("10." + std::to_string(i) + ".0.0/16", i);
  for (const auto* const to : {"10.1.0.1", "10.2.0.1", "10.3.0.1"}) send(to);
  EXPECT_EQ(advance(), "+10.1.0.0/16=1 +10.2.0.0/16=2");
  EXPECT_EQ(advance(seconds(1)), "+10.3.0.0/16=3");
  for (std::uint8_t i = 1; i <= 3; ++i) put("10." + std::to_string(i) + ".0.0/16", 0);
  EXPECT_EQ(advance(), "-10.1.0.0/16 -10.2.0.0/16 -10.3.0.0/16");
}

TEST_F(ActiveRoutesTest, NextHopsFollowTheTable) {
  begin({.limit4 = 9});
  put("10.1.0.0/16", 1);
  send("10.1.0.1");
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  put("10.1.0.0/16", 2);
  EXPECT_EQ(advance(), "=10.1.0.0/16=2");
  put("10.1.0.0/16", 2);
  EXPECT_EQ(advance(), "");
  put("10.0.0.0/8", 3);
  put("10.1.0.0/16", 0);
  EXPECT_EQ(advance(), "=10.1.0.0/16=3");
}

// A packet to 10.1.2.1 would go with 10.1.0.0/16 otherwise.
TEST_F(ActiveRoutesTest, ARouteInsideThatGoesAnotherWayTakesItsCoverAway) {
  begin({.limit4 = 1});
  put("10.1.0.0/16", 1);
  send("10.1.200.1");
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  put("10.1.2.0/24", 2);
  EXPECT_EQ(advance(), "-10.1.0.0/16 +10.1.128.0/17=1");
}

TEST_F(ActiveRoutesTest, PartsBecomeOneAgain) {
  begin({.limit4 = 9});
  put("10.1.0.0/16", 1);
  put("10.1.2.0/24", 2);
  send("10.1.200.1", 1000);
  send("10.1.2.1", 2000);
  EXPECT_EQ(advance(), "+10.1.128.0/17=1 +10.1.2.0/24=2");
  put("10.1.2.0/24", 0);
  EXPECT_EQ(advance(), "=10.1.2.0/24=1");
  send("10.1.0.1", 1000);
  EXPECT_EQ(advance(), "-10.1.2.0/24 -10.1.128.0/17 +10.1.0.0/16=1");
  EXPECT_EQ(active_->installed(now_).size(), 1U);
  EXPECT_NEAR(active_->installed(now_)[0].rate, 4000.0 / 60, 1);
}

TEST_F(ActiveRoutesTest, NoTableMeansNoRoutes) {
  begin({.limit4 = 9});
  put("10.1.0.0/16", 1);
  send("10.1.0.1");
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  active_->changed_all();
  EXPECT_EQ(advance(), "");
  active_->changed_all();
  EXPECT_EQ(active_->advance(nullptr, now_).size(), 1U);
}

TEST_F(ActiveRoutesTest, WhatIsThereAlreadyIsAdoptedAndPutRight) {
  begin({.limit4 = 3});
  EXPECT_TRUE(active_->adopt(prefix("10.1.0.0/16"), hop(1), now_));
  EXPECT_TRUE(active_->adopt(prefix("10.2.0.0/16"), hop(1), now_));
  EXPECT_TRUE(active_->adopt(prefix("10.3.0.0/16"), hop(1), now_));
  EXPECT_FALSE(active_->adopt(prefix("10.4.0.0/16"), hop(1), now_));  // no room
  EXPECT_FALSE(active_->adopt(prefix("10.3.3.0/24"), hop(1), now_));
  EXPECT_FALSE(active_->adopt(prefix("10.0.0.0/8"), hop(1), now_));
  EXPECT_FALSE(active_->adopt(prefix("::/0"), hop(1), now_));
  for (const auto* const text : {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"}) {
    installed_.insert_or_assign(prefix(text), hop(1));
  }
  EXPECT_EQ(advance(seconds(1)), "");
  put("10.1.0.0/16", 1);
  put("10.2.0.0/16", 2);
  EXPECT_EQ(advance(seconds(1)), "=10.2.0.0/16=2");
  EXPECT_EQ(advance(seconds(58)), "-10.3.0.0/16");
  EXPECT_EQ(counts().installed, 2U);
}

TEST_F(ActiveRoutesTest, WhatWasRefusedWaits) {
  begin({.limit4 = 9});
  put("10.1.0.0/16", 1);
  send("10.1.0.1");
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  active_->failed(prefix("10.1.0.0/16"), now_);
  installed_.clear();
  EXPECT_EQ(counts().refused, 1U);
  EXPECT_EQ(advance(seconds(9)), "");
  EXPECT_EQ(counts().waiting, 1U);
  EXPECT_EQ(advance(seconds(1)), "+10.1.0.0/16=1");
}

TEST_F(ActiveRoutesTest, WhatWasLostComesBack) {
  begin({.limit4 = 9});
  put("10.1.0.0/16", 1);
  put("10.2.0.0/16", 1);
  send("10.1.0.1");
  send("10.2.0.1", 500);
  EXPECT_EQ(advance(), "+10.1.0.0/16=1 +10.2.0.0/16=1");
  active_->lost(prefix("10.1.0.0/16"));
  installed_.erase(prefix("10.1.0.0/16"));
  EXPECT_EQ(advance(), "+10.1.0.0/16=1");
  active_->lost_all();
  installed_.clear();
  EXPECT_EQ(advance(), "+10.1.0.0/16=1 +10.2.0.0/16=1");
}

TEST_F(ActiveRoutesTest, CountsSayWhatShareInstalledRoutesCarry) {
  begin({.limit4 = 1, .smoothing = seconds(1)});
  put("10.1.0.0/16", 1);
  put("10.2.0.0/16", 2);
  send("10.1.0.1", 3000);
  advance();
  EXPECT_EQ(counts().coverage(), 0);
  now_ += seconds(60);
  send("10.1.0.1", 3000);
  send("10.2.0.1", 500);
  send("172.16.0.1", 500);
  EXPECT_NEAR(counts().coverage(), 0.75, 1e-6);
  EXPECT_NEAR(counts().hit_ratio(), 1.0 / 3, 1e-6);
  EXPECT_EQ(counts().samples, 4U);
  EXPECT_EQ(counts().hits, 1U);
  EXPECT_EQ(counts().limit, 1U);
  EXPECT_EQ(counts().installed, 1U);
  EXPECT_EQ(counts().waiting, 1U);
  EXPECT_EQ(counts().added, 1U);
  EXPECT_EQ(active_->counts(net::Family::kIpv6, now_).coverage(), 0);
}

TEST_F(ActiveRoutesTest, AFloodOfDestinationsCostsNoMemory) {
  begin({.limit4 = 2, .changes_per_second = 10});
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto at =
        net::IpAddress::v4({static_cast<std::uint8_t>(1 + i / 65'536),
                            static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i), 0});
    put(net::Prefix::containing(at, 24).value(), 1);
    send(at, 10);
  }
  EXPECT_LE(counts().waiting, 2 * (2 + ActiveRoutes::kSpare));
  advance();
  EXPECT_EQ(counts().installed, 2U);
  EXPECT_LE(counts().waiting, 2 + ActiveRoutes::kSpare);
}

// The direct evaluators: which way an address goes, of all routes.
using Fib = std::map<net::Prefix, net::IpAddress>;

std::optional<net::IpAddress> way(const Fib& routes, const net::IpAddress& to) {
  std::optional<net::IpAddress> best;
  unsigned longest = 0;
  for (const auto& [at, next_hop] : routes) {
    if (at.length() == 0 || !at.contains(to) || at.length() < longest) continue;
    longest = at.length();
    best = next_hop;
  }
  return best;
}

struct World {
  unsigned seed = 0;
  std::size_t limit = 0;
  double changes = 0;
};

class ActiveRoutesProperties : public ActiveRoutesTest, public testing::WithParamInterface<World> {
 protected:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  net::IpAddress somewhere() {
    return net::IpAddress::v4({10, static_cast<std::uint8_t>(below(2)),
                               static_cast<std::uint8_t>(below(16)),
                               static_cast<std::uint8_t>(below(256))});
  }

  void change_table() {
    const auto at = net::Prefix::containing(somewhere(), below(20) == 0 ? 0 : 9 + below(24));
    const auto number = static_cast<std::uint8_t>(below(4));
    put(*at, number);
    if (number == 0) {
      full_.erase(*at);
    } else {
      full_.insert_or_assign(*at, hop(number));
    }
  }

  void expect_right(const Fib& installed) {
    for (int i = 0; i < 20; ++i) {
      const auto to = somewhere();
      const auto taken = way(installed, to);
      EXPECT_TRUE(!taken || taken == way(full_, to)) << to.to_string();
    }
  }

  std::mt19937 random_{GetParam().seed};
  Fib full_;
};

TEST_P(ActiveRoutesProperties, PacketsGoByDefaultOrAsTheFullTableSays) {
  begin({.limit4 = GetParam().limit,
         .changes_per_second = GetParam().changes,
         .smoothing = seconds(5),
         .hold = seconds(1)});
  for (int i = 0; i < 60; ++i) change_table();
  std::size_t chosen = 0;
  for (int turn = 0; turn < 400; ++turn) {
    const bool has_changed = below(3) == 0;
    for (int i = 0; has_changed && i < 3; ++i) change_table();
    for (int i = 0; i < 10; ++i) send(somewhere(), 1 + below(1000));
    const Fib before = std::exchange(installed_, {});
    installed_ = before;
    advance();
    Fib step = before;
    for (const RouteChange& change : changes_) {
      if (change.kind == Kind::kRemove) {
        step.erase(change.prefix);
      } else {
        step.insert_or_assign(change.prefix, change.next_hop);
      }
      ASSERT_LE(step.size(), GetParam().limit);
      // Whichever order they come in: nothing is wrong on the way.
      if (!has_changed) expect_right(step);
    }
    if (!has_changed && turn > 0) chosen += changes_.size();
    ASSERT_EQ(step, installed_);
    expect_right(installed_);
    ASSERT_EQ(counts().installed, installed_.size());
    for (const auto& each : active_->installed(now_)) {
      EXPECT_EQ(installed_.at(each.prefix), each.next_hop);
    }
  }
  EXPECT_LE(static_cast<double>(chosen),
            GetParam().changes * 40 + std::max(GetParam().changes, 2.0));
  EXPECT_GT(counts().hits, 100U);
}

INSTANTIATE_TEST_SUITE_P(Worlds, ActiveRoutesProperties,
                         testing::Values(World{1, 5, 3}, World{2, 20, 1000}, World{3, 1000, 50},
                                         World{4, 1, 2}, World{5, 40, 10}));

}  // namespace
}  // namespace fabrix::telemetry
