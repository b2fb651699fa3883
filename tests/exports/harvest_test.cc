#include "exports/harvest.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/telemetry/counted.h"
#include "tests/telemetry/samples.h"

namespace fabrix::exports {
namespace {

using std::chrono::seconds;

class HarvestTest : public ::testing::Test {
 protected:
  // A port of each of so many agents counts.
  void count(std::size_t agents, int second) {
    for (std::size_t i = 0; i < agents; ++i) {
      const auto agent = net::IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(i)});
      engine_.receive(
          telemetry::datagram_of({.sequence = static_cast<std::uint32_t>(second),
                                  .uptime_ms = static_cast<std::uint32_t>(second) * 1000,
                                  .source = {0, 7},
                                  .agent = agent,
                                  .records = telemetry::interface_counters(
                                      {.in = static_cast<std::uint64_t>(second) * 1000})}),
          agent, seconds(second));
    }
  }
  void sample(const char* packet, int second) {
    const telemetry::Sampled sampled(sflow::frame(packet));
    engine_.receive(sampled.datagram(), net::IpAddress::v4({198, 51, 100, 1}), seconds(second));
  }
  // How many there are of each name by now, after some turns.
  std::map<std::string, int> names(Harvest& harvest, int second, int turns = 20) {
    std::map<std::string, int> found;
    for (int i = 0; i < turns; ++i) {
      engine_.tick(seconds(second));
      harvest.turn([&](const Entry& entry) { ++found[entry.name]; });
    }
    return found;
  }

  telemetry::Engine engine_;
};

TEST_F(HarvestTest, ReadsEachMetricOnceForEachValue) {
  count(100, 1);
  Harvest harvest(engine_, seconds(10), Harvest::Of::kMetrics);
  EXPECT_TRUE(names(harvest, 1).empty());
  count(100, 5);
  EXPECT_TRUE(names(harvest, 10).empty());
  EXPECT_EQ(names(harvest, 11)["ifinoctets"], 100);
  EXPECT_TRUE(names(harvest, 12).empty());
  EXPECT_TRUE(names(harvest, 21).empty());
  count(3, 22);
  EXPECT_EQ(names(harvest, 40)["ifinoctets"], 3);
}

TEST_F(HarvestTest, ATurnIsAPart) {
  count(100, 1);
  Harvest harvest(engine_, seconds(10), Harvest::Of::kMetrics);
  names(harvest, 1);
  count(100, 5);
  EXPECT_EQ(names(harvest, 11, 1)["ifinoctets"], 64);
  // What comes meanwhile is the next time's.
  count(100, 12);
  EXPECT_EQ(names(harvest, 12, 1)["ifinoctets"], 0);
  EXPECT_EQ(names(harvest, 21)["ifinoctets"], 100);
}

TEST_F(HarvestTest, ReadsTheLargestFlowsOfEachDefinition) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(engine_.flows().set("f" + std::to_string(i),
                                    {.keys = "ipsource", .value = "frames", .t = 2}));
  }
  Harvest harvest(engine_, seconds(1), Harvest::Of::kBoth);
  names(harvest, 1);
  sample("udp 10.4.3.9:53 -> 10.1.2.3:9", 2);
  sample("udp 10.4.3.8:53 -> 10.1.2.3:9", 2);
  const auto found = names(harvest, 2);
  EXPECT_EQ(found.size(), 40U);
  EXPECT_EQ(found.at("f7"), 2);
  // They have decayed.
  EXPECT_TRUE(names(harvest, 60).empty());
}

TEST_F(HarvestTest, ReadsWhatItIsTold) {
  ASSERT_TRUE(engine_.flows().set("f", {.keys = "ipsource", .value = "frames", .t = 2}));
  count(1, 1);
  Harvest flows(engine_, seconds(1), Harvest::Of::kFlows);
  Harvest nothing(engine_, seconds(1), Harvest::Of::kNothing);
  names(flows, 1);
  names(nothing, 1);
  count(1, 2);
  sample("udp 10.4.3.9:53 -> 10.1.2.3:9", 2);
  EXPECT_EQ(names(flows, 2), (std::map<std::string, int>{{"f", 1}}));
  EXPECT_TRUE(names(nothing, 2).empty());
}

}  // namespace
}  // namespace fabrix::exports
