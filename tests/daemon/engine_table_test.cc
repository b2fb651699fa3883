#include "daemon/engine_table.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/watched_world.h"

namespace fabrix::daemon {
namespace {

class EngineTableTest : public ::testing::Test {
 protected:
  api::testing::World world_;
  SessionWatch watch_{world_.controller, testing::fake_words(world_.controller)};
  EngineTable table_{world_.controller.route_server(), watch_};
};

TEST_F(EngineTableTest, ShowsEveryPrefixWithAllItsRoutes) {
  const auto walk = table_.walk();
  std::map<std::string, std::string> shown;
  while (const auto one = walk->next()) {
    std::string& text = shown[one->prefix.to_string()];
    for (const monitoring::Route& route : one->routes) {
      text += std::to_string(route.peer.value);
      text += route.state == monitoring::RouteState::kAccepted ? "+" : "-";
      EXPECT_EQ(route.imported, nullptr);
      EXPECT_NE(route.attributes, nullptr);
      const auto age = std::chrono::system_clock::now() - route.received;
      EXPECT_LT(age, std::chrono::minutes(1));
      EXPECT_GE(age, std::chrono::seconds(0));
    }
  }
  EXPECT_EQ(shown, (std::map<std::string, std::string>{
                       {"140.0.0.0/24", "1+2+"}, {"140.0.0.0/16", "2+"}, {"9.9.9.0/24", "2-"}}));
  EXPECT_FALSE(walk->next());
}

TEST_F(EngineTableTest, WhatStaysIsShownOnceAlthoughTheTableChanges) {
  for (int i = 0; i < 2000; ++i) {
    world_.announce("b1", "60." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
                    {200});
  }
  const auto walk = table_.walk();
  std::map<std::string, int> shown;
  for (int i = 0; const auto one = walk->next(); ++i) {
    ++shown[one->prefix.to_string()];
    world_.announce("c1", "70.0." + std::to_string(i % 256) + ".0/24", {300});
    if (i % 100 == 0) world_.settle();
  }
  for (int i = 0; i < 2000; ++i) {
    const auto prefix = "60." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24";
    EXPECT_EQ(shown[prefix], 1) << prefix;
  }
}

TEST_F(EngineTableTest, AnEmptyTableHasNoPrefix) {
  for (const auto& peer : world_.controller.route_server().peers()) {
    world_.controller.session_down(peer.id);
  }
  world_.settle();
  EXPECT_FALSE(table_.walk()->next());
}

// RFC 4724: the routes of a session that is gone may stay.
TEST_F(EngineTableTest, PeersAreThoseThatAreUpOrHaveRoutes) {
  EXPECT_TRUE(table_.peers().empty());  // They came up before anybody watched.
  const routeserver::PeerId b{1};
  world_.controller.session_up(b, {.bgp_identifier = 2});
  ASSERT_EQ(table_.peers().size(), 1U);
  EXPECT_TRUE(table_.peers()[0].established);
  EXPECT_EQ(table_.peers()[0].address.to_string(), "172.0.0.2");
  world_.controller.session_down(b);
  EXPECT_TRUE(table_.peers().empty());
}

}  // namespace
}  // namespace fabrix::daemon
