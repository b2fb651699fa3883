// The Linux fabric with a hundred thousand clauses: what it costs to compile them, to translate
// them, to load them into the kernel, and to change one of them; in time and in memory.
//
// 640 members in the shape of bench/compiler/workload.h with clauses to a tenth of the others, as
// the compiler has them. Needs root.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/compiler/workload.h"
#include "compiler/compiler.h"
#include "controller/linux_datapath.h"

namespace fabrix::controller {
namespace {

using compiler::PolicyShape;
using compiler::Workload;

// 102,400 outbound clauses, as expected.
constexpr unsigned kMembers = 640;
constexpr std::size_t kPrefixes = 10'000;

// All policies, compiled.
struct Compiled {
  Compiled()
      : workload(kMembers, kPrefixes, PolicyShape::kDense),
        compiler(workload.exchange(), workload.table()) {
    for (unsigned i = 0; i < kMembers; ++i) set(i, workload.policy(i));
    compile();
  }
  void set(unsigned member, const std::shared_ptr<const policy::Policy>& policy) {
    benchmark::DoNotOptimize(compiler.set_policy(compiler::participant(member), policy, ""));
  }
  void compile() { program = compiler.compile(std::chrono::steady_clock::time_point{}).program; }

  Workload workload;
  compiler::Compiler compiler;
  program::ProgramPtr program;
};

const Compiled& compiled() {
  static const Compiled all;
  return all;
}

// Kilobytes of the machine that are in use: maps and programs belong to no process.
double used_kilobytes() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::string rest;
  double value = 0;
  double total = 0;
  while (file >> name >> value && std::getline(file, rest)) {
    if (name == "MemTotal:") total = value;
    if (name == "MemAvailable:") return total - value;
  }
  return 0;
}

void describe(benchmark::State& state, const fabric::LinuxImage& image) {
  std::size_t instructions = 0;
  std::size_t longest = 0;
  std::size_t arrays = 0;
  for (const auto& [slot, unit] : image.programs) {
    instructions += unit->code.size();
    longest = std::max(longest, unit->code.size());
    arrays += unit->arrays.size();
  }
  state.counters["clauses"] = static_cast<double>(compiled().workload.clauses());
  state.counters["rows"] = static_cast<double>(compiled().program->row_count());
  state.counters["programs"] = static_cast<double>(image.programs.size());
  state.counters["instructions"] = static_cast<double>(instructions);
  state.counters["longest"] = static_cast<double>(longest);
  state.counters["arrays"] = static_cast<double>(arrays);
  state.counters["entries"] = static_cast<double>(image.entry_count());
  state.counters["neighbors"] = static_cast<double>(image.neighbors.size());
}

void BM_TranslateAHundredThousand(benchmark::State& state) {
  const auto& all = compiled();
  fabric::LinuxImage image;
  for (auto _ : state) {
    fabric::LinuxCompiler compiler;
    auto made = compiler.compile(*all.program);
    if (!made) return state.SkipWithError(made.error().message.c_str());
    image = *std::move(made);
  }
  describe(state, image);
}
BENCHMARK(BM_TranslateAHundredThousand)->Unit(benchmark::kMillisecond);

void BM_InstallAHundredThousand(benchmark::State& state) {
  fabric::LinuxCompiler compiler;
  const auto image = compiler.compile(*compiled().program);
  double kilobytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const double before = used_kilobytes();
    state.ResumeTiming();
    const auto datapath = LinuxDatapath::open("");
    if (!image || !datapath) return state.SkipWithError("no eBPF here");
    const auto done = (*datapath)->install(*image);
    if (!done) return state.SkipWithError(done.error().message.c_str());
    state.PauseTiming();
    kilobytes = used_kilobytes() - before;
    state.ResumeTiming();
  }
  state.counters["kernel_MB"] = kilobytes / 1024;
}
BENCHMARK(BM_InstallAHundredThousand)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

// A member of some 160 clauses has other ports: compiled, translated, loaded, in force.
void BM_EditAmongAHundredThousand(benchmark::State& state) {
  Compiled all;
  fabric::LinuxCompiler compiler;
  auto image = compiler.compile(*all.program);
  const auto datapath = LinuxDatapath::open("");
  if (!image || !datapath || !(*datapath)->install(*image)) {
    return state.SkipWithError("no eBPF here");
  }
  unsigned version = 0;
  for (auto _ : state) {
    all.set(77, all.workload.make_policy(77, ++version));
    all.compile();
    image = compiler.compile(*all.program);
    if (!image || !(*datapath)->install(*image)) return state.SkipWithError("not installed");
  }
}
BENCHMARK(BM_EditAmongAHundredThousand)->Unit(benchmark::kMillisecond)->UseRealTime();

// What an audit takes: `read` of a thread beside the daemon's, the other of the daemon's own.
void audit(benchmark::State& state, bool reads) {
  fabric::LinuxCompiler compiler;
  const auto image = compiler.compile(*compiled().program);
  const auto datapath = LinuxDatapath::open("");
  // Both versions.
  const bool there =
      image && datapath && (*datapath)->install(*image) && (*datapath)->install(*image);
  if (!there) return state.SkipWithError("no eBPF here");
  LinuxExpectation expected = (*datapath)->expectation();
  expected.program = compiled().program;
  for (auto _ : state) {
    if (!reads) benchmark::DoNotOptimize((*datapath)->expectation());
    if (!reads) continue;
    const std::atomic<bool> stop = false;
    const auto found = read_datapath((*datapath)->maps(), expected, stop);
    if (!found || !found->empty()) return state.SkipWithError("it is not as it was told");
  }
}

void BM_ReadAHundredThousandBack(benchmark::State& state) {
  audit(state, true);
}
BENCHMARK(BM_ReadAHundredThousandBack)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_ExpectAHundredThousand(benchmark::State& state) {
  audit(state, false);
}
BENCHMARK(BM_ExpectAHundredThousand)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace fabrix::controller
