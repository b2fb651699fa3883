// The compiler at the size of the largest exchanges: a thousand participants, full tables.
//
// Each operation is timed by itself: what matters is the slowest. Set FABRIX_PREFIXES for real
// prefixes (workload.h).
#include <chrono>
#include <fstream>
#include <iterator>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "bench/compiler/timings.h"
#include "bench/compiler/workload.h"
#include "program/delta.h"

namespace fabrix::compiler {
namespace {

constexpr std::size_t kAllPrefixes = 1'500'000;

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Output compile(Compiler& compiler) {
  return compiler.compile(at(std::chrono::seconds(0)));
}

void load_policies(const Workload& workload, Compiler& compiler) {
  for (unsigned i = 0; i < workload.exchange().participants.size(); ++i) {
    benchmark::DoNotOptimize(compiler.set_policy(participant(i), workload.policy(i), ""));
  }
}

// All policies to rows, without routes: what each participant's clauses cost.
void BM_AllPolicies(benchmark::State& state) {
  const auto shape = static_cast<PolicyShape>(state.range(1));
  const Workload workload(static_cast<unsigned>(state.range(0)), 0, shape);
  const ListTable nothing(workload.exchange());
  std::size_t outbound = 0;
  for (auto _ : state) {
    Compiler compiler(workload.exchange(), nothing);
    load_policies(workload, compiler);
    outbound = compile(compiler).program->table(program::TableId::kOutbound).size();
  }
  state.counters["clauses"] = static_cast<double>(workload.clauses());
  state.counters["outbound_rows"] = static_cast<double>(outbound);
  state.counters["rows_a_clause"] =
      static_cast<double>(outbound) / static_cast<double>(workload.outbound_clauses());
}
BENCHMARK(BM_AllPolicies)
    ->ArgNames({"participants", "shape"})
    ->Args({1000, 0})
    ->Args({500, 1})
    ->Args({1000, 2})
    ->Unit(benchmark::kMillisecond);

// The first compilation with full tables: every prefix is grouped, every class finds its next hop.
void BM_FirstCompileWithFullTables(benchmark::State& state) {
  const auto shape = static_cast<PolicyShape>(state.range(1));
  Workload workload(static_cast<unsigned>(state.range(0)), kAllPrefixes, shape);
  double bytes = 0;
  std::size_t classes = 0;
  std::size_t problems = 0;
  for (auto _ : state) {
    const double before = resident_bytes();
    Compiler compiler(workload.exchange(), workload.table());
    load_policies(workload, compiler);
    const Output output = compile(compiler);
    bytes = resident_bytes() - before;
    classes = output.program->neighbors.size();
    problems = output.problems.size();
  }
  // Such as targets without room in tags, or classes without a virtual next hop.
  state.counters["problems"] = static_cast<double>(problems);
  state.counters["prefixes"] = static_cast<double>(workload.prefixes().size());
  state.counters["bytes_a_prefix"] = bytes / static_cast<double>(workload.prefixes().size());
  state.counters["neighbors"] = static_cast<double>(classes);
}
BENCHMARK(BM_FirstCompileWithFullTables)
    ->ArgNames({"participants", "shape"})
    ->Args({1000, 0})
    ->Args({500, 1})
    ->Args({1000, 2})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// An exchange that runs: what is timed happens to it.
struct Running {
  Running(unsigned participants, PolicyShape shape)
      : workload(participants, kAllPrefixes, shape),
        compiler(workload.exchange(), workload.table()) {
    load_policies(workload, compiler);
    before = compile(compiler).program;
  }
  // Rules that a target must be told.
  std::size_t changed_rules(const Output& output) {
    const std::size_t rules = program::difference(*before, *output.program).size();
    before = output.program;
    return rules;
  }

  Workload workload;
  Compiler compiler;
  program::ProgramPtr before;
};

void BM_BgpUpdates(benchmark::State& state) {
  Running running(static_cast<unsigned>(state.range(0)), static_cast<PolicyShape>(state.range(1)));
  Timings timings;
  std::size_t rules = 0;
  for (auto _ : state) {
    const net::Prefix changed = running.workload.change_routes();
    Output output;
    timings.time([&] {
      running.compiler.routes_changed({&changed, 1});
      output = compile(running.compiler);
    });
    rules += running.changed_rules(output);
  }
  timings.report(state);
  state.counters["rule_changes"] = static_cast<double>(rules);
}
BENCHMARK(BM_BgpUpdates)
    ->ArgNames({"participants", "shape"})
    ->Args({1000, 0})
    ->Args({500, 1})
    ->Args({1000, 2})
    ->Iterations(20'000)
    ->Unit(benchmark::kMicrosecond);

// The best route of 100,000 prefixes goes at once.
void BM_WithdrawalsAtOnce(benchmark::State& state) {
  Running running(static_cast<unsigned>(state.range(0)), static_cast<PolicyShape>(state.range(1)));
  std::vector<net::Prefix> changed;
  const auto& prefixes = running.workload.prefixes();
  for (std::size_t i = 0; i < 100'000 && i < prefixes.size(); ++i) {
    const net::Prefix& prefix = prefixes[i * 7 % prefixes.size()];
    exchange::Routes list = running.workload.table().list(prefix);
    if (list.empty()) continue;
    list.erase(list.begin());
    running.workload.table().set(prefix, list);
    changed.push_back(prefix);
  }
  std::size_t rules = 0;
  for (auto _ : state) {
    running.compiler.routes_changed(changed);
    rules += running.changed_rules(compile(running.compiler));
  }
  state.counters["rule_changes"] = static_cast<double>(rules);
}
BENCHMARK(BM_WithdrawalsAtOnce)
    ->ArgNames({"participants", "shape"})
    ->Args({1000, 0})
    ->Args({500, 1})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

enum Edit : std::uint8_t { kOtherPorts, kOtherTarget };

void BM_Edits(benchmark::State& state) {
  Running running(static_cast<unsigned>(state.range(0)), static_cast<PolicyShape>(state.range(1)));
  Workload& workload = running.workload;
  Timings timings;
  std::size_t rules = 0;
  unsigned version = 0;
  for (auto _ : state) {
    const unsigned owner = workload.below(static_cast<unsigned>(state.range(0)));
    const auto policy = state.range(2) == kOtherPorts ? workload.make_policy(owner, ++version)
                                                      : workload.with_other_target(owner);
    timings.time([&] {
      benchmark::DoNotOptimize(running.compiler.set_policy(participant(owner), policy, ""));
      rules += running.changed_rules(compile(running.compiler));
    });
  }
  timings.report(state);
  state.counters["rules_an_edit"] =
      static_cast<double>(rules) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_Edits)
    ->ArgNames({"participants", "shape", "target"})
    ->Args({1000, 0, kOtherPorts})
    ->Args({1000, 0, kOtherTarget})
    ->Args({500, 1, kOtherPorts})
    ->Args({500, 1, kOtherTarget})
    ->Iterations(2'000)
    ->Unit(benchmark::kMicrosecond);

// What the route server asks for each client and prefix that it tells.
void BM_NextHopsOfOnePrefix(benchmark::State& state) {
  Running running(1000, PolicyShape::kEverybody);
  const auto& prefixes = running.workload.prefixes();
  std::size_t at = 0;
  for (auto _ : state) {
    const net::Prefix& prefix = prefixes[at = (at + 7919) % prefixes.size()];
    for (unsigned i = 0; i < 1000; ++i) {
      benchmark::DoNotOptimize(running.compiler.virtual_next_hop(participant(i), prefix));
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_NextHopsOfOnePrefix)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::compiler
