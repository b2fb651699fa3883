// A policy of 1000 clauses, from text to clauses.
#include <string>

#include <benchmark/benchmark.h>

#include "policy/parse.h"

namespace fabrix::policy {
namespace {

SymbolTable symbols() {
  SymbolTable table;
  for (std::uint16_t i = 0; i < 20; ++i) {
    const std::string name = "AS" + std::to_string(64500 + i);
    table.participants.push_back({name, {i}, {{name + "-r", {i}, {i + 1U}}}, i != 0});
  }
  table.owner = {0};
  return table;
}

// Clauses such as (match(dstip=10.0.7.0/24, dstport=80) >> fwd(AS64507)).
std::string policy(unsigned clauses) {
  std::string text = "outbound = ";
  for (unsigned i = 0; i < clauses; ++i) {
    if (i > 0) text += "\n  + ";
    text += "(match(dstip=10." + std::to_string(i / 256) + "." + std::to_string(i % 256) +
            ".0/24, dstport=" + std::to_string(i % 7 == 0 ? 80 : 443) + ") >> fwd(AS" +
            std::to_string(64501 + i % 19) + "))";
  }
  return text + "\n";
}

void BM_PolicyParse(benchmark::State& state) {
  const SymbolTable table = symbols();
  const auto clauses = static_cast<unsigned>(state.range(0));
  const std::string text = policy(clauses);
  for (auto _ : state) {
    const auto result = parse(text, "bench", table);
    if (!result || result->policy.outbound.clauses.size() != clauses) {
      state.SkipWithError("the policy must parse");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_PolicyParse)->Arg(10)->Arg(1000);

// One clause about many prefixes, of which no two touch.
void BM_PrefixSetParse(benchmark::State& state) {
  const SymbolTable table = symbols();
  std::string text = "outbound = match(dstip={";
  for (unsigned i = 0; i < state.range(0); ++i) {
    if (i > 0) text += ", ";
    text += "20." + std::to_string(i / 128) + "." + std::to_string(i % 128 * 2) + ".0/24";
  }
  text += "}) >> fwd(AS64501)\n";
  for (auto _ : state) {
    if (!parse(text, "bench", table)) state.SkipWithError("the policy must parse");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_PrefixSetParse)->Arg(1000)->Arg(20'000);

}  // namespace
}  // namespace fabrix::policy
