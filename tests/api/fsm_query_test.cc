#include "api/fsm_query.h"

#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

constexpr const char* kAuth =
    "event authenticated : bool from radius\n"
    "fsm auth per srcip {\nvar state : {out, in}\non authenticated when value { state = in }\n"
    "on authenticated { state = out }\ntimeout 90s -> { state = out }\n"
    "policy = case { state == in -> identity; else -> drop } }\n"
    "outbound = auth\n";

TEST(FsmQuery, ShowsWhatAnFsmListensToAndWhereItsInstancesAre) {
  testing::World world;
  const auto b = world.exchange.find_participant("B")->id;
  ASSERT_TRUE(world.controller.set_policy(b, kAuth, "auth.policy"));
  const controller::FsmEvent event{
      "authenticated", "radius", {{"srcip", "10.0.0.1"}, {"value", "true"}}};
  ASSERT_TRUE(world.controller.event(b, event, controller::Controller::Clock::now()));
  const auto all = show_fsm(world.sources(), std::nullopt);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->as_array().size(), 1U);
  const auto& fsm = all->at(0);
  EXPECT_EQ(fsm.at("participant").as_string(), "B");
  EXPECT_EQ(fsm.at("fsm").as_string(), "auth");
  EXPECT_EQ(fsm.at("per").at(0).as_string(), "srcip");
  EXPECT_EQ(fsm.at("initial").as_string(), "state=out");
  EXPECT_EQ(fsm.at("states").to_number<int>(), 2);
  EXPECT_EQ(fsm.at("events").at(0).at("source").as_string(), "radius");
  EXPECT_EQ(fsm.at("timeouts").at(0).as_string(), "90s");
  ASSERT_EQ(fsm.at("instances").as_array().size(), 1U);
  EXPECT_EQ(fsm.at("instances").at(0).at("class").as_string(), "srcip=10.0.0.1");
  EXPECT_EQ(fsm.at("instances").at(0).at("state").as_string(), "state=in");
  EXPECT_EQ(fsm.at("transitions").at(0).at("from").as_string(), "state=out");
}

TEST(FsmQuery, KnowsNoOtherNames) {
  testing::World world;
  EXPECT_TRUE(show_fsm(world.sources(), std::nullopt)->as_array().empty());
  const auto found = show_fsm(world.sources(), "auth");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().error, "no fsm is called 'auth'");
}

}  // namespace
}  // namespace fabrix::api
