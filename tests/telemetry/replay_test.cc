// Time is an input: what is recorded comes to the same at any speed. At a hundred times the speed a
// clock that ticks ten times a second ticks once in ten seconds of the recording.
#include <array>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "telemetry/engine.h"
#include "telemetry/metric_query.h"
#include "tests/telemetry/counted.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Recorded {
  Octets datagram;
  Time time{};
};

const net::IpAddress kFrom = net::IpAddress::v4({192, 0, 2, 9});
constexpr Time kEnd = seconds(120);
// Flows, drops and counters.
constexpr std::array<std::string_view, 7> kCaptures{
    "goflow2_flows", "goflow2_icmp", "goflow2_drop_acl", "gopacket_2",
    "gopacket_6",    "gopacket_11",  "gopacket_ethernet"};

// Two minutes of samples at random moments, now more, now fewer, and of counters.
std::vector<Recorded> recording() {
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  std::vector<Recorded> all;
  std::uint32_t sequence = 1;
  for (Time now = seconds(1); now < kEnd - seconds(1);
       now += milliseconds(1 + random() % (now / seconds(10) % 3 == 0 ? 4000 : 100))) {
    const auto frame = sflow::frame(
        fmt::format("tcp 10.0.0.{}:{} -> 10.1.2.3:80", random() % 9, 1000 + random() % 3));
    all.push_back({Sampled(frame).datagram(), now});
    if (random() % 8 != 0) continue;
    all.push_back(
        {datagram_of({.sequence = sequence++, .records = interface_counters({.in = random()})}),
         now});
  }
  return all;
}

void define(Engine& engine) {
  ASSERT_TRUE(engine.flows().set("pair", {.keys = "ipsource,tcpsourceport",
                                          .value = "bytes",
                                          .values = "count:tcpsourceport,avg:bytes",
                                          .log = FlowSpec::Log::kAtEnd,
                                          .active_timeout = 5}));
  ASSERT_TRUE(engine.flows().set("start", {.keys = "ipsource",
                                           .value = "frames",
                                           .log = FlowSpec::Log::kAtStart,
                                           .active_timeout = 20}));
  using By = ThresholdSpec::By;
  ASSERT_TRUE(engine.thresholds().set(
      "big", {.metric = "pair", .value = 100'000, .by = By::kFlow, .timeout = 5}));
  ASSERT_TRUE(engine.thresholds().set("any", {.metric = "start", .value = 500, .timeout = 1}));
  ASSERT_TRUE(engine.thresholds().set("in", {.metric = "ifinoctets", .value = 1, .timeout = 0}));
}

// All that can be asked of it.
struct Answers {
  std::vector<std::string> events;
  std::multiset<std::string> records;  // those that end at one tick have no order
  std::vector<std::string> flows;
  std::vector<std::string> metrics;
};

Answers answers_of(const Engine& engine) {
  const auto any = [](const auto& /*entry*/) { return true; };
  Answers answers;
  for (const Event& event : engine.thresholds().events().newest({}, 1000, any)) {
    answers.events.push_back(fmt::format("{} {} {} {} {} {} {}", event.id, event.threshold_name,
                                         event.metric, event.value, event.flow_key,
                                         event.time.count(), fmt::join(event.values, ",")));
  }
  for (const FlowRecord& record : engine.flows().records().newest({}, 1000, any)) {
    answers.records.insert(fmt::format("{} {} {} {} {} {}", record.name, record.key, record.value,
                                       record.start.count(), record.end.count(),
                                       fmt::join(record.values, ",")));
  }
  for (const auto& [name, flow] : engine.flows().all()) {
    for (const ReportedFlow& found :
         flow->meter.active_flows(100, Aggregation::kMaximum, engine.now())) {
      answers.flows.push_back(
          fmt::format("{} {} {} {}", name, found.key, found.value, found.error));
    }
  }
  for (const MetricRow& row : MetricQuery(engine.metrics(), kAll).rows(parse_term(kAll))) {
    answers.metrics.push_back(
        fmt::format("{} {} {}", row.name, text_of(row.value), row.updated.count()));
  }
  return answers;
}

// As a clock ticks that sees the recording at this speed.
Answers replayed(const std::vector<Recorded>& recorded, int speed) {
  Engine engine;
  define(engine);
  const Time tick = milliseconds(100) * speed;
  Time next = tick;
  for (const Recorded& one : recorded) {
    for (; next <= one.time; next += tick) engine.tick(next);
    engine.receive(one.datagram, kFrom, one.time);
  }
  engine.tick(kEnd);
  return answers_of(engine);
}

void expect_the_same(const std::vector<Recorded>& recorded, const Answers& real_time) {
  for (const int speed : {7, 100}) {
    SCOPED_TRACE(speed);
    const Answers quick = replayed(recorded, speed);
    EXPECT_EQ(quick.events, real_time.events);
    EXPECT_EQ(quick.records, real_time.records);
    EXPECT_EQ(quick.flows, real_time.flows);
    EXPECT_EQ(quick.metrics, real_time.metrics);
  }
}

TEST(Replay, GivesTheSameAnswersAtAnySpeed) {
  const auto recorded = recording();
  const Answers real_time = replayed(recorded, 1);
  EXPECT_GT(real_time.events.size(), 10U);
  EXPECT_LT(real_time.events.size(), 1000U);
  EXPECT_GT(real_time.records.size(), 100U);
  EXPECT_LT(real_time.records.size(), 1000U);
  EXPECT_GT(real_time.flows.size(), 10U);
  EXPECT_FALSE(real_time.metrics.empty());
  expect_the_same(recorded, real_time);
}

// What agents of others have sent, one after the other.
TEST(Replay, GivesTheSameAnswersOfPublicCaptures) {
  std::vector<Recorded> recorded;
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  for (Time now = seconds(1); now < kEnd - seconds(1); now += milliseconds(random() % 500)) {
    const std::string_view name = kCaptures[random() % kCaptures.size()];
    recorded.push_back({sflow::capture(std::string(name)), now});
  }
  const Answers real_time = replayed(recorded, 1);
  EXPECT_FALSE(real_time.events.empty());
  EXPECT_FALSE(real_time.records.empty());
  EXPECT_FALSE(real_time.flows.empty());
  EXPECT_FALSE(real_time.metrics.empty());
  expect_the_same(recorded, real_time);
}

}  // namespace
}  // namespace fabrix::telemetry
