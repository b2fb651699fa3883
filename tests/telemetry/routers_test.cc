#include "telemetry/routers.h"

#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/flow_meter.h"
#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const net::IpAddress kAgent = net::IpAddress::v4({192, 0, 2, 9});  // of samples.h
const net::IpAddress kRouter = net::IpAddress::v4({192, 0, 2, 100});

net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

RouteInfoPtr route(std::uint32_t as) {
  return std::make_shared<const RouteInfo>(RouteInfo{.neighbor_as = as, .origin_as = as});
}

// From 192.0.2.1 to 192.0.2.2, as tests/sflow/frames.h makes it.
Octets frame() {
  return sflow::ethernet(0x0800) + sflow::ipv4(17, 8) + Octets(8);
}

TEST(Routers, JoinSamplesOfBoundAgents) {
  Routers routers;
  ASSERT_TRUE(routers.add_router(kRouter, {.as = 64500, .id = "192.0.2.100"}));
  ASSERT_TRUE(routers.set_route(kRouter, prefix("0.0.0.0/0"), route(65001)));
  Sampled sampled(frame());
  sampled.sample().routes = &routers;
  EXPECT_EQ(sampled["bgpdestinationas"], "(none)");
  EXPECT_EQ(sampled["bgpas"], "(none)");
  ASSERT_TRUE(routers.bind(kAgent, kRouter));
  EXPECT_EQ(sampled["bgpdestinationas"], "65001");
  EXPECT_EQ(sampled["bgpsourceas"], "65001");
  EXPECT_EQ(sampled["bgpas"], "64500");
  ASSERT_TRUE(routers.remove_router(kRouter));
  EXPECT_EQ(sampled["bgpdestinationas"], "(none)");
}

TEST(Routers, CountWhatRoutesCarry) {
  for (const auto value : {RouteValue::kBytes, RouteValue::kFrames}) {
    Routers routers;
    routers.add_router(kRouter, {}, seconds(2), value);
    Sampled sampled(frame());
    const std::string destination = sampled["ipdestination"] + "/32";
    const std::string source = sampled["ipsource"] + "/32";
    routers.set_route(kRouter, prefix(destination), route(1));
    routers.set_route(kRouter, prefix(source), route(2));
    routers.add(sampled.sample(), seconds(1));  // nobody's
    routers.bind(kAgent, kRouter);
    routers.add(sampled.sample(), seconds(1));
    const auto* const router = routers.find(kRouter);
    const double amount =
        value == RouteValue::kFrames ? 1000 : 1000.0 * sampled.sample().packet->frame_length();
    const auto to = router->table.find(prefix(destination)).value();
    const auto from = router->table.find(prefix(source)).value();
    EXPECT_DOUBLE_EQ(router->rates.rate(to, Direction::kEgress, seconds(1)), amount / 2);
    EXPECT_DOUBLE_EQ(router->rates.rate(from, Direction::kIngress, seconds(1)), amount / 2);
    if (to == from) continue;
    EXPECT_EQ(router->rates.rate(to, Direction::kIngress, seconds(1)), 0);
  }
}

// Samples that come together count, and remember their routes, as if they came one by one.
TEST(Routers, CountTogetherAsOneByOne) {
  Routers alone;
  Routers together;
  for (Routers* const routers : {&alone, &together}) {
    routers->add_router(kRouter, {}, seconds(2));
    routers->bind(kAgent, kRouter);
    for (int n = 0; n < 40; n += 2) {
      routers->set_route(kRouter, prefix("10.0." + std::to_string(n) + ".0/24"),
                         route(65000 + static_cast<std::uint32_t>(n)));
    }
    routers->set_route(kRouter, prefix("10.0.8.0/27"), route(1));
    routers->set_route(kRouter, prefix("2001:db8:7::/48"), route(2));
  }
  std::vector<Sampled> sampled;
  for (int n = 0; n < 40; ++n) {
    const std::string four = "10.0." + std::to_string(n) + ".9:1";
    sampled.emplace_back(n % 7 == 0   ? sflow::frame("udp [2001:db8:7::1]:1 -> [2001:db8:8::1]:2")
                         : n % 2 == 0 ? sflow::frame("udp " + four + " -> 10.0.8.1:2")
                                      : sflow::frame("udp 10.9.9.9:1 -> " + four));
  }
  std::vector<Sample> samples;
  std::vector<RouteMemo> memos(sampled.size());
  for (std::size_t n = 0; n < sampled.size(); ++n) {
    alone.add(sampled[n].sample(), seconds(1));
    samples.push_back(sampled[n].sample());
    samples.back().memo = &memos[n];
    if (n % 5 == 0) samples.back().agent = net::IpAddress::v4({192, 0, 2, 77});  // nobody's
    if (n % 5 == 0) alone.add(samples.back(), seconds(1));
  }
  for (std::size_t n = 0; n < sampled.size(); n += 5) {
    together.add(sampled[n].sample(), seconds(1));
  }
  together.add(samples, seconds(1));
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const bool is_bound = samples[n].agent == kAgent;
    ASSERT_EQ(memos[n].to_destination.is_known, is_bound);
    if (!is_bound) continue;
    const auto match =
        alone.to_destination(samples[n], address_of(samples[n], Side::kDestination).value());
    ASSERT_EQ(memos[n].to_destination.match.has_value(), match.has_value());
    if (!match) continue;
    EXPECT_EQ(memos[n].to_destination.match->id, match->id);
  }
  const auto& table = alone.find(kRouter)->table;
  for (RouteTable::RouteId id = 0; id < table.id_limit(); ++id) {
    for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
      EXPECT_DOUBLE_EQ(alone.find(kRouter)->rates.rate(id, direction, seconds(1)),
                       together.find(kRouter)->rates.rate(id, direction, seconds(1)))
          << id;
    }
  }
}

// Against a list of routes: flows by every key that routing gives, while routes come, change, go
// and come again beside the samples.
TEST(Routers, FlowsAreThoseOfAListThroughRandomChanges) {
  std::mt19937_64 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  const auto random_route = [&] {
    const auto as = static_cast<std::uint32_t>(1 + random() % 5);
    return std::make_shared<const RouteInfo>(
        RouteInfo{.next_hop = net::IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(as)}),
                  .as_path = std::to_string(as) + std::string(random() % 120, '1'),
                  .neighbor_as = as,
                  .origin_as = as + 1,
                  .communities = "65002:" + std::to_string(random() % 3)});
  };
  Routers routers;
  routers.add_router(kRouter, {});
  routers.bind(kAgent, kRouter);
  std::map<net::Prefix, RouteInfoPtr> list;
  std::map<std::string, double> expected;
  auto meter =
      FlowMeter::create(
          {.keys = "bgpdestinationaspath,bgpcommunities,bgpnexthop,bgpdestinationas,bgpsourceas,"
                   "bgpdestinationpeeras,ipsourcemaskbits,mask:ipdestination",
           .value = "frames",
           .cache = {.capacity = 100'000, .when_full = WhenFull::kIgnoreNew}})
          .value();
  const auto longest = [&](const net::IpAddress& asked) {
    auto found = list.end();
    for (auto at = list.begin(); at != list.end(); ++at) {
      if (!at->first.contains(asked)) continue;
      if (found == list.end() || at->first.length() > found->first.length()) found = at;
    }
    return found;
  };
  for (int round = 0; round < 300; ++round) {
    for (int change = 0; change < 3; ++change) {
      const net::AddressBits bits{
          .high = 0x0a00'0000'0000'0000U | (random() & 0x0001'0303'0000'0000U), .low = 0};
      const auto where = net::Prefix::containing(bits.to_address(net::Family::kIpv4),
                                                 8 + static_cast<unsigned>(random() % 25))
                             .value();
      const RouteInfoPtr added = random() % 3 == 0 ? nullptr : random_route();
      routers.set_route(kRouter, where, added);
      if (added != nullptr) list.insert_or_assign(where, added);
      if (added == nullptr) list.erase(where);
    }
    std::vector<std::unique_ptr<Sampled>> sampled;
    std::vector<Sample> samples;
    std::array<RouteMemo, 8> memos;
    for (RouteMemo& memo : memos) {
      Octets octets = frame();
      octets[26] = octets[30] = std::byte{10};
      for (const std::size_t at : {27U, 28U, 29U, 31U, 32U, 33U}) {
        octets[at] = static_cast<std::byte>(random() & (at % 4 == 3 ? 1U : 3U));
      }
      sampled.push_back(std::make_unique<Sampled>(octets));
      samples.push_back(sampled.back()->sample());
      samples.back().routes = &routers;
      samples.back().memo = &memo;
      const auto to = address_of(samples.back(), Side::kDestination).value();
      const auto route = longest(to);
      const auto back = longest(address_of(samples.back(), Side::kSource).value());
      if (route == list.end() || back == list.end()) continue;
      const RouteInfo& there = *route->second;
      expected[there.as_path + "," + there.communities + "," + there.next_hop->to_string() + "," +
               std::to_string(there.origin_as) + "," + std::to_string(back->second->origin_as) +
               "," + std::to_string(there.neighbor_as) + "," +
               std::to_string(back->first.length()) + "," + route->first.to_string()] += 1000;
    }
    routers.add(samples, seconds(round));
    for (const Sample& sample : samples) meter.add(sample, seconds(round));
  }
  std::map<std::string, double> counted;
  for (const auto& flow : meter.active_flows({.count = 100'000}, seconds(300))) {
    counted[flow.key] = flow.value;
  }
  EXPECT_GT(counted.size(), 100U);
  EXPECT_EQ(counted, expected);
}

TEST(Routers, ARouteThatGoesTakesItsRateWithIt) {
  Routers routers;
  routers.add_router(kRouter, {});
  routers.bind(kAgent, kRouter);
  routers.set_route(kRouter, prefix("0.0.0.0/0"), route(1));
  Sampled sampled(frame());
  routers.add(sampled.sample(), seconds(1));
  routers.set_route(kRouter, prefix("0.0.0.0/0"), nullptr);
  routers.set_route(kRouter, prefix("10.0.0.0/8"), route(1));
  const auto* const router = routers.find(kRouter);
  EXPECT_EQ(top_prefixes(router->table, router->rates, {}, seconds(1)).total, 0);
  EXPECT_EQ(router->added, 2U);
  EXPECT_EQ(router->removed, 1U);
}

TEST(Routers, AnotherSessionBeginsWithoutRoutesAndMeasuredAsBefore) {
  Routers routers;
  EXPECT_FALSE(routers.renew_router(kRouter, {}));
  EXPECT_FALSE(routers.measure(kRouter, seconds(2), RouteValue::kFrames));
  routers.add_router(kRouter, {.as = 1});
  routers.bind(kAgent, kRouter);
  EXPECT_TRUE(routers.measure(kRouter, seconds(2), RouteValue::kFrames));
  routers.set_route(kRouter, prefix("0.0.0.0/0"), route(1));
  EXPECT_TRUE(routers.renew_router(kRouter, {.as = 2}));
  const auto* const router = routers.find(kRouter);
  EXPECT_EQ(router->info.as, 2U);
  EXPECT_EQ(router->table.size(), 0U);
  EXPECT_EQ(router->added, 0U);
  EXPECT_EQ(router->value, RouteValue::kFrames);
  EXPECT_EQ(router->rates.smoothing(), seconds(2));
  Sampled sampled(frame());
  sampled.sample().routes = &routers;
  EXPECT_EQ(sampled["bgpas"], "2");  // the agent stays bound
}

TEST(Routers, WhatIsMeasuredTheSameWayGoesOn) {
  Routers routers;
  routers.add_router(kRouter, {}, seconds(2));
  routers.bind(kAgent, kRouter);
  routers.set_route(kRouter, prefix("0.0.0.0/0"), route(1));
  routers.add(Sampled(frame()).sample(), seconds(1));
  const auto total = [&] {
    const auto* const router = routers.find(kRouter);
    return top_prefixes(router->table, router->rates, {}, seconds(1)).total;
  };
  EXPECT_TRUE(routers.measure(kRouter, seconds(2), RouteValue::kBytes));
  EXPECT_GT(total(), 0);
  EXPECT_TRUE(routers.measure(kRouter, seconds(3), RouteValue::kBytes));
  EXPECT_EQ(total(), 0);
}

TEST(Routers, Ipv6MayHaveARouterOfItsOwn) {
  const auto router6 = net::IpAddress::v4({192, 0, 2, 101});
  Routers routers;
  routers.add_router(kRouter, {.as = 4});
  routers.add_router(router6, {.as = 6});
  routers.set_route(kRouter, prefix("0.0.0.0/0"), route(4));
  routers.set_route(kRouter, prefix("::/0"), route(5));
  routers.set_route(router6, prefix("::/0"), route(6));
  routers.bind(kAgent, kRouter, router6);
  for (const auto& [packet, as] : {std::pair{"udp 10.0.0.1:1 -> 10.0.0.2:2", "4"},
                                   std::pair{"udp [2001:db8::1]:1 -> [2001:db8::2]:2", "6"}}) {
    Sampled sampled(sflow::frame(packet));
    sampled.sample().routes = &routers;
    EXPECT_EQ(sampled["bgpdestinationas"], as) << packet;
  }
  Sampled sampled(sflow::frame("udp [2001:db8::1]:1 -> [2001:db8::2]:2"));
  routers.add(sampled.sample(), seconds(1));
  const auto seen = routers.see(router6);
  EXPECT_GT(
      top_prefixes(seen->table, *seen->rates, {.family = net::Family::kIpv6}, seconds(1)).total, 0);
}

// The route server of A, B and C: A hears of B's route to 10.0.0.0/8, B of C's.
class RouteServerTest : public ::testing::Test {
 protected:
  RouteServerTest() {
    routers_.set_members(Members(three_members()));
    routers_.add_router(kRouter, {.as = 65000});
    routers_.set_routes(kRouter, prefix("10.0.0.0/8"),
                        set_of({{65002, {kA}}, {65003, {kB}}}, {kB, kC}));
    routers_.set_routes(kRouter, prefix("20.0.0.0/8"), set_of({{65001, {kB}}}, {kA}));
  }

  // What the key is of a packet from 20.0.0.1 to 10.0.0.1.
  std::string key(const net::MacAddress& from, const net::MacAddress& to, const std::string& name) {
    Sampled sampled(frame_between(from, to, "udp 20.0.0.1:1 -> 10.0.0.1:2"));
    sampled.sample().routes = &routers_;
    return sampled[name];
  }

  Routers routers_;
};

TEST_F(RouteServerTest, TellsWhoSendsAndWhoReceives) {
  routers_.bind_others(kRouter);
  EXPECT_EQ(key(mac_of(kA), mac_of(kB), "bgpdestinationas"), "65002");
  EXPECT_EQ(key(mac_of(kB), mac_of(kC), "bgpdestinationas"), "65003");
  EXPECT_EQ(key(mac_of(kC), mac_of(kB), "bgpdestinationas"), "(none)");
  EXPECT_EQ(key(mac_of(kA), mac_of(kB), "bgpsourceas"), "65001");
  EXPECT_EQ(key(mac_of(kA), mac_of(kC), "bgpsourceas"), "(none)");
  EXPECT_EQ(key(mac_of(kA), mac_of(kB), "bgpas"), "65000");
  // Of strangers, the best routes.
  EXPECT_EQ(key(kStrangerMac, kStrangerMac, "bgpdestinationas"), "65002");
  EXPECT_EQ(key(kStrangerMac, kStrangerMac, "bgpsourceas"), "65001");
}

// The exchange is described anew: whose agents are its members' it says again.
TEST_F(RouteServerTest, AnotherRoutersAgentStaysBound) {
  const auto own = net::IpAddress::v4({192, 0, 2, 2});
  const auto other = net::IpAddress::v4({192, 0, 2, 101});
  const auto agent = net::IpAddress::v4({192, 0, 2, 10});
  routers_.add_view(own, {.as = 65002}, kRouter, kB);
  routers_.add_router(other, {.as = 7});
  routers_.bind(agent, own);
  routers_.bind(kAgent, other);
  routers_.unbind_all();
  Sampled sampled(frame_between(mac_of(kA), mac_of(kB), "udp 20.0.0.1:1 -> 10.0.0.1:2"));
  EXPECT_EQ(routers_.own_as(sampled.sample()), 7U);
  sampled.sample().agent = agent;
  EXPECT_EQ(routers_.own_as(sampled.sample()), 0U);
}

TEST_F(RouteServerTest, AnotherRoutersAgentIsNotOfTheFabric) {
  const auto other = net::IpAddress::v4({192, 0, 2, 101});
  routers_.bind_others(kRouter);
  routers_.add_router(other, {});
  Sampled sampled(frame_between(mac_of(kA), mac_of(kB), "udp 20.0.0.1:1 -> 10.0.0.1:2"));
  EXPECT_TRUE(routers_.is_of_fabric(sampled.sample()));
  routers_.bind(kAgent, other);
  EXPECT_FALSE(routers_.is_of_fabric(sampled.sample()));
}

TEST_F(RouteServerTest, HasAViewOfEachMembersRouter) {
  const auto own = net::IpAddress::v4({192, 0, 2, 2});
  ASSERT_TRUE(routers_.add_view(own, {.as = 65002}, kRouter, kB));
  ASSERT_TRUE(routers_.bind(kAgent, own));
  EXPECT_EQ(key(kStrangerMac, mac_of(kA), "bgpdestinationas"), "65003");
  EXPECT_EQ(key(kStrangerMac, mac_of(kA), "bgpas"), "65002");
  Sampled sampled(frame_between(kStrangerMac, kStrangerMac, "udp 20.0.0.1:1 -> 10.0.0.1:2"));
  EXPECT_FALSE(routers_.is_of_fabric(sampled.sample()));
  routers_.add(sampled.sample(), seconds(1));
  const auto seen = routers_.see(own);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->table.size(net::Family::kIpv4), 2U);
  const auto top = top_prefixes(seen->table, *seen->rates, {}, seconds(1));
  ASSERT_EQ(top.prefixes.size(), 1U);
  EXPECT_EQ(seen->table.route_of(top.prefixes[0].route)->as_path, "65003");
  // The route server's own count has nothing of it.
  const auto all = routers_.see(kRouter);
  EXPECT_EQ(top_prefixes(all->table, *all->rates, {}, seconds(1)).total, 0);
  // What the member is not told any more counts no more.
  routers_.set_routes(kRouter, prefix("10.0.0.0/8"), set_of({{65002, {kA}}}, {kB}));
  const auto after = routers_.see(own);
  EXPECT_EQ(top_prefixes(after->table, *after->rates, {}, seconds(1)).total, 0);
  routers_.unbind_all();
  EXPECT_FALSE(routers_.see(own));
  EXPECT_EQ(key(mac_of(kA), mac_of(kB), "bgpdestinationas"), "(none)");
}

TEST_F(RouteServerTest, TheFabricIsWhoIsNobodysOwn) {
  Sampled any(frame_between(mac_of(kA), mac_of(kB), "udp 20.0.0.1:1 -> 10.0.0.1:2"));
  EXPECT_FALSE(routers_.is_of_fabric(any.sample()));
  routers_.bind_others(kRouter);
  EXPECT_TRUE(routers_.is_of_fabric(any.sample()));
  routers_.set_members({});
  EXPECT_FALSE(routers_.is_of_fabric(any.sample()));
}

TEST(Routers, AreAsManyAsTheyMayBe) {
  Routers routers;
  for (std::uint8_t n = 0; n < Routers::kMaxRouters; ++n) {
    EXPECT_TRUE(routers.add_router(net::IpAddress::v4({10, 0, 0, n}), {}));
  }
  EXPECT_FALSE(routers.add_router(kRouter, {}));
  EXPECT_FALSE(routers.add_view(kRouter, {}, net::IpAddress::v4({10, 0, 0, 1}), kA));
  EXPECT_FALSE(routers.set_route(kRouter, prefix("10.0.0.0/8"), route(1)));
  EXPECT_FALSE(routers.remove_router(kRouter));
}

// What a watcher was told: "*" all changed, a prefix, a destination and its octets.
class Told final : public RouteWatcher {
 public:
  void routed(const TableView& view, const net::IpAddress& destination, double octets,
              Time /*now*/) override {
    text_ += " " + destination.to_string() + "=" + std::to_string(std::lround(octets)) + "/" +
             std::to_string(view.table().size());
  }
  void changed(const net::Prefix& at) override { text_ += " " + at.to_string(); }
  void changed_all() override { text_ += " *"; }

  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

TEST(Routers, TellWatchersOfTheirRouter) {
  Routers routers;
  Told told;
  Told other;
  EXPECT_TRUE(routers.watch(kRouter, &told));
  EXPECT_FALSE(routers.watch(kRouter, &other));
  EXPECT_TRUE(routers.watch(kAgent, &other));
  routers.add_router(kRouter, {});
  EXPECT_EQ(told.take(), " *");
  routers.set_route(kRouter, prefix("10.0.0.0/8"), route(1));
  EXPECT_EQ(told.take(), " 10.0.0.0/8");
  routers.set_route(kRouter, prefix("10.0.0.0/8"), nullptr);
  EXPECT_EQ(told.take(), " 10.0.0.0/8");
  routers.bind(kAgent, kRouter);
  Sampled sampled(frame());
  routers.add(sampled.sample(), seconds(1));
  const double octets = 1000.0 * sampled.sample().packet->frame_length();
  EXPECT_EQ(told.take(),
            " " + sampled["ipdestination"] + "=" + std::to_string(std::lround(octets)) + "/0");
  routers.remove_router(kRouter);
  EXPECT_EQ(told.take(), " *");
  EXPECT_TRUE(routers.watch(kRouter, nullptr));
  routers.add_router(kRouter, {});
  EXPECT_EQ(told.take() + other.take(), "");
}

TEST(Routers, TellWatchersOfAViewWhatChangesInItsTable) {
  const net::IpAddress view = net::IpAddress::v4({192, 0, 2, 101});
  Routers routers;
  Told told;
  routers.watch(view, &told);
  routers.add_router(kRouter, {});
  EXPECT_EQ(told.take(), "");
  routers.add_view(view, {}, kRouter, MemberId{1});
  EXPECT_EQ(told.take(), " *");
  routers.set_route(kRouter, prefix("10.0.0.0/8"), route(1));
  EXPECT_EQ(told.take(), " 10.0.0.0/8");
  routers.bind(kAgent, view);
  Sampled sampled(frame());
  routers.add(sampled.sample(), seconds(1));
  EXPECT_NE(told.take(), "");
  routers.unbind_all();
  EXPECT_EQ(told.take(), " *");
}

}  // namespace
}  // namespace fabrix::telemetry
