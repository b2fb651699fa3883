// How long validate() takes beside compiling, and what it grows with: the walkthrough of four
// members; exchanges where each member has ten clauses and a hundred prefixes.
#include <benchmark/benchmark.h>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"
#include "tests/verify/walkthrough.h"
#include "verify/validate.h"

namespace fabrix::verify {
namespace {

void BM_ValidateWalkthrough(benchmark::State& state) {
  const Walkthrough walkthrough;
  for (auto _ : state) benchmark::DoNotOptimize(walkthrough.check());
}
BENCHMARK(BM_ValidateWalkthrough)->Unit(benchmark::kMillisecond);

constexpr unsigned kClauses = 10;
constexpr unsigned kPrefixesEach = 100;

net::Prefix prefix_of(unsigned member, unsigned i) {
  return compiler::prefix(std::to_string(20 + i) + "." + std::to_string(member / 250) + "." +
                          std::to_string(member % 250) + ".0/24");
}

// Each prefix is announced by its member and by the next one; each member sends ten ports to the
// ten members after it.
class Scene {
 public:
  explicit Scene(unsigned members)
      : world_(std::vector<unsigned>(members, 1)), compiler_(world_.exchange, world_.routes) {
    for (unsigned m = 0; m < members; ++m) {
      for (unsigned i = 0; i < kPrefixesEach; ++i) {
        world_.routes.announce(compiler::router(m), prefix_of(m, i), 0);
        world_.routes.announce(compiler::router((m + 1) % members), prefix_of(m, i), 1);
      }
      set_policy(m, 80);
    }
    compile();
  }

  void set_policy(unsigned member, std::uint16_t first_port) {
    const auto members = static_cast<unsigned>(world_.policies.size());
    std::vector<policy::Clause> clauses;
    for (unsigned i = 0; i < kClauses; ++i) {
      const unsigned target = (member + 1 + i) % members;
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
  void compile() { output_ = compiler_.compile({}); }
  Precedent precedent() const { return precedent_of(world(), output_.program, {}); }
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
  net::IpAddress next_hop(net::ParticipantId client, const net::Prefix& prefix) const {
    if (const auto hop = compiler_.virtual_next_hop(client, prefix)) return *hop;
    const auto best = world_.routes.routes(client, prefix).front();
    return world_.exchange.router(best).addresses.front();
  }
  std::vector<Violation> check(const Terms& terms = {}) const {
    return validate(
        world(), program(),
        [this](net::ParticipantId client, const net::Prefix& prefix) {
          return next_hop(client, prefix);
        },
        terms);
  }

 private:
  compiler::World world_;
  compiler::Compiler compiler_;
  compiler::Output output_;
};

void BM_Validate(benchmark::State& state) {
  const Scene scene(static_cast<unsigned>(state.range(0)));
  for (auto _ : state) {
    if (!scene.check().empty()) state.SkipWithError("the Program is wrong");
  }
  state.counters["rows"] = static_cast<double>(scene.program().row_count());
}
BENCHMARK(BM_Validate)->Arg(4)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond);

// After one member's policy edit, knowing that the Program before was right.
void BM_ValidateEdit(benchmark::State& state) {
  Scene scene(static_cast<unsigned>(state.range(0)));
  const Precedent before = scene.precedent();
  scene.set_policy(1, 2000);
  scene.compile();
  Terms terms;
  terms.precedent = &before;
  for (auto _ : state) {
    if (!scene.check(terms).empty()) state.SkipWithError("the Program is wrong");
  }
}
BENCHMARK(BM_ValidateEdit)->Arg(4)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond);

// The compiler's part, from nothing, with the routes of the test's table.
void BM_Compile(benchmark::State& state) {
  const Scene scene(static_cast<unsigned>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(scene.compile_anew());
}
BENCHMARK(BM_Compile)->Arg(4)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fabrix::verify
