#include "telemetry/flow_metrics.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct World {
  Lookups lookups;
  World() {
    EXPECT_TRUE(flows.set("sources", {.keys = "ipsource", .value = "frames", .t = 2}));
    EXPECT_TRUE(flows.set("ports", {.keys = "udpdestinationport", .value = "frames", .t = 2}));
    Sampled one(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
    Sampled other(sflow::frame("udp 10.4.3.8:53 -> 10.1.2.3:9"));
    flows.add(other.sample(), seconds(1));
    flows.add(one.sample(), seconds(2));
    flows.add(one.sample(), seconds(2));
  }

  std::vector<MetricRow> rows(std::string_view name, Time now) const {
    return MetricQuery(store, kAll, {}, flow_metrics(flows, now)).rows(parse_term(name));
  }

  ThresholdTable thresholds;
  FlowTable flows{lookups, thresholds};
  MetricStore store;
};

TEST(FlowMetrics, HasTheLargestFlowAndTheTopKeysOfEachDataSource) {
  const World world;
  const auto rows = world.rows("sources", seconds(2));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "sources");
  EXPECT_EQ(rows[0].updated, seconds(2));
  // Two samples of 1,000 frames, over t.
  EXPECT_DOUBLE_EQ(std::get<double>(rows[0].value), 1000);
  ASSERT_EQ(rows[0].top_keys.size(), 2U);
  EXPECT_EQ(rows[0].top_keys[0].key, "10.4.3.9");
  EXPECT_EQ(rows[0].top_keys[1].key, "10.4.3.8");
  EXPECT_EQ(rows[0].top_keys[1].updated, seconds(1));
}

TEST(FlowMetrics, AreOfOneDefinitionOrOfAll) {
  const World world;
  EXPECT_EQ(world.rows("ALL", seconds(2)).size(), 2U);
  EXPECT_EQ(world.rows("9.sources", seconds(2)).size(), 0U);
  EXPECT_EQ(world.rows("other", seconds(2)).size(), 0U);
}

TEST(FlowMetrics, LeaveWithSilentDataSources) {
  const World world;
  EXPECT_EQ(world.rows("sources", minutes(9)).size(), 1U);
  EXPECT_EQ(world.rows("sources", minutes(11)).size(), 0U);
}

}  // namespace
}  // namespace fabrix::telemetry
