#include "telemetry/flow_table.h"

#include <gtest/gtest.h>

#include "telemetry/name_table.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct World {
  NameTable names;
  Lookups lookups{.names = &names};
  ThresholdTable thresholds;
  FlowTable flows{lookups, thresholds};
  Sampled sampled{sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9")};
};

TEST(FlowTable, MeasuresEachDefinition) {
  World world;
  ASSERT_TRUE(world.names.set_groups("sites", {{"lan", {"10.0.0.0/8"}}}));
  ASSERT_TRUE(world.flows.set("sources", {.keys = "ipsource", .value = "frames"}));
  ASSERT_TRUE(world.flows.set("sites", {.keys = "group:ipsource:none:sites", .value = "bytes"}));
  world.flows.add(world.sampled.sample(), seconds(1));
  const auto key = [&](const char* name) {
    return world.flows.find(name)->meter.active_flows({}, seconds(1)).at(0).key;
  };
  EXPECT_EQ(key("sources"), "10.4.3.9");
  EXPECT_EQ(key("sites"), "lan");
  EXPECT_EQ(world.flows.all().size(), 2U);
  EXPECT_TRUE(world.flows.remove("sites"));
  EXPECT_FALSE(world.flows.remove("sites"));
  EXPECT_EQ(world.flows.find("sites"), nullptr);
}

TEST(FlowTable, KeepsWhatItHasMeasuredWhenTheDefinitionIsTheSame) {
  World world;
  const FlowSpec spec{.keys = "ipsource", .value = "frames"};
  ASSERT_TRUE(world.flows.set("f", spec));
  world.flows.add(world.sampled.sample(), seconds(1));
  ASSERT_TRUE(world.flows.set("f", spec));
  EXPECT_EQ(world.flows.find("f")->meter.active_flows({}, seconds(1)).size(), 1U);
  ASSERT_TRUE(world.flows.set("f", {.keys = "ipdestination", .value = "frames"}));
  EXPECT_TRUE(world.flows.find("f")->meter.active_flows({}, seconds(1)).empty());
  // One that is wrong changes nothing.
  EXPECT_FALSE(world.flows.set("f", {.keys = "nonsense", .value = "frames"}));
  EXPECT_EQ(world.flows.find("f")->spec.keys, "ipdestination");
}

TEST(FlowTable, TellsOfRecordsAlsoOfThoseThatAreNotLogged) {
  World world;
  std::vector<std::string> told;
  world.flows.observe(
      [&](const Flow& /*flow*/, const FlowRecord& record) { told.push_back(record.name); });
  ASSERT_TRUE(world.flows.set(
      "log", {.keys = "ipsource", .value = "frames", .log = FlowSpec::Log::kAtEnd}));
  ASSERT_TRUE(world.flows.set(
      "ipfix", {.keys = "ipsource", .value = "frames", .ipfix_collectors = {IpfixCollector{}}}));
  ASSERT_TRUE(world.flows.set("other", {.keys = "ipsource", .value = "frames"}));
  world.flows.add(world.sampled.sample(), seconds(1));
  world.flows.tick(seconds(60));
  EXPECT_EQ(told, (std::vector<std::string>{"ipfix", "log"}));
  EXPECT_EQ(world.flows.records().total(), 1U);
}

TEST(FlowTable, WhatIsLentLeavesInTime) {
  World world;
  const FlowSpec spec{.keys = "ipsource", .value = "frames"};
  world.flows.lend("nothing", seconds(1));
  ASSERT_TRUE(world.flows.set("f", spec));
  world.flows.lend("f", seconds(10));
  world.flows.tick(seconds(9));
  EXPECT_NE(world.flows.find("f"), nullptr);
  world.flows.lend("f", seconds(12));
  world.flows.tick(seconds(11));
  EXPECT_NE(world.flows.find("f"), nullptr);
  world.flows.tick(seconds(12));
  EXPECT_EQ(world.flows.find("f"), nullptr);
  // Who sets it wants it for good.
  ASSERT_TRUE(world.flows.set("f", spec));
  world.flows.lend("f", seconds(20));
  ASSERT_TRUE(world.flows.set("f", spec));
  world.flows.tick(seconds(30));
  EXPECT_NE(world.flows.find("f"), nullptr);
}

TEST(FlowTable, LogsRecordsWithTheirFurtherValues) {
  World world;
  ASSERT_TRUE(world.flows.set("log", {.keys = "ipsource",
                                      .value = "frames",
                                      .values = "count:ipdestination,avg:bytes",
                                      .log = FlowSpec::Log::kAtEnd}));
  for (int i = 0; i < 10; ++i) world.flows.add(world.sampled.sample(), milliseconds(100 * i));
  world.flows.tick(seconds(10));
  EXPECT_EQ(world.flows.records().total(), 0U);
  world.flows.tick(seconds(16));
  const auto records =
      world.flows.records().newest({}, 10, [](const FlowRecord& /*r*/) { return true; });
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].name, "log");
  EXPECT_EQ(records[0].value, 10'000);
  ASSERT_EQ(records[0].values.size(), 2U);
  EXPECT_EQ(records[0].values[0], 1);
  EXPECT_EQ(records[0].values[1], world.sampled.sample().packet->frame_length());
}

TEST(FlowTable, AsksThresholdsOfEveryUpdate) {
  World world;
  ASSERT_TRUE(world.flows.set("udp", {.keys = "ipdestination", .value = "frames"}));
  ASSERT_TRUE(world.thresholds.set(
      "flood", {.metric = "udp", .value = 100'000, .by = ThresholdSpec::By::kFlow}));
  // 1,000 samples a second of 1,000 frames.
  for (int i = 0; i < 1000; ++i) world.flows.add(world.sampled.sample(), milliseconds(i));
  const auto events =
      world.thresholds.events().newest({}, 10, [](const Event& /*e*/) { return true; });
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].flow_key, "10.1.2.3");
  EXPECT_GT(events[0].value, 100'000);
  EXPECT_LT(events[0].value, 101'000);
}

TEST(FlowTable, TellsDropsFromSamples) {
  World world;
  ASSERT_TRUE(world.flows.set(
      "drops", {.keys = "ipsource", .value = "frames", .of = FlowDefinition::Of::kDrops}));
  world.flows.add(world.sampled.sample(), seconds(1));
  EXPECT_TRUE(world.flows.find("drops")->meter.active_flows({}, seconds(1)).empty());
  world.sampled.sample().drop_reason = 258;
  world.flows.add(world.sampled.sample(), seconds(1));
  EXPECT_EQ(world.flows.find("drops")->meter.active_flows({}, seconds(1)).size(), 1U);
}

TEST(FlowTable, IsBounded) {
  World world;
  for (std::size_t i = 0; i < FlowTable::kMaxFlows; ++i) {
    ASSERT_TRUE(world.flows.set(std::to_string(i), {.value = "frames"}));
  }
  EXPECT_FALSE(world.flows.set("one more", {.value = "frames"}));
  EXPECT_TRUE(world.flows.set("0", {.value = "bytes"}));
}

}  // namespace
}  // namespace fabrix::telemetry
