#include "analyzer/topology_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

TEST(TopologyRoutes, SetsAndTells) {
  telemetry::Engine engine;
  EXPECT_EQ(body_of(get(engine, "/topology/json")), R"({"version":0,"nodes":{},"links":{}})");
  EXPECT_EQ(put(engine, "/topology/json", R"({"nodes":{"a":{"agent":"192.0.2.1"}}})").status, 204U);
  EXPECT_EQ(body_of(get(engine, "/topology/json")),
            R"({"version":1,"nodes":{"a":{"agent":"192.0.2.1","ports":{}}},"links":{}})");
  EXPECT_EQ(put(engine, "/topology/json", "nonsense").status, 400U);
  EXPECT_EQ(put(engine, "/topology/json", R"({"nodes":7})").status, 400U);
  EXPECT_EQ(put(engine, "/topology/json",
                R"({"links":{"l":{"node1":"a","port1":"p","node2":"a","port2":"p"}}})")
                .status,
            400U);
  EXPECT_EQ(json_at(engine, "/topology/json").at("version").to_number<int>(), 1);
  EXPECT_EQ(remove(engine, "/topology/json").status, 405U);
}

}  // namespace
}  // namespace fabrix::analyzer
