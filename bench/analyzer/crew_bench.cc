// What flows cost where threads share the samples by their agents: batches of 64 datagrams of seven
// samples, 32 agents with 48 ports each, 100,000 flows (Zipf), on so many threads and with so many
// definitions; and what a batch of nothing costs a crew. Of several threads it is the time that
// counts, not the processors'.
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "analyzer/crew.h"
#include "sflow/datagram_writer.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {
namespace {

constexpr std::uint32_t kSamples = 7;
constexpr std::size_t kDatagrams = 20'480;
constexpr std::size_t kBatch = 64;
constexpr double kFlows = 100'000;

std::vector<std::byte> packet_of(std::uint32_t flow) {
  std::vector<std::byte> octets(128);
  const auto put = [&](std::size_t at, std::uint32_t word) {
    for (std::size_t i = 0; i < 4; ++i) octets[at + i] = std::byte(word >> (24 - 8 * i) & 0xffU);
  };
  octets[12] = std::byte{8};
  put(14, 0x450005dc);
  put(22, 0x40060000);
  put(26, 0x0a000000 + flow);
  put(30, 0x0a640000 + flow * 7 % 65536);
  put(34, flow * 31 << 16U | 443);
  return octets;
}

std::vector<std::vector<std::byte>> datagrams() {
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  std::vector<std::vector<std::byte>> made;
  for (std::uint32_t sequence = 0; sequence < kDatagrams; ++sequence) {
    const auto agent = static_cast<std::uint8_t>(random() % 32);
    sflow::DatagramWriter out(
        {.agent = net::IpAddress::v4({192, 0, 2, agent}), .sequence = sequence});
    for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
      const auto flow = std::pow(kFlows, static_cast<double>(random()) / 4294967296.0) - 1;
      const auto octets = packet_of(static_cast<std::uint32_t>(flow));
      out.begin({.sequence = sample,
                 .source = {0, 1 + static_cast<std::uint32_t>(random() % 48)},
                 .sampling_rate = 1000},
                sflow::SampleForm::kCompact);
      out.record(sflow::SampledHeader{
          .protocol = 1, .frame_length = 1518, .stripped = 4, .header = octets});
    }
    made.push_back(out.take());
  }
  return made;
}

// As bench/telemetry/flow_bench.cc has them.
constexpr std::array kDefinitions{"ipsource,ipdestination", "macsource,macdestination",
                                  "ipdestination,tcpdestinationport", "ipprotocol,stack",
                                  "ipsource,ipdestination,ipprotocol,tcpsourceport"};

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
  const auto all = datagrams();
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
