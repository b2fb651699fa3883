// How long validate() takes beside compiling, and what it grows with: the walkthrough of four
// members; exchanges where each member has ten clauses, or many, and a few prefixes.
#include <algorithm>
#include <chrono>
#include <vector>

#include <benchmark/benchmark.h>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"
#include "tests/verify/compiled_next_hops.h"
#include "tests/verify/walkthrough.h"
#include "verify/validate.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

void BM_ValidateWalkthrough(benchmark::State& state) {
  const Walkthrough walkthrough;
  for (auto _ : state) benchmark::DoNotOptimize(walkthrough.check());
}
BENCHMARK(BM_ValidateWalkthrough)->Unit(benchmark::kMillisecond);

struct Size {
  unsigned members = 0;
  unsigned clauses = 10;   // of each
  unsigned prefixes = 10;  // of each
};

// Members, clauses, prefixes: as a benchmark's arguments.
Size size_of(const benchmark::State& state) {
  return {.members = static_cast<unsigned>(state.range(0)),
          .clauses = static_cast<unsigned>(state.range(1)),
          .prefixes = static_cast<unsigned>(state.range(2))};
}

net::Prefix prefix_of(unsigned member, unsigned i) {
  return compiler::prefix(std::to_string(20 + i) + "." + std::to_string(member / 250) + "." +
                          std::to_string(member % 250) + ".0/24");
}

// Each prefix is announced by its member and by the next one; each member sends ports to the ten
// members after it.
class Scene {
 public:
  explicit Scene(const Size& size)
      : size_(size),
        world_(std::vector<unsigned>(size.members, 1)),
        compiler_(world_.exchange, world_.routes) {
    for (unsigned m = 0; m < size.members; ++m) {
      for (unsigned i = 0; i < size.prefixes; ++i) {
        world_.routes.announce(compiler::router(m), prefix_of(m, i), 0);
        world_.routes.announce(compiler::router((m + 1) % size.members), prefix_of(m, i), 1);
      }
      set_policy(m, 80);
    }
    compile();
  }

  void set_policy(unsigned member, std::uint16_t first_port) {
    std::vector<policy::Clause> clauses;
    for (unsigned i = 0; i < size_.clauses; ++i) {
      const unsigned target = (member + 1 + i % 10) % size_.members;
      clauses.push_back(
          compiler::clause(compiler::dst_port(static_cast<std::uint16_t>(first_port + i)),
                           compiler::fwd(compiler::participant(target))));
    }
    world_.policies[member] =
        compiler::policy_of(compiler::list_of(std::move(clauses), policy::Shape::Kind::kParallel));
    const auto set =
        compiler_.set_policy(compiler::participant(member), world_.policies[member], "");
    benchmark::DoNotOptimize(set);
  }
  void compile() {
    output_ = compiler_.compile({});
    view_ = world();
  }
  compiler::Output compile_anew() const {
    compiler::Compiler fresh(world_.exchange, world_.routes);
    for (const auto& each : world_.exchange.participants) {
      const auto set = fresh.set_policy(each.id, world_.policies[each.id.index()], "");
      benchmark::DoNotOptimize(set);
    }
    return fresh.compile({});
  }
  const program::Program& program() const { return *output_.program; }
  World world() const {
    return {&world_.exchange, &world_.routes, world_.policies, world_.port_up};
  }
  // The same, made once for each edit, as a controller has it.
  const World& world_view() const { return view_; }
  Terms terms() const {
    return {.max_rows = 1'000'000, .shortfalls = output_.shortfalls, .meanings = output_.meanings};
  }
  NextHopOf next_hops() const {
    return [this](net::ParticipantId client, const net::Prefix& prefix) {
      return next_hop(client, prefix);
    };
  }
  net::IpAddress next_hop(net::ParticipantId client, const net::Prefix& prefix) const {
    if (const auto hop = compiler_.virtual_next_hop(client, prefix)) return *hop;
    const auto best = world_.routes.routes(client, prefix).front();
    return world_.exchange.router(best).addresses.front();
  }
  // All of it; or what differs from what `verifier` found right.
  std::vector<Violation> check() const {
    Verifier verifier;
    const CompiledNextHops hops(compiler_, next_hops());
    const Terms present = terms();
    return verifier.check({world_view(), output_.program, hops, present});
  }
  std::vector<Violation> check_by(Verifier& verifier) const {
    const CompiledNextHops hops(compiler_, next_hops());
    const Terms present = terms();
    return verifier.check({world_view(), output_.program, hops, present}, Changes{});
  }

 private:
  Size size_;
  compiler::World world_;
  compiler::Compiler compiler_;
  compiler::Output output_;
  World view_;
};

void BM_Validate(benchmark::State& state) {
  const Scene scene(size_of(state));
  for (auto _ : state) {
    if (!scene.check().empty()) state.SkipWithError("the Program is wrong");
  }
  state.counters["rows"] = static_cast<double>(scene.program().row_count());
}
BENCHMARK(BM_Validate)
    ->Args({20, 10, 10})
    ->Args({200, 10, 10})
    ->Args({1000, 10, 1})
    ->Args({500, 125, 1})
    ->Unit(benchmark::kMillisecond);

// One member's policy edit after another, each compiled and checked against the Program before.
// The time is the check's alone; the whole is in the counters, in microseconds.
void BM_VerifyEdit(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  using Micros = std::chrono::duration<double, std::micro>;
  const Size size = size_of(state);
  Scene scene(size);
  Verifier verifier;
  if (!scene.check_by(verifier).empty()) state.SkipWithError("the Program is wrong");
  std::vector<double> checks;
  std::vector<double> wholes;
  unsigned edit = 0;
  for (auto _ : state) {
    const auto began = Clock::now();
    scene.set_policy((edit * 7) % size.members, static_cast<std::uint16_t>(2000 + edit % 1000));
    ++edit;
    scene.compile();
    const auto compiled = Clock::now();
    if (!scene.check_by(verifier).empty()) state.SkipWithError("the Program is wrong");
    const auto done = Clock::now();
    checks.push_back(Micros(done - compiled).count());
    wholes.push_back(Micros(done - began).count());
    state.SetIterationTime(checks.back() * 1e-6);
  }
  for (auto* times : {&checks, &wholes}) std::ranges::sort(*times);
  const auto at = [](const std::vector<double>& times, double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  state.counters["p50"] = at(checks, 0.5);
  state.counters["p99"] = at(checks, 0.99);
  state.counters["max"] = checks.back();
  state.counters["with_compile_p99"] = at(wholes, 0.99);
}
BENCHMARK(BM_VerifyEdit)
    ->Args({20, 10, 10})
    ->Args({200, 10, 10})
    ->Args({1000, 10, 1})
    ->Args({500, 125, 1})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

// The compiler's part, from nothing, with the routes of the test's table.
void BM_Compile(benchmark::State& state) {
  const Scene scene(size_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(scene.compile_anew());
}
BENCHMARK(BM_Compile)
    ->Args({20, 10, 10})
    ->Args({200, 10, 10})
    ->Args({1000, 10, 1})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fabrix::verify
