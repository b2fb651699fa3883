#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "net/prefix_map.h"

namespace fabrix::net {
namespace {

IpAddress random_address(std::mt19937& random) {
  const auto value = static_cast<std::uint32_t>(random());
  return IpAddress::v4(
      {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U & 0xffU),
       static_cast<std::uint8_t>(value >> 8U & 0xffU), static_cast<std::uint8_t>(value & 0xffU)});
}

// Lengths as in the Internet's table: mostly /24, else /16 to /23.
std::vector<Prefix> random_table(std::int64_t size) {
  std::mt19937 random(20240608);
  std::vector<Prefix> table;
  while (table.size() < static_cast<std::size_t>(size)) {
    const unsigned length = random() % 5 < 3 ? 24 : 16 + random() % 8;
    table.push_back(Prefix::containing(random_address(random), length).value());
  }
  return table;
}

void BM_PrefixMapInsert(benchmark::State& state) {
  const auto table = random_table(state.range(0));
  for (auto _ : state) {
    PrefixMap<std::uint32_t> map;
    for (const Prefix& prefix : table) map.insert(prefix, 1);
    benchmark::DoNotOptimize(map.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_PrefixMapInsert)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void BM_PrefixMapFind(benchmark::State& state) {
  const auto table = random_table(state.range(0));
  PrefixMap<std::uint32_t> map;
  for (const Prefix& prefix : table) map.insert(prefix, 1);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(map.find(table[next]));
    next = (next + 7919) % table.size();
  }
}

BENCHMARK(BM_PrefixMapFind)->Arg(10'000)->Arg(1'000'000);

void BM_PrefixMapLongestMatch(benchmark::State& state) {
  PrefixMap<std::uint32_t> map;
  for (const Prefix& prefix : random_table(state.range(0))) map.insert(prefix, 1);
  std::mt19937 random(20240609);
  for (auto _ : state) benchmark::DoNotOptimize(map.longest_match(random_address(random)));
}

BENCHMARK(BM_PrefixMapLongestMatch)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace fabrix::net
