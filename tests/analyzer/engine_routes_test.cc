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

}  // namespace
}  // namespace fabrix::analyzer
