// The workload of an SDX: every participant has ten clauses "packets to this port, or from this
// network, to target k, if k has a route", and all participants share one table.
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "diagram/diagram.h"

namespace fabrix::diagram {
namespace {

constexpr FieldIndex kSender = 0;
constexpr FieldIndex kSourceIp = 1;
constexpr FieldIndex kPort = 2;
constexpr FieldIndex kFirstReach = 3;
constexpr unsigned kClauses = 10;
constexpr std::size_t kNoLimit = 10'000'000;

std::vector<unsigned> widths() {
  std::vector<unsigned> bits{16, 32, 16};
  bits.resize(kFirstReach + kClauses, 1);
  return bits;
}

enum class Mix : std::uint8_t { kPortsOnly, kPortsAndNetworks };

Diagram policy_of_one(Store& store, std::mt19937& random, Mix mix) {
  std::vector<Diagram> clauses;
  for (unsigned i = 0; i < kClauses; ++i) {
    const std::uint64_t port = random() % 65536;
    const std::uint64_t network = std::uint64_t{random() % 65536} << 16;
    const bool by_network = mix == Mix::kPortsAndNetworks && i % 4 == 3;
    const Diagram when = by_network ? store.test(kSourceIp, network, network + 0xffff)
                                    : store.test(kPort, port, port);
    const Diagram reach = store.test(static_cast<FieldIndex>(kFirstReach + i), 1, 1);
    clauses.push_back(store.restrict(store.conjunction(when, reach),
                                     store.leaf(static_cast<Leaf>(2 + random() % 1000))));
  }
  return store.over(clauses);
}

Diagram policy_of_all(Store& store, std::int64_t participants, Mix mix) {
  std::mt19937 random(1);
  std::vector<Diagram> all;
  for (std::int64_t sender = 0; sender < participants; ++sender) {
    const auto id = static_cast<std::uint64_t>(sender);
    all.push_back(store.restrict(store.test(kSender, id, id), policy_of_one(store, random, mix)));
  }
  return store.over(all);
}

void BM_BuildTable(benchmark::State& state) {
  for (auto _ : state) {
    Store store(widths());
    benchmark::DoNotOptimize(policy_of_all(store, state.range(0), Mix(state.range(1))));
    state.counters["nodes"] = static_cast<double>(store.size());
  }
}
BENCHMARK(BM_BuildTable)
    ->ArgNames({"participants", "networks"})
    ->ArgsProduct({{100, 1000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

void BM_RowsOfTable(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    Store store(widths());
    const Diagram table = policy_of_all(store, state.range(0), Mix(state.range(1)));
    state.ResumeTiming();
    const auto rows = store.rows(table, kNoLimit);
    state.counters["rows"] = static_cast<double>(rows->size());
    state.counters["nodes"] = static_cast<double>(store.size());
  }
}
BENCHMARK(BM_RowsOfTable)
    ->ArgNames({"participants", "networks"})
    ->ArgsProduct({{100, 1000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

// One participant's edit: build, link under the root, rows of that participant only.
void BM_EditOneParticipant(benchmark::State& state) {
  Store store(widths());
  const auto mix = Mix(state.range(0));
  const Diagram table = policy_of_all(store, 1000, mix);
  std::mt19937 random(2);
  for (auto _ : state) {
    const Diagram policy = policy_of_one(store, random, mix);
    const Diagram sender = store.test(kSender, 500, 500);
    benchmark::DoNotOptimize(store.if_then_else(sender, policy, table));
    benchmark::DoNotOptimize(store.rows(policy, kNoLimit));
  }
}
BENCHMARK(BM_EditOneParticipant)
    ->ArgName("networks")
    ->DenseRange(0, 1)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::diagram
