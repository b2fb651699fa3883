// Compiling and proving together at the size of the largest exchanges: from nothing, and one change
// at a time among the policies of a thousand members, with no routes or full tables.
//
// Shapes of policies and routes are those of bench/compiler/workload.h. Each operation is timed by
// itself, as a whole and by its parts.
#include <memory>
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/compiler/timings.h"
#include "bench/compiler/workload.h"
#include "program/delta.h"
#include "tests/verify/compiled_next_hops.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

using compiler::PolicyShape;
using compiler::Timings;
using compiler::Workload;

// What a controller does, without routers and switches.
class Exchange {
 public:
  explicit Exchange(const Workload& workload)
      : workload_(workload),
        compiler_(workload.exchange(), workload.table()),
        next_hops_(compiler_, [this](net::ParticipantId client, const net::Prefix& prefix) {
          return next_hop(client, prefix);
        }) {
    const std::size_t members = workload.exchange().participants.size();
    for (unsigned i = 0; i < members; ++i) policies_.push_back(workload.policy(i));
    const auto& exchange = workload.exchange();
    world_ = {.exchange = &exchange,
              .reachability = &workload.table(),
              .policies = policies_,
              .port_up = std::vector<bool>(exchange.routers.size(), true)};
  }

  void set_policies() {
    for (unsigned i = 0; i < policies_.size(); ++i) set_policy(i, policies_[i]);
  }
  void set_policy(unsigned owner, const std::shared_ptr<const policy::Policy>& policy) {
    benchmark::DoNotOptimize(compiler_.set_policy(compiler::participant(owner), policy, ""));
    world_.policies[owner] = policy;
  }
  void routes_changed(const net::Prefix& prefix) { compiler_.routes_changed({&prefix, 1}); }
  void compile() {
    output_ = compiler_.compile({});
    terms_ = {.max_rows = 1'000'000,
              .max_meters = 65'536,
              .shortfalls = output_.shortfalls,
              .meanings = output_.meanings};
  }
  // Whether everything is right, or what the last change may have touched.
  bool audit() { return verifier_.check({world_, output_.program, next_hops_, terms_}).empty(); }
  bool prove(std::span<const net::Prefix> changed) {
    const auto placed = workload_.table().placed(changed);
    const Changes changes{.prefixes = placed, .renumbered = output_.renumbered};
    return verifier_.check({world_, output_.program, next_hops_, terms_}, changes).empty();
  }
  // Rules that a target must be told.
  std::size_t take_changed_rules() {
    const std::size_t rules = program::difference(*told_, *output_.program).size();
    told_ = output_.program;
    return rules;
  }
  void install() { told_ = output_.program; }
  const program::Program& program() const { return *output_.program; }
  // Some of whose policies do not apply.
  std::size_t short_senders() const { return output_.shortfalls.size(); }

 private:
  net::IpAddress next_hop(net::ParticipantId client, const net::Prefix& prefix) const {
    if (const auto hop = compiler_.virtual_next_hop(client, prefix)) return *hop;
    const auto best = world_.reachability->routes(client, prefix).front();
    return world_.exchange->router(best).addresses.front();
  }

  const Workload& workload_;
  compiler::Compiler compiler_;
  CompiledNextHops next_hops_;
  Verifier verifier_;
  std::vector<std::shared_ptr<const policy::Policy>> policies_;
  World world_;
  compiler::Output output_;
  Terms terms_;
  program::ProgramPtr told_;
};

// Arguments: members, shape, prefixes.
Workload workload_of(const benchmark::State& state) {
  return {static_cast<unsigned>(state.range(0)), static_cast<std::size_t>(state.range(2)),
          static_cast<PolicyShape>(state.range(1))};
}

constexpr std::int64_t kFullTables = 1'500'000;

void BM_AllFromNothing(benchmark::State& state) {
  const Workload workload = workload_of(state);
  Timings compiling;
  Timings proving;
  std::optional<Exchange> exchange;
  for (auto _ : state) {
    state.PauseTiming();
    exchange.emplace(workload);
    state.ResumeTiming();
    compiling.time([&] {
      exchange->set_policies();
      exchange->compile();
    });
    proving.time([&] {
      if (!exchange->audit()) state.SkipWithError("the Program is wrong");
    });
  }
  compiling.report(state, "compile_");
  proving.report(state, "verify_");
  state.counters["rows"] = static_cast<double>(exchange->program().row_count());
}
BENCHMARK(BM_AllFromNothing)
    ->ArgNames({"participants", "shape", "prefixes"})
    ->Args({1000, 0, 0})
    ->Args({500, 1, 0})
    ->Args({1000, 2, 0})
    ->Args({1000, 0, 10'000})
    ->Unit(benchmark::kMillisecond);

void BM_AllFromNothingWithFullTables(benchmark::State& state) {
  BM_AllFromNothing(state);
}
BENCHMARK(BM_AllFromNothingWithFullTables)
    ->ArgNames({"participants", "shape", "prefixes"})
    ->Args({1000, 0, kFullTables})
    ->Args({500, 1, kFullTables})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

enum Edit : std::uint8_t { kOtherPorts, kOtherTarget };

// One member's policy is another: compiled, proven, and compared with what is installed.
void BM_EditProven(benchmark::State& state) {
  Workload workload = workload_of(state);
  Exchange exchange(workload);
  exchange.set_policies();
  exchange.compile();
  if (!exchange.audit()) state.SkipWithError("the Program is wrong");
  exchange.install();
  Timings whole;
  Timings proving;
  std::size_t rules = 0;
  unsigned version = 0;
  const auto prove = [&] {
    if (!exchange.prove({})) state.SkipWithError("the Program is wrong");
  };
  for (auto _ : state) {
    const unsigned owner = workload.below(static_cast<unsigned>(state.range(0)));
    const auto policy = state.range(3) == kOtherPorts ? workload.make_policy(owner, ++version)
                                                      : workload.with_other_target(owner);
    whole.time([&] {
      exchange.set_policy(owner, policy);
      exchange.compile();
      proving.time(prove);
      rules += exchange.take_changed_rules();
    });
  }
  whole.report(state);
  proving.report(state, "verify_");
  state.counters["rules_an_edit"] =
      static_cast<double>(rules) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_EditProven)
    ->ArgNames({"participants", "shape", "prefixes", "target"})
    ->Args({1000, 0, 0, kOtherPorts})
    ->Args({1000, 0, 0, kOtherTarget})
    ->Args({500, 1, 0, kOtherPorts})
    ->Args({500, 1, 0, kOtherTarget})
    ->Args({1000, 0, kFullTables, kOtherPorts})
    ->Args({1000, 0, kFullTables, kOtherTarget})
    ->Iterations(2'000)
    ->Unit(benchmark::kMicrosecond);

// A route goes, comes or ranks otherwise.
void time_updates(benchmark::State& state, Workload& workload) {
  Exchange exchange(workload);
  exchange.set_policies();
  exchange.compile();
  if (!exchange.audit()) state.SkipWithError("the Program is wrong");
  exchange.install();
  Timings compiling;
  Timings proving;
  std::size_t rules = 0;
  for (auto _ : state) {
    const net::Prefix changed = workload.change_routes();
    compiling.time([&] {
      exchange.routes_changed(changed);
      exchange.compile();
    });
    proving.time([&] {
      if (!exchange.prove({&changed, 1})) state.SkipWithError("the Program is wrong");
    });
    rules += exchange.take_changed_rules();
  }
  compiling.report(state, "compile_");
  proving.report(state, "verify_");
  state.counters["rule_changes"] = static_cast<double>(rules);
  state.counters["short_senders"] = static_cast<double>(exchange.short_senders());
}

void BM_UpdateProven(benchmark::State& state) {
  Workload workload = workload_of(state);
  time_updates(state, workload);
}
BENCHMARK(BM_UpdateProven)
    ->ArgNames({"participants", "shape", "prefixes"})
    ->Args({1000, 0, kFullTables})
    ->Args({500, 1, kFullTables})
    ->Iterations(20'000)
    ->Unit(benchmark::kMicrosecond);

// A few hundred of the members have more classes than there are addresses.
void BM_UpdateProvenWithFewAddresses(benchmark::State& state) {
  Workload workload = workload_of(state);
  workload.set_virtual_next_hops(*net::Prefix::parse("172.0.128.0/23"));
  time_updates(state, workload);
}
BENCHMARK(BM_UpdateProvenWithFewAddresses)
    ->ArgNames({"participants", "shape", "prefixes"})
    ->Args({1000, 0, kFullTables})
    ->Iterations(20'000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::verify
