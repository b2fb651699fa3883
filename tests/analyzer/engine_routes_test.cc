#include "analyzer/engine_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

TEST(EngineRoutes, TellsTheVersion) {
  telemetry::Engine engine;
  EXPECT_EQ(get(engine, "/version").status, 200U);
  EXPECT_FALSE(body_of(get(engine, "/version")).empty());
}

TEST(EngineRoutes, TellsHowIngestDoes) {
  telemetry::Engine engine;
  const std::array<std::byte, 3> cut{};
  engine.receive(cut, net::IpAddress::v4({192, 0, 2, 1}), {});
  const auto told = json_at(engine, "/analyzer/json");
  EXPECT_EQ(told.at("sFlowDatagramsReceived"), 0);
  EXPECT_EQ(told.at("sFlowBytesReceived"), 3);
  EXPECT_EQ(told.at("sFlowParseErrors"), 1);
  engine.set_discarded(7);
  engine.tick(std::chrono::seconds(5));
  EXPECT_EQ(json_at(engine, "/analyzer/json").at("sFlowDatagramsDiscarded"), 7);
  EXPECT_EQ(json_at(engine, "/analyzer/json").at("uptime"), 5000);
}

TEST(EngineRoutes, TellsWhatTheProcessUses) {
  telemetry::Engine engine;
  const auto told = json_at(engine, "/analyzer/json");
  EXPECT_GE(told.at("cpuTime").to_number<std::int64_t>(), 0);
  const auto used = told.at("heapUsed").to_number<std::int64_t>();
  EXPECT_GT(used, 0);
  EXPECT_GT(told.at("heapMax").to_number<std::int64_t>(), used);
  EXPECT_EQ(told.at("gcCount"), 0);
  EXPECT_EQ(told.at("gcTime"), 0);
}

}  // namespace
}  // namespace fabrix::analyzer
