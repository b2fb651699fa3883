#include "daemon/engine_glass.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::daemon {
namespace {

using api::RouteSet;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string line(const api::RouteView& view) {
  return view.prefix.to_string() + " " + std::string(view.from_name);
}

class EngineGlassTest : public ::testing::Test {
 protected:
  // The whole list, read in batches of so many.
  std::vector<std::string> lines(const api::RouteQuery& query, std::size_t limit = 100) {
    std::vector<std::string> all;
    std::optional<api::RouteCursor> cursor;
    do {
      const auto batch = glass_.routes(query, cursor, limit);
      EXPECT_LE(batch.routes.size(), limit);
      for (const auto& view : batch.routes) all.push_back(line(view));
      cursor = batch.next;
    } while (cursor);
    return all;
  }

  api::NeighborId id(const std::string& name) const {
    const auto all = glass_.neighbors();
    const auto found = std::ranges::find(all, name, &api::Neighbor::name);
    EXPECT_NE(found, all.end()) << name;
    return found->id;
  }

  api::testing::World world_;
  std::chrono::steady_clock::time_point steady_now_ = std::chrono::steady_clock::now();
  EngineGlass glass_{world_.sources(), nullptr, {.version = "1.2.3", .steady_now = [this] {
                                                   return steady_now_;
                                                 }}};
};

TEST_F(EngineGlassTest, SaysWhoItIs) {
  const auto status = glass_.status();
  EXPECT_EQ(status.version, "1.2.3");
  EXPECT_EQ(status.router_id, "172.0.255.254");
  EXPECT_EQ(status.asn, net::Asn{65000});
  EXPECT_EQ(status.message, "Fabrix is up and running");
  EXPECT_EQ(status.started, status.configured);
}

TEST_F(EngineGlassTest, ShowsEverySessionWithItsCounts) {
  const auto all = glass_.neighbors();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2].name, "c1");
  EXPECT_EQ(all[2].description, "C");
  EXPECT_EQ(all[2].state, api::NeighborState::kUp);
  ASSERT_EQ(all[2].channels.size(), 1U);
  const auto& routes = all[2].channels[0].routes;
  EXPECT_EQ(routes.accepted, 2U);
  EXPECT_EQ(routes.filtered, 1U);
  EXPECT_EQ(routes.exported, 1U);
  EXPECT_EQ(all[0].channels[0].routes.exported, 2U);
}

TEST_F(EngineGlassTest, ListsAreTheSameInBatchesOfAnySize) {
  for (const std::size_t limit : {1U, 2U, 3U, 100U}) {
    SCOPED_TRACE(limit);
    EXPECT_THAT(lines({.set = RouteSet::kAccepted}, limit),
                UnorderedElementsAre("140.0.0.0/24 b1", "140.0.0.0/24 c1", "140.0.0.0/16 c1"));
    EXPECT_THAT(lines({.set = RouteSet::kFiltered}, limit), ElementsAre("9.9.9.0/24 c1"));
    EXPECT_THAT(lines({.set = RouteSet::kAcceptedFrom, .neighbor = id("c1")}, limit),
                UnorderedElementsAre("140.0.0.0/24 c1", "140.0.0.0/16 c1"));
    EXPECT_THAT(lines({.set = RouteSet::kFilteredFrom, .neighbor = id("b1")}, limit), IsEmpty());
    EXPECT_THAT(lines({.set = RouteSet::kExportedTo, .neighbor = id("c1")}, limit),
                ElementsAre("140.0.0.0/24 b1"));
  }
  EXPECT_THAT(lines({.set = RouteSet::kAccepted, .family = net::Family::kIpv6}), IsEmpty());
  EXPECT_THAT(lines({.set = RouteSet::kAcceptedFrom, .neighbor = api::NeighborId{77}}), IsEmpty());
}

TEST_F(EngineGlassTest, SaysWhyARouteIsFiltered) {
  const auto batch = glass_.routes({.set = RouteSet::kFiltered}, std::nullopt, 10);
  ASSERT_EQ(batch.routes.size(), 1U);
  EXPECT_EQ(batch.routes[0].status, api::RouteStatus::kFiltered);
  EXPECT_EQ(batch.routes[0].reason->code, looking_glass_code(routeserver::RejectReason::kFirstAs));
  EXPECT_FALSE(batch.routes[0].is_primary);
}

TEST_F(EngineGlassTest, SaysWhichRouteIsTheBestAndHowOldItIs) {
  steady_now_ += std::chrono::seconds(30);
  const auto batch = glass_.routes({.set = RouteSet::kAccepted}, std::nullopt, 10);
  for (const auto& view : batch.routes) {
    EXPECT_EQ(view.is_primary, line(view) != "140.0.0.0/24 c1") << line(view);
    EXPECT_GE(view.age, std::chrono::seconds(30));
    EXPECT_LE(view.age, std::chrono::seconds(40));
    EXPECT_EQ(view.rpki, std::nullopt);
  }
}

// RFC 7947 §2.3.2.1: each client has a view of its own. A has a policy, so it is told virtual next
// hops.
TEST_F(EngineGlassTest, ShowsWhatANeighbourIsToldAndNotWhatItIsNot) {
  const auto a = *world_.controller.route_server().find_peer(*net::IpAddress::parse("172.0.0.1"));
  world_.controller.pull(a);
  const auto told =
      glass_.routes({.set = RouteSet::kExportedTo, .neighbor = id("a1")}, std::nullopt, 10);
  ASSERT_EQ(told.routes.size(), 2U);
  for (const auto& view : told.routes) {
    // B has no route to the /16, so A's policy does nothing there.
    const bool is_virtual = view.prefix == *net::Prefix::parse("140.0.0.0/24");
    EXPECT_THAT(view.next_hop.to_string(),
                ::testing::StartsWith(is_virtual ? "172.0.1." : "172.0.0.3"));
    EXPECT_EQ(view.attributes->as_path.segments[0].asns[0].value,
              view.from_name == "b1" ? 200U : 300U);
  }
  world_.controller.session_down(a);
  EXPECT_THAT(lines({.set = RouteSet::kExportedTo, .neighbor = id("a1")}), IsEmpty());
}

TEST_F(EngineGlassTest, SaysWhatIsKeptFromANeighbourAndWhy) {
  world_.announce("b1", "150.0.0.0/24", {200, 300});  // C is in the path
  world_.settle();
  const auto kept =
      glass_.routes({.set = RouteSet::kNotExportedTo, .neighbor = id("c1")}, std::nullopt, 10);
  ASSERT_EQ(kept.routes.size(), 1U);
  EXPECT_EQ(line(kept.routes[0]), "150.0.0.0/24 b1");
  EXPECT_EQ(kept.routes[0].status, api::RouteStatus::kNotExported);
  EXPECT_EQ(kept.routes[0].reason->code, 4U) << "docs/monitoring.md";
  EXPECT_EQ(kept.routes[0].reason->text, "the path contains the client's AS");
  EXPECT_THAT(lines({.set = RouteSet::kNotExportedTo, .neighbor = id("a1")}), IsEmpty());
}

TEST_F(EngineGlassTest, LooksUpTheLongestPrefixThatCovers) {
  const auto found = [&](const std::string& block) {
    std::vector<std::string> all;
    for (const auto& view : glass_.lookup(*net::Prefix::parse(block))) all.push_back(line(view));
    return all;
  };
  EXPECT_THAT(found("140.0.0.9/32"), ElementsAre("140.0.0.0/24 b1", "140.0.0.0/24 c1"));
  EXPECT_THAT(found("140.0.0.0/24"), ElementsAre("140.0.0.0/24 b1", "140.0.0.0/24 c1"));
  EXPECT_THAT(found("140.0.1.0/24"), ElementsAre("140.0.0.0/16 c1"));
  EXPECT_THAT(found("9.9.9.9/32"), ElementsAre("9.9.9.0/24 c1"));
  EXPECT_THAT(found("8.8.8.8/32"), IsEmpty());
  EXPECT_THAT(found("0.0.0.0/0"), IsEmpty());
}

// What is there all the while is shown exactly once, whatever else comes and goes.
TEST_F(EngineGlassTest, WhatStaysIsShownOnceWhileOthersComeAndGo) {
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto prefix = [](std::uint32_t i) {
    return "60." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24";
  };
  constexpr std::uint32_t kStaying = 3000;
  for (std::uint32_t i = 0; i < kStaying; ++i) world_.announce("b1", prefix(i), {200});
  world_.settle();
  const auto peer_b =
      *world_.controller.route_server().find_peer(*net::IpAddress::parse("172.0.0.2"));
  std::map<std::string, int> shown;
  std::optional<api::RouteCursor> cursor;
  do {
    const auto batch = glass_.routes({.set = RouteSet::kAccepted}, cursor, 7);
    for (const auto& view : batch.routes) ++shown[line(view)];
    cursor = batch.next;
    const std::uint32_t other = kStaying + static_cast<std::uint32_t>(random() % 500);
    if (random() % 2 == 0) {
      world_.announce("b1", prefix(other), {200});
    } else {
      bgp::UpdateMessage update;
      update.withdrawn = {*net::Prefix::parse(prefix(other))};
      world_.controller.update(peer_b, update);
    }
    if (random() % 8 == 0) world_.settle();
  } while (cursor);
  for (std::uint32_t i = 0; i < kStaying; ++i) EXPECT_EQ(shown[prefix(i) + " b1"], 1) << prefix(i);
}

// A batch looks at so many places and no more, also when none of them has what is wanted.
TEST_F(EngineGlassTest, ABatchMayBeEmptyAndStillThereIsMore) {
  for (std::uint32_t i = 0; i < 3000; ++i) {
    world_.announce("b1", "60." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
                    {200});
  }
  world_.announce("c1", "99.0.0.0/24", {300});
  std::size_t empty = 0;
  std::vector<std::string> seen;
  std::optional<api::RouteCursor> cursor;
  do {
    const auto batch =
        glass_.routes({.set = RouteSet::kAcceptedFrom, .neighbor = id("c1")}, cursor, 100);
    for (const auto& view : batch.routes) seen.push_back(line(view));
    if (batch.routes.empty() && batch.next) ++empty;
    cursor = batch.next;
  } while (cursor);
  EXPECT_GE(empty, 2U);
  EXPECT_THAT(seen, UnorderedElementsAre("140.0.0.0/24 c1", "140.0.0.0/16 c1", "99.0.0.0/24 c1"));
}

}  // namespace
}  // namespace fabrix::daemon
