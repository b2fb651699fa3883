// What a flow definition costs a sample: datagrams of seven samples of 32 agents with 48 ports
// each, 100,000 flows (Zipf), read down to the keys and counted in the caches. Of the engine also
// what it costs without a definition and with five, what a log of flows costs, and thresholds, on
// these flows and on others; what an answer takes; and what the join with a million routes costs,
// whose prefixes are those of a file with one a line that FABRIX_PREFIXES names, or random ones.
#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/telemetry/sampled_flows.h"
#include "sflow/datagram_writer.h"
#include "telemetry/engine.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {
namespace {

using bench::Addresses;
using bench::datagrams;
using bench::kBatch;
using bench::kDefinitions;

void run(benchmark::State& state, const FlowDefinition& definition) {
  const auto all = datagrams();
  auto meter = FlowMeter::create(definition).value();
  Time now{};
  std::int64_t samples = 0;
  for (auto _ : state) {
    for (const auto& datagram : all) {
      meter.add(datagram, now);
      now += std::chrono::microseconds(7);
      samples += bench::kSamples;
    }
  }
  state.SetItemsProcessed(samples);
}

constexpr FlowCacheOptions kTop5{.capacity = 20, .smoothing = std::chrono::seconds(2)};
constexpr FlowCacheOptions kExact{
    .capacity = 1'000'000, .smoothing = std::chrono::seconds(2), .when_full = WhenFull::kIgnoreNew};

void BM_Pair(benchmark::State& state) {
  run(state, {.keys = "ipsource,ipdestination", .cache = kTop5});
}
BENCHMARK(BM_Pair);

void BM_FiveTupleExact(benchmark::State& state) {
  run(state, {.keys = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
              .cache = kExact});
}
BENCHMARK(BM_FiveTupleExact);

// Octets of the process that hold nothing else.
std::size_t resident_octets() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// What a million five-tuples take.
void BM_ExactMemory(benchmark::State& state) {
  for (auto _ : state) {
    const std::size_t before = resident_octets();
    FlowCache cache(kExact);
    DecayClock clock(kExact.smoothing);
    clock.advance({});
    for (std::uint32_t n = 0; n < kExact.capacity; ++n) {
      const std::string key =
          fmt::format("10.{}.{}.{},10.100.{}.{},6,{},443", n >> 16U, n >> 8U & 255U, n & 255U,
                      n * 7 >> 8U & 255U, n * 7 & 255U, 1024 + n % 60'000);
      cache.add(HashedKey::of(key), 1, clock);
    }
    state.counters["octets_a_key"] =
        static_cast<double>(resident_octets() - before) / static_cast<double>(cache.size());
  }
}
BENCHMARK(BM_ExactMemory)->Iterations(1);

void BM_Filtered(benchmark::State& state) {
  run(state, {.keys = "ipdestination", .filter = "ipprotocol=17&udpsourceport=53", .cache = kTop5});
}
BENCHMARK(BM_Filtered);

// As `sflow analyze` gets them.
void receive(benchmark::State& state, Engine& engine,
             const std::vector<std::vector<std::byte>>& all) {
  const auto from = net::IpAddress::v4({192, 0, 2, 1});
  Time now{};
  std::int64_t samples = 0;
  std::array<std::vector<std::byte>, kBatch> received;
  for (auto _ : state) {
    for (std::size_t first = 0; first + kBatch <= all.size(); first += kBatch) {
      std::array<Engine::Arrival, kBatch> arrivals{};
      for (std::size_t i = 0; i < kBatch; ++i) {
        // As the kernel's copy does, this has it in the processor's cache.
        received[i].assign(all[first + i].begin(), all[first + i].end());
        arrivals[i] = {.datagram = received[i], .from = from};
      }
      engine.receive(arrivals, now);
      now += std::chrono::microseconds(7 * kBatch);
      samples += std::int64_t{bench::kSamples * kBatch};
    }
  }
  state.SetItemsProcessed(samples);
}
// The whole engine, with so many definitions, and what may hang on the first.
void run_engine(benchmark::State& state, std::size_t definitions, FlowSpec::Log log,
                std::size_t thresholds) {
  Engine engine;
  for (std::size_t n = 0; n < definitions; ++n) {
    static_cast<void>(engine.flows().set("flow" + std::to_string(n),
                                         {.keys = kDefinitions[n], .value = "bytes", .log = log}));
  }
  for (std::size_t n = 0; n < thresholds; ++n) {
    static_cast<void>(engine.thresholds().set(
        "t" + std::to_string(n),
        {.metric = n == 0 ? "flow0" : "other" + std::to_string(n), .value = 1e12}));
  }
  receive(state, engine, datagrams());
}
BENCHMARK_CAPTURE(run_engine, nothing, 0, FlowSpec::Log::kNone, 0);
BENCHMARK_CAPTURE(run_engine, plain, 1, FlowSpec::Log::kNone, 0);
BENCHMARK_CAPTURE(run_engine, five, 5, FlowSpec::Log::kNone, 0);
BENCHMARK_CAPTURE(run_engine, logged, 1, FlowSpec::Log::kAtEnd, 0);
BENCHMARK_CAPTURE(run_engine, one_threshold, 1, FlowSpec::Log::kNone, 1);
BENCHMARK_CAPTURE(run_engine, hundred_thresholds, 1, FlowSpec::Log::kNone, 100);

// The 100 largest of 1,536 sources, after a sample of each of a million flows; as /activeflows.
void answer(benchmark::State& state, Aggregation aggregation) {
  FlowMeter meter =
      FlowMeter::create(
          {.keys = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
           .cache = {.capacity = 80, .smoothing = std::chrono::seconds(10)}})
          .value();
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  for (std::uint32_t flow = 0; flow < 1'000'000; ++flow) {
    const auto octets = bench::sampled_octets(flow, {});
    sflow::DatagramWriter out(
        {.agent = net::IpAddress::v4(
             {192, 0, 2, static_cast<std::uint8_t>(random() % bench::kAgents)})});
    out.begin({.source = {0, static_cast<std::uint32_t>(1 + random() % bench::kPorts)},
               .sampling_rate = 1000},
              sflow::SampleForm::kCompact);
    out.record(
        sflow::SampledHeader{.protocol = 1, .frame_length = 1518, .stripped = 4, .header = octets});
    const auto datagram = out.take();
    meter.add(datagram, std::chrono::microseconds(flow));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(meter.active_flows(
        {.count = 100, .aggregation = aggregation, .top_of_source = 20}, std::chrono::seconds(1)));
  }
}
BENCHMARK_CAPTURE(answer, max, Aggregation::kMaximum)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(answer, sum, Aggregation::kSum)->Unit(benchmark::kMillisecond);

std::vector<net::Prefix> prefixes() {
  std::vector<net::Prefix> made;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in Fabrix changes the environment.
  if (const char* const name = std::getenv("FABRIX_PREFIXES")) {
    std::ifstream lines(name);
    for (std::string line; std::getline(lines, line);) {
      const auto prefix = net::Prefix::parse(line.substr(0, line.find(' ')));
      if (prefix) made.push_back(*prefix);
    }
    return made;
  }
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  while (made.size() < 1'000'000) {
    const auto word = 0x01000000 + random() % 0xde000000;
    const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(word >> shift); };
    const auto address = net::IpAddress::v4({octet(24), octet(16), octet(8), 0});
    made.push_back(
        net::Prefix::containing(address, 16 + static_cast<unsigned>(random() % 9)).value());
  }
  return made;
}

// The same with and without the join: traffic to a hundred thousand addresses in the prefixes.
void join(benchmark::State& state, const char* keys, bool has_routes) {
  const auto all = prefixes();
  const auto router = net::IpAddress::v4({192, 0, 2, 254});
  std::mt19937 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  Addresses destinations;
  while (destinations.size() < bench::kFlows) {
    const auto octets = all[random() % all.size()].address().octets();
    destinations.push_back(std::uint32_t{octets[0]} << 24U | std::uint32_t{octets[1]} << 16U |
                           std::uint32_t{octets[2]} << 8U | octets[3] | 1U);
  }
  Engine engine;
  if (has_routes) {
    engine.routers().add_router(router, {}, std::chrono::seconds(2), RouteValue::kBytes);
    std::vector<RouteInfoPtr> routes;
    for (std::uint32_t n = 0; n < 50'000; ++n) {
      routes.push_back(
          std::make_shared<const RouteInfo>(RouteInfo{.as_path = "65254-65002-" + std::to_string(n),
                                                      .origin_as = n,
                                                      .communities = "65002:7-65002:8"}));
    }
    for (const auto& prefix : all) {
      engine.routers().set_route(router, prefix, routes[random() % routes.size()]);
    }
    engine.routers().bind_others(router);
  }
  static_cast<void>(engine.flows().set("flow", {.keys = keys, .value = "bytes"}));
  state.counters["prefixes"] = static_cast<double>(has_routes ? all.size() : 0);
  const auto made = datagrams(destinations);
  // Parts of the table are made when they are first asked for.
  for (const auto& datagram : made) engine.receive(datagram, router, {});
  receive(state, engine, made);
}
constexpr auto* kTexts = "or:ipsource:ip6source,or:ipdestination:ip6destination";
BENCHMARK_CAPTURE(join, without, "ipsource,ipdestination", false);
// The same addresses as texts, about as long as the next ones: what texts themselves cost.
BENCHMARK_CAPTURE(join, without_texts, kTexts, false);
BENCHMARK_CAPTURE(join, same_keys, "ipsource,ipdestination", true);
BENCHMARK_CAPTURE(join, same_texts, kTexts, true);
BENCHMARK_CAPTURE(join, path_and_communities, "bgpdestinationaspath,bgpcommunities", true);

}  // namespace
}  // namespace fabrix::telemetry
