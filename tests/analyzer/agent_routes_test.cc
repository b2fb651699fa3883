#include "analyzer/agent_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/analyzer/counting.h"

namespace fabrix::analyzer {
namespace {

TEST(AgentRoutes, TellHowWellDatagramsArrive) {
  const auto made = counting_engine();
  telemetry::Engine& engine = *made;
  const auto agents = json_at(engine, "/agents/json").as_object();
  ASSERT_EQ(agents.size(), 2U);
  // Three datagrams each time, 100..102 and 200..202.
  const auto& agent = agents.at("192.0.2.1").as_object();
  EXPECT_EQ(agent.at("sFlowDatagramsReceived"), 6);
  EXPECT_EQ(agent.at("sFlowDatagramsLost"), 97);
  EXPECT_EQ(agent.at("sFlowDatagramsDuplicates"), 0);
  EXPECT_EQ(agent.at("sFlowDatagramsOutOfOrder"), 0);
  EXPECT_EQ(agent.at("sFlowCounterSamples"), 6);
  EXPECT_EQ(agent.at("sFlowCounterLostSamples"), 3 * 99);
  EXPECT_EQ(agent.at("sFlowCounterDatasources"), 3);
  EXPECT_EQ(agent.at("sFlowFlowSamples"), 0);
  EXPECT_EQ(agent.at("sFlowFlowDrops"), 0);
  EXPECT_EQ(agent.at("firstSeen"), 15'000);
  EXPECT_EQ(agent.at("lastSeen"), 5'000);
  EXPECT_EQ(agent.at("uptime"), 20'000);
  EXPECT_EQ(agent.at("sFlowDatagramSource"), boost::json::array{"198.51.100.1"});
}

TEST(AgentRoutes, TellOfTheAgentsAskedFor) {
  const auto made = counting_engine();
  telemetry::Engine& engine = *made;
  EXPECT_EQ(json_at(engine, "/agents/json?agent=192.0.2.2").as_object().size(), 1U);
  EXPECT_EQ(json_at(engine, "/agents/json?agent=192.0.2.2&agent=192.0.2.1").as_object().size(), 2U);
  EXPECT_TRUE(json_at(engine, "/agents/json?agent=192.0.2.9").as_object().empty());
}

}  // namespace
}  // namespace fabrix::analyzer
