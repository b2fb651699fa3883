#include "telemetry/flow_log.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const DataSource kSource{net::IpAddress::v4({192, 0, 2, 9}), {0, 7}};

FlowUpdate update(std::string_view key, double amount, Time time) {
  return {.source = kSource, .key = key, .value = amount, .time = time, .amount = amount};
}

// As sFlow-RT was seen to do: 70 samples a second of 1,000 for 10 s are 701,000.
TEST(FlowLog, TotalsAFlowUntilItIsSilent) {
  FlowLog log({});
  for (int i = 0; i <= 700; ++i) log.update(update("a", 1000, i * seconds(10) / 700));
  log.flush(seconds(24));
  EXPECT_TRUE(log.take().empty());
  log.flush(seconds(25));
  const auto records = log.take();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "a");
  EXPECT_EQ(records[0].value, 701'000);
  EXPECT_EQ(records[0].start, seconds(0));
  EXPECT_EQ(records[0].end, seconds(10));
  EXPECT_EQ(records[0].source, kSource);
  log.flush(seconds(1000));
  EXPECT_TRUE(log.take().empty());
}

TEST(FlowLog, CountsOctetsAndFramesWhateverTheValueIs) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));  // 64 octets, 1 in 1,000
  auto meter = FlowMeter::create({.keys = "ipsource", .value = "ipttl"}).value();
  FlowLog log({});
  meter.observe([&](const FlowUpdate& flow) { log.update(flow); });
  meter.add(sampled.sample(), seconds(1));
  meter.add(sampled.sample(), seconds(2));
  log.flush(seconds(60));
  const auto records = log.take();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, 128);
  EXPECT_EQ(records[0].octets, 128'000);
  EXPECT_EQ(records[0].frames, 2000);
}

TEST(FlowLog, CutsALongFlowAtTheActiveTimeout) {
  FlowLog log({.active_timeout = seconds(5), .idle_timeout = seconds(5)});
  for (int i = 0; i < 120; ++i) log.update(update("a", 1, i * milliseconds(100)));
  log.flush(seconds(12));
  auto records = log.take();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].value, 50);
  EXPECT_EQ(records[1].start, seconds(5));
  log.flush(seconds(17));
  records = log.take();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, 20);
}

TEST(FlowLog, TellsOfAFlowAtItsStart) {
  FlowLog log({.active_timeout = seconds(5), .when = FlowLogOptions::When::kAtStart});
  for (int i = 0; i < 10; ++i) log.update(update("a", 100 + i, i * milliseconds(100)));
  auto records = log.take();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, 100);
  EXPECT_EQ(records[0].start, records[0].end);
  log.flush(seconds(60));
  EXPECT_TRUE(log.take().empty());
  log.update(update("a", 7, seconds(61)));
  EXPECT_EQ(log.take().size(), 1U);
}

TEST(FlowLog, KeepsTheLastOfAMean) {
  FlowLog log({.value = FlowLogOptions::Value::kLast});
  log.update({.source = kSource, .key = "a", .value = 40, .time = {}, .amount = 1000});
  log.update({.source = kSource, .key = "a", .value = 50, .time = {}, .amount = 1000});
  log.flush(seconds(60));
  EXPECT_EQ(log.take().at(0).value, 50);
}

TEST(FlowLog, EndsTheMostSilentWhenThereAreTooMany) {
  FlowLog log({});
  for (std::size_t i = 0; i < FlowLog::kMaxFlows; ++i) {
    log.update(update(std::to_string(i), 1, milliseconds(1)));
  }
  log.update(update("0", 1, milliseconds(2)));
  EXPECT_TRUE(log.take().empty());
  log.update(update("one more", 1, milliseconds(3)));
  const auto records = log.take();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "1");
}

}  // namespace
}  // namespace fabrix::telemetry
