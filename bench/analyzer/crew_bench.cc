// What flows cost where threads share the samples by their agents: batches of 64 datagrams of seven
// samples, 32 agents with 48 ports each, 100,000 flows (Zipf), on so many threads and with so many
// definitions; and what a batch of nothing costs a crew. Of several threads it is the time that
// counts, not the processors'.
#include <array>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "analyzer/crew.h"
#include "bench/telemetry/sampled_flows.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {
namespace {

using bench::kBatch;
using bench::kDefinitions;
using bench::kSamples;

// Arguments: threads, definitions, whether somebody hears of the flows.
void flows(benchmark::State& state) {
  Crew crew(static_cast<std::size_t>(state.range(0)));
  telemetry::Engine engine(crew.parts() > 1 ? &crew : nullptr);
  for (std::size_t n = 0; n < static_cast<std::size_t>(state.range(1)); ++n) {
    const std::string name = "flow" + std::to_string(n);
    static_cast<void>(engine.flows().set(name, {.keys = kDefinitions.at(n), .value = "bytes"}));
    if (state.range(2) == 0) continue;
    static_cast<void>(engine.thresholds().set(name, {.metric = name, .value = 1e15}));
  }
  const auto all = bench::datagrams();
  const auto from = net::IpAddress::v4({192, 0, 2, 1});
  telemetry::Time now{};
  std::int64_t samples = 0;
  for (auto _ : state) {
    for (std::size_t first = 0; first + kBatch <= all.size(); first += kBatch) {
      std::array<telemetry::Engine::Arrival, kBatch> arrivals{};
      for (std::size_t i = 0; i < kBatch; ++i) arrivals[i] = {all[first + i], from};
      engine.receive(arrivals, now);
      now += std::chrono::microseconds(7 * kBatch);
      samples += std::int64_t{kSamples * kBatch};
    }
  }
  state.SetItemsProcessed(samples);
}
BENCHMARK(flows)
    ->ArgNames({"threads", "definitions", "heard"})
    ->ArgsProduct({{1, 2, 3, 4}, {0, 1, 5}, {0, 1}})
    ->UseRealTime();

void empty_work(benchmark::State& state) {
  Crew crew(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) crew.run([](std::size_t) {});
}
BENCHMARK(empty_work)->Arg(2)->Arg(4)->UseRealTime();

}  // namespace
}  // namespace fabrix::analyzer
