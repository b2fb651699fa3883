// How long an exchange of many participants takes to compile: from nothing, after one policy edit,
// after one BGP update. Targets: docs/benchmarks (1,000 participants x 10 clauses from nothing
// under 100 ms).
#include <benchmark/benchmark.h>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

constexpr unsigned kClauses = 10;
constexpr unsigned kPrefixesEach = 10;

net::Prefix prefix_of(unsigned member, unsigned i) {
  return prefix(std::to_string(20 + i) + "." + std::to_string(member / 250) + "." +
                std::to_string(member % 250) + ".0/24");
}

std::shared_ptr<const policy::Policy> policy_for(unsigned member, unsigned members,
                                                 std::uint16_t first_port) {
  std::vector<policy::Clause> clauses;
  for (unsigned i = 0; i < kClauses; ++i) {
    clauses.push_back(clause(dst_port(static_cast<std::uint16_t>(first_port + i)),
                             fwd(participant((member + 1 + i) % members))));
  }
  return policy_of(list_of(std::move(clauses), policy::Shape::Kind::kParallel));
}

// Each prefix is announced by its member and by the next one.
struct Scene {
  explicit Scene(unsigned members) : world(std::vector<unsigned>(members, 1)) {
    for (unsigned m = 0; m < members; ++m) {
      for (unsigned i = 0; i < kPrefixesEach; ++i) {
        world.routes.announce(router(m), prefix_of(m, i), 0);
        world.routes.announce(router((m + 1) % members), prefix_of(m, i), 1);
      }
      world.policies[m] = policy_for(m, members, 80);
    }
  }
  void load(Compiler& compiler) const {
    for (unsigned m = 0; m < world.policies.size(); ++m) {
      const auto set = compiler.set_policy(participant(m), world.policies[m], "");
      benchmark::DoNotOptimize(set);
    }
  }
  World world;
};

// Policies to rows, without prefixes to classify: the compiler's own work.
void BM_PoliciesFromNothing(benchmark::State& state) {
  const auto members = static_cast<unsigned>(state.range(0));
  Scene scene(members);
  const RouteTable no_routes(scene.world.exchange);
  std::size_t rows = 0;
  for (auto _ : state) {
    Compiler compiler(scene.world.exchange, no_routes);
    scene.load(compiler);
    rows = compiler.compile(at(std::chrono::seconds(0))).program->row_count();
  }
  state.counters["rows"] = static_cast<double>(rows);
}
BENCHMARK(BM_PoliciesFromNothing)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

// The same with routes; most of it is the table of routes that stands in for the route server.
void BM_EverythingFromNothing(benchmark::State& state) {
  Scene scene(static_cast<unsigned>(state.range(0)));
  for (auto _ : state) {
    Compiler compiler(scene.world.exchange, scene.world.routes);
    scene.load(compiler);
    benchmark::DoNotOptimize(compiler.compile(at(std::chrono::seconds(0))));
  }
}
BENCHMARK(BM_EverythingFromNothing)->Arg(100)->Unit(benchmark::kMillisecond);

void BM_PolicyEdit(benchmark::State& state) {
  const auto members = static_cast<unsigned>(state.range(0));
  Scene scene(members);
  const RouteTable no_routes(scene.world.exchange);
  Compiler compiler(scene.world.exchange, no_routes);
  scene.load(compiler);
  compiler.compile(at(std::chrono::seconds(0)));
  std::uint16_t port = 1000;
  for (auto _ : state) {
    const auto set = compiler.set_policy(participant(7), policy_for(7, members, ++port), "");
    benchmark::DoNotOptimize(set);
    benchmark::DoNotOptimize(compiler.compile(at(std::chrono::seconds(0))));
  }
}
BENCHMARK(BM_PolicyEdit)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

// One prefix changes its best route; every second time back to a class that is known.
void BM_BgpUpdate(benchmark::State& state) {
  const auto members = static_cast<unsigned>(state.range(0));
  Scene scene(members);
  Compiler compiler(scene.world.exchange, scene.world.routes);
  const auto set = compiler.set_policy(participant(0), scene.world.policies[0], "");
  benchmark::DoNotOptimize(set);
  compiler.compile(at(std::chrono::seconds(0)));
  const net::Prefix changed = prefix_of(3, 0);
  int rank = 0;
  for (auto _ : state) {
    rank = 2 - rank;
    scene.world.routes.announce(router(3), changed, rank);
    compiler.routes_changed({&changed, 1});
    benchmark::DoNotOptimize(compiler.compile(at(std::chrono::seconds(0))));
  }
}
BENCHMARK(BM_BgpUpdate)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::compiler
