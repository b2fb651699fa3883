#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sflow/datagram_writer.h"
#include "telemetry/engine.h"
#include "tests/sflow/frames.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint32_t below(std::mt19937& random, std::uint32_t end) {
  return static_cast<std::uint32_t>(random() % end);
}

// Samples of what comes in, drops, counters, and now and then what cannot be read.
std::vector<std::byte> datagram(std::mt19937& random, std::uint32_t sequence,
                                std::uint32_t kinds = 12) {
  sflow::DatagramWriter out(
      {.agent = net::IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(below(random, 5))}),
       .sub_agent = below(random, 2),
       .sequence = sequence - below(random, 2),
       .uptime_ms = below(random, 50) == 0 ? 0 : sequence * 1000});
  const std::uint32_t samples = below(random, 12);
  for (std::uint32_t n = 0; n < samples; ++n) {
    const std::uint32_t number = sequence * 12 + n - below(random, 3);
    const sflow::SourceId source{0, 1 + below(random, 4)};
    const std::uint32_t kind = below(random, kinds);
    if (kind == 0) {
      out.begin(sflow::CounterSample{.sequence = number, .source = source},
                sflow::SampleForm::kExpanded);
      continue;
    }
    const auto frame = sflow::frame("tcp 10.0." + std::to_string(below(random, 9)) + "." +
                                    std::to_string(below(random, below(random, 2) == 0 ? 4 : 200)) +
                                    ":1000 -> 10.1.2.3:80");
    if (kind == 1) {
      out.begin(sflow::DropSample{.sequence = number, .source = source, .reason = 258});
    } else {
      out.begin(sflow::FlowSample{.sequence = number,
                                  .source = source,
                                  .sampling_rate = below(random, 9) == 0 ? 0 : 1000U,
                                  .drops = number / 7},
                sflow::SampleForm::kCompact);
    }
    out.record(sflow::SampledHeader{
        .protocol = 1, .frame_length = 64 + below(random, 1400), .stripped = 4, .header = frame});
  }
  auto octets = out.take();
  if (below(random, 20) == 0) octets.resize(octets.size() - below(random, 40) % octets.size());
  return octets;
}

void define(Engine& engine) {
  const auto set = [&](const std::string& name, const FlowSpec& spec) {
    ASSERT_TRUE(engine.flows().set(name, spec)) << name;
  };
  set("pairs", {.keys = "ipsource,ipdestination", .value = "bytes"});
  set("means", {.keys = "ipsource", .value = "avg:bytes", .values = "count:inputifindex,frames"});
  set("agents",
      {.keys = "ipsource", .value = "frames", .sources = FlowDefinition::Sources::kAgents});
  set("drops", {.keys = "reason", .value = "frames", .of = FlowDefinition::Of::kDrops});
  set("logged", {.keys = "ipsource", .value = "bytes", .log = FlowSpec::Log::kAtEnd});
  ASSERT_TRUE(engine.thresholds().set(
      "large", {.metric = "pairs", .value = 5e4, .by = ThresholdSpec::By::kFlow, .timeout = 1}));
}

// All that it tells, in its order.
std::vector<std::string> told(const Engine& engine) {
  std::vector<std::string> lines;
  const auto add = [&](const auto&... what) {
    std::string& line = lines.emplace_back();
    ((line += what, line += ' '), ...);
  };
  const auto number = [](double value) { return std::to_string(value); };
  for (const auto& [name, flow] : engine.flows().all()) {
    for (const auto aggregation : {Aggregation::kMaximum, Aggregation::kSum}) {
      for (const ReportedFlow& each : flow->meter.active_flows(1000, aggregation, engine.now())) {
        add(name, each.key, number(each.value), number(each.error), std::to_string(each.sources));
      }
    }
    add(name, std::to_string(flow->meter.left_out()));
  }
  const auto all = [](const auto&) { return true; };
  for (const Event& event : engine.thresholds().events().newest({}, 1000, all)) {
    add(event.flow_key, number(event.value), data_source_name(event.source.id));
  }
  for (const FlowRecord& record : engine.flows().records().newest({}, 1000, all)) {
    add(record.key, number(record.value), std::to_string(record.start.count()));
  }
  for (const AgentReport& report : engine.metrics().health().agents()) {
    for (const SampleHealth& health : {report.flows, report.counters, report.discards}) {
      add(report.agent.to_string(), std::to_string(health.samples.received),
          std::to_string(health.samples.lost), std::to_string(health.samples.duplicates),
          std::to_string(health.samples.out_of_order), std::to_string(health.drops),
          std::to_string(health.data_sources), std::to_string(report.restarts));
    }
  }
  add(std::to_string(engine.counters().flow_samples),
      std::to_string(engine.counters().parse_errors),
      std::to_string(engine.counters().drop_samples));
  return lines;
}

// However many come at once, they count as if they had come one by one.
TEST(EngineBatch, CountsAsOneByOne) {
  const auto from = net::IpAddress::v4({192, 0, 2, 200});
  for (unsigned seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Engine alone;
    Engine together;
    define(alone);
    define(together);
    Time now = seconds(1'700'000'000);
    std::uint32_t sequence = 10;
    for (int batch = 0; batch < 30; ++batch) {
      now += milliseconds(below(random, 20) == 0 ? 20'000 : below(random, 300));
      std::vector<std::vector<std::byte>> octets;
      for (std::uint32_t n = below(random, 20); n > 0; --n) {
        octets.push_back(datagram(random, ++sequence));
      }
      std::vector<Engine::Arrival> arrivals;
      for (const auto& each : octets) {
        alone.receive(each, from, now);
        arrivals.push_back({.datagram = each, .from = from});
      }
      together.receive(arrivals, now);
      alone.tick(now);
      together.tick(now);
    }
    const auto expected = told(alone);
    const auto lines = told(together);
    EXPECT_EQ(lines.size(), expected.size());
    for (std::size_t at = 0; at < std::min(lines.size(), expected.size()); ++at) {
      ASSERT_EQ(lines[at], expected[at]) << "line " << at;
    }
    EXPECT_FALSE(
        alone.thresholds().events().newest({}, 1, [](const auto&) { return true; }).empty());
  }
}

// As many threads as parts, each time.
class Threads final : public Spread {
 public:
  std::size_t parts() const override { return 4; }
  void run(const std::function<void(std::size_t)>& do_part) override {
    ++runs_;
    std::vector<std::thread> threads;
    for (std::size_t part = 0; part < parts(); ++part) threads.emplace_back(do_part, part);
    for (std::thread& thread : threads) thread.join();
  }
  int runs() const { return runs_; }

 private:
  int runs_ = 0;
};

// Over threads all is told that one thread tells, in its order, whoever hears of it.
TEST(EngineBatch, CountsOverThreadsAsOnOne) {
  const auto from = net::IpAddress::v4({192, 0, 2, 200});
  for (unsigned seed = 0; seed < 2; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Threads threads;
    Engine alone;
    Engine spread(&threads);
    for (Engine* const engine : {&alone, &spread}) {
      if (seed % 2 == 0) define(*engine);
      ASSERT_TRUE(engine->names().set_groups("nets", {{"even", {"10.0.0.0/16"}}}));
      ASSERT_TRUE(engine->flows().set("groups", {.keys = "group:ipsource:nets", .value = "bytes"}));
      ASSERT_TRUE(engine->flows().set(
          "ports", {.keys = "null:ipsource", .value = "frames", .filter = "tcpsourceport~1..."}));
      ASSERT_TRUE(engine->flows().set("values", {.keys = "ipsource", .value = "count:ipttl"}));
      ASSERT_TRUE(engine->flows().set("sums", {.keys = "ipsource", .value = "bytes"}));
    }
    Time now = seconds(1'700'000'000);
    std::uint32_t sequence = 10;
    for (int batch = 0; batch < 4; ++batch) {
      now += milliseconds(below(random, 5) == 0 ? 20'000 : below(random, 300));
      std::vector<std::vector<std::byte>> octets;
      for (std::uint32_t n = below(random, 150); n > 0; --n) {
        octets.push_back(datagram(random, ++sequence, 600));
      }
      std::vector<Engine::Arrival> arrivals;
      for (const auto& each : octets) arrivals.push_back({.datagram = each, .from = from});
      for (Engine* const engine : {&alone, &spread}) {
        engine->receive(arrivals, now);
        engine->tick(now);
      }
    }
    EXPECT_EQ(told(spread), told(alone));
    EXPECT_GT(threads.runs(), 0);
    EXPECT_FALSE(alone.flows().find("sums")->meter.active_flows(1, Aggregation::kSum, now).empty());
  }
}

}  // namespace
}  // namespace fabrix::telemetry
