#include "telemetry/threshold_table.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const DataSource kOne{net::IpAddress::v4({192, 0, 2, 9}), {0, 1}};
const DataSource kTwo{net::IpAddress::v4({192, 0, 2, 9}), {0, 2}};
constexpr FlowMeter::Smoothing kTwoSeconds = seconds(2);

std::vector<Event> events(const ThresholdTable& table) {
  return table.events().newest({}, 100, [](const Event& /*e*/) { return true; });
}

TEST(ThresholdTable, FiresForEachFlowOrForEachSource) {
  ThresholdTable table;
  ASSERT_TRUE(table.set("flows", {.metric = "f", .value = 10, .by = ThresholdSpec::By::kFlow}));
  ASSERT_TRUE(table.set("sources", {.metric = "f", .value = 10}));
  for (const auto* key : {"a", "b", "a"}) {
    table.update("f", kTwoSeconds, {.source = kOne, .key = key, .value = 11, .time = seconds(1)});
  }
  table.update("f", kTwoSeconds, {.source = kTwo, .key = "a", .value = 11, .time = seconds(1)});
  table.update("g", kTwoSeconds, {.source = kOne, .key = "c", .value = 11, .time = seconds(1)});
  int flows = 0;
  int sources = 0;
  for (const Event& event : events(table)) {
    ++(event.threshold_name == "flows" ? flows : sources);
    EXPECT_TRUE(event.is_of_flow);
    EXPECT_FALSE(event.flow_key.empty());
  }
  EXPECT_EQ(flows, 3);
  EXPECT_EQ(sources, 2);
}

TEST(ThresholdTable, FiresForAMetricAgainWhenItHasBeenBelow) {
  ThresholdTable table;
  ASSERT_TRUE(table.set("busy", {.metric = "ifinutilization", .value = 80, .timeout = 10}));
  const auto update = [&](double value, int second) {
    table.update("ifinutilization", kOne, value, seconds(second));
    return events(table).size();
  };
  EXPECT_EQ(update(50, 1), 0U);
  EXPECT_EQ(update(81, 2), 1U);
  EXPECT_EQ(update(90, 1000), 1U);  // it has been above all the time
  EXPECT_EQ(update(70, 1001), 1U);
  EXPECT_EQ(update(85, 1005), 1U);  // below too shortly
  EXPECT_EQ(update(70, 1006), 1U);
  EXPECT_EQ(update(85, 1016), 2U);
  EXPECT_FALSE(events(table)[0].is_of_flow);
  EXPECT_EQ(events(table)[0].value, 85);
}

TEST(ThresholdTable, TellsWhatIsAbove) {
  ThresholdTable table;
  ASSERT_TRUE(table.set("flows", {.metric = "f", .value = 10, .by = ThresholdSpec::By::kFlow}));
  ASSERT_TRUE(table.set("sources", {.metric = "f", .value = 10}));
  table.update("f", kTwoSeconds, {.source = kOne, .key = "a", .value = 20, .time = seconds(1)});
  EXPECT_TRUE(table.is_above("flows", kOne, "a", seconds(1)));
  EXPECT_FALSE(table.is_above("flows", kOne, "b", seconds(1)));
  EXPECT_FALSE(table.is_above("flows", kTwo, "a", seconds(1)));
  EXPECT_TRUE(table.is_above("sources", kOne, "whatever", seconds(1)));
  EXPECT_FALSE(table.is_above("none", kOne, "a", seconds(1)));
  // It has decayed by half in 2 ln 2 seconds.
  EXPECT_FALSE(table.is_above("flows", kOne, "a", seconds(3)));
}

TEST(ThresholdTable, AsksWhetherTheSourceMatches) {
  ThresholdTable table;
  ASSERT_TRUE(table.set("fast", {.metric = "m", .value = 1, .filter = {{"ifspeed", {"10"}}}}));
  table.update("m", kOne, 2, seconds(1));
  EXPECT_TRUE(events(table).empty());
  table.match_with([](const DataSource& source, const auto& filter) {
    return source == kTwo && filter.at("ifspeed").at(0) == "10";
  });
  table.update("m", kOne, 2, seconds(1));
  table.update("m", kTwo, 2, seconds(1));
  ASSERT_EQ(events(table).size(), 1U);
  EXPECT_EQ(events(table)[0].source, kTwo);
}

TEST(ThresholdTable, AsksOnlyWhereItDecides) {
  ThresholdTable table;
  int asked = 0;
  table.match_with([&](const DataSource& /*source*/, const auto& /*filter*/) {
    ++asked;
    return true;
  });
  ASSERT_TRUE(table.set("t", {.metric = "m", .value = 10, .filter = {{"ifspeed", {"10"}}}}));
  table.update("m", kOne, 9, seconds(1));
  table.update("other", kOne, 11, seconds(1));
  EXPECT_EQ(asked, 0);
  table.update("m", kOne, 11, seconds(2));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(events(table).size(), 1U);
}

TEST(ThresholdTable, IsAskedByTheMetricItIsOnNow) {
  ThresholdTable table;
  ASSERT_TRUE(table.set("a", {.metric = "m", .value = 10}));
  ASSERT_TRUE(table.set("b", {.metric = "m", .value = 10}));
  ASSERT_TRUE(table.set("a", {.metric = "n", .value = 10}));
  table.update("m", kOne, 11, seconds(1));
  EXPECT_EQ(events(table).size(), 1U);
  table.update("n", kOne, 11, seconds(1));
  EXPECT_EQ(events(table).size(), 2U);
  EXPECT_TRUE(table.remove("b"));
  table.update("m", kTwo, 11, seconds(1));
  EXPECT_EQ(events(table).size(), 2U);
}

TEST(ThresholdTable, GoesOnWhenTheDefinitionIsTheSame) {
  ThresholdTable table;
  const ThresholdSpec spec{.metric = "m", .value = 1};
  ASSERT_TRUE(table.set("t", spec));
  table.update("m", kOne, 2, seconds(1));
  ASSERT_TRUE(table.set("t", spec));
  table.update("m", kOne, 2, seconds(2));
  EXPECT_EQ(events(table).size(), 1U);
  ASSERT_TRUE(table.set("t", {.metric = "m", .value = 1.5}));
  table.update("m", kOne, 2, seconds(3));
  EXPECT_EQ(events(table).size(), 2U);
  EXPECT_EQ(table.names(), std::vector<std::string>{"t"});
  EXPECT_TRUE(table.remove("t"));
  EXPECT_FALSE(table.remove("t"));
  EXPECT_EQ(table.find("t"), nullptr);
}

TEST(ThresholdTable, IsBounded) {
  ThresholdTable table;
  for (std::size_t i = 0; i < ThresholdTable::kMaxThresholds; ++i) {
    ASSERT_TRUE(table.set(std::to_string(i), {.metric = "m"}));
  }
  EXPECT_FALSE(table.set("one more", {.metric = "m"}));
  EXPECT_EQ(table.find("0")->timeout, 60);
}

}  // namespace
}  // namespace fabrix::telemetry
