#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "rpki/origin_validation.h"
#include "rpki/vrp_changes.h"

namespace fabrix::rpki {
namespace {

net::IpAddress random_address(std::mt19937& random) {
  const auto octet = [&random] { return static_cast<std::uint8_t>(random() % 256); };
  if (random() % 4 != 0) return net::IpAddress::v4({octet(), octet(), octet(), octet()});
  // As allocated: 2400::/8 to 2c00::/8 and so on.
  const auto first = static_cast<std::uint8_t>(0x24 + random() % 9);
  return net::IpAddress::v6(
      {first, static_cast<std::uint8_t>(random() % 16), octet(), octet(), octet(), octet()});
}

// The global RPKI: three quarters IPv4, mostly /24 and /48, several VRPs for some prefixes.
Vrp random_vrp(std::mt19937& random) {
  const net::IpAddress address = random_address(random);
  const bool v4 = address.family() == net::Family::kIpv4;
  const unsigned longest = v4 ? 24 : 48;
  const auto shorter = static_cast<unsigned>(random() % 18);
  const unsigned length = shorter < 9 ? longest - shorter : longest;
  const auto prefix = net::Prefix::containing(address, length).value();
  return {prefix, static_cast<std::uint8_t>(longest),
          net::Asn{static_cast<std::uint32_t>(random() % 80'000)}};
}

std::vector<Vrp> random_vrps(std::int64_t size) {
  std::mt19937 random(20261121);
  std::vector<Vrp> vrps;
  while (vrps.size() < static_cast<std::size_t>(size)) vrps.push_back(random_vrp(random));
  return vrps;
}

void BM_VrpTableBuild(benchmark::State& state) {
  const auto vrps = random_vrps(state.range(0));
  std::size_t memory = 0;
  for (auto _ : state) {
    const VrpTable table = VrpTable::build(vrps);
    memory = table.memory();
    benchmark::DoNotOptimize(table.size());
  }
  state.counters["octets_per_vrp"] =
      static_cast<double>(memory) / static_cast<double>(state.range(0));
}

BENCHMARK(BM_VrpTableBuild)->Arg(500'000)->Unit(benchmark::kMillisecond);

void BM_VrpTableBuildSorted(benchmark::State& state) {
  const auto vrps = VrpTable::build(random_vrps(state.range(0))).vrps();
  for (auto _ : state) benchmark::DoNotOptimize(VrpTable::build(vrps).size());
}

BENCHMARK(BM_VrpTableBuildSorted)->Arg(500'000)->Unit(benchmark::kMillisecond);

// Half of the routes are covered, as in the Internet's table.
void BM_Validate(benchmark::State& state) {
  const auto vrps = random_vrps(state.range(0));
  const VrpTable table = VrpTable::build(vrps);
  std::mt19937 random(20261122);
  std::vector<Vrp> routes;
  for (std::size_t i = 0; i < 1'000'000; ++i) {
    routes.push_back(i % 2 == 0 ? vrps[random() % vrps.size()] : random_vrp(random));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.validate(routes[next].prefix, routes[next].asn));
    if (++next == routes.size()) next = 0;
  }
}

BENCHMARK(BM_Validate)->Arg(500'000);

void BM_ChangedPrefixes(benchmark::State& state) {
  auto vrps = random_vrps(state.range(0));
  const VrpTable before = VrpTable::build(vrps);
  vrps.erase(vrps.end() - 100, vrps.end());
  const VrpTable after = VrpTable::build(vrps);
  for (auto _ : state) benchmark::DoNotOptimize(changed_prefixes(before, after).blocks().size());
}

BENCHMARK(BM_ChangedPrefixes)->Arg(500'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fabrix::rpki
