// What the import filter costs a prefix: alone with lengths, bogons and the LAN, and with all there
// is. And what export control costs an attribute set.
#include <random>

#include <benchmark/benchmark.h>

#include "exchange/session_policy.h"
#include "routeserver/export_control.h"
#include "routeserver/import_filter.h"

namespace fabrix::routeserver {
namespace {

net::Prefix parsed(const char* text) {
  return net::Prefix::parse(text).value();
}

exchange::Exchange exchange_of(std::uint16_t members, const exchange::ImportPolicy& policy) {
  exchange::Exchange made;
  made.asn = net::Asn{3000};
  made.peering_lan = {parsed("193.0.0.0/20"), parsed("2001:7f8::/64")};
  for (std::uint16_t i = 0; i < members; ++i) {
    made.participants.push_back({.id = {i}, .asn = {10'000U + i}, .import = policy});
    made.routers.push_back(
        {.id = {i},
         .participant = {i},
         .addresses = {net::IpAddress::v4(
             {193, 0, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)})}});
  }
  return made;
}

std::vector<Peer> peers_of(const exchange::Exchange& exchange) {
  std::vector<Peer> peers;
  for (const exchange::Router& router : exchange.routers) {
    peers.push_back({.id = {router.id.value},
                     .router = router.id,
                     .participant = router.participant,
                     .asn = exchange.owner(router.id).asn,
                     .address = router.addresses.front()});
  }
  return peers;
}

std::vector<net::Prefix> random_prefixes(net::Family family) {
  std::mt19937 generator(1);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  std::vector<net::Prefix> prefixes;
  for (int i = 0; i < 4096; ++i) {
    const auto octet = [&] { return static_cast<std::uint8_t>(random()); };
    const net::IpAddress address =
        family == net::Family::kIpv4
            ? net::IpAddress::v4({octet(), octet(), octet(), 0})
            : net::IpAddress::v6({static_cast<std::uint8_t>(0x20U | (random() & 0x1fU)), octet(),
                                  octet(), octet(), octet(), octet()});
    const unsigned length = family == net::Family::kIpv4 ? 16 + random() % 9 : 32 + random() % 17;
    prefixes.push_back(net::Prefix::containing(address, length).value());
  }
  return prefixes;
}

bgp::PathAttributes attributes_of(net::Asn first) {
  return {.as_path = {.segments = {{.asns = {first, {7000}, {8000}, {9000}}}}}};
}

void judge(benchmark::State& state, const exchange::ImportPolicy& policy, const ImportData& data,
           net::Family family) {
  const auto exchange = exchange_of(700, policy);
  const auto peers = peers_of(exchange);
  const ImportFilter filter(exchange, data);
  const Peer& peer = peers[0];
  const auto path = filter.judge_path(peer, peer.address, attributes_of(peer.asn));
  const auto prefixes = random_prefixes(family);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(filter.judge(peer, prefixes[i++ % prefixes.size()], path));
  }
}

void judge_ipv4(benchmark::State& state) {
  judge(state, preset(exchange::PolicyPreset::kIxp), {}, net::Family::kIpv4);
}
void judge_ipv6(benchmark::State& state) {
  judge(state, preset(exchange::PolicyPreset::kIxp), {}, net::Family::kIpv6);
}
BENCHMARK(judge_ipv4);
BENCHMARK(judge_ipv6);

// With 100,000 registered prefixes and 500,000 VRPs.
void judge_ipv4_with_irr_and_rpki(benchmark::State& state) {
  std::mt19937 generator(2);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  const auto any_prefix = [&] {
    const auto bits = random();
    const auto address =
        net::IpAddress::v4({static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8U),
                            static_cast<std::uint8_t>(bits >> 16U), 0});
    return net::Prefix::containing(address, 16 + (bits >> 24U) % 9).value();
  };
  std::vector<PrefixRange> ranges;
  ranges.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) ranges.push_back(with_inside(any_prefix()));
  std::vector<rpki::Vrp> vrps;
  vrps.reserve(500'000);
  for (int i = 0; i < 500'000; ++i) {
    vrps.push_back({.prefix = any_prefix(), .max_length = 24, .asn = {9000U + random() % 8}});
  }
  auto policy = preset(exchange::PolicyPreset::kStrict);
  policy.irr = {.enforce_prefix = true, .enforce_origin = true};
  const ImportData data{
      .vrps = std::make_shared<const rpki::VrpTable>(rpki::VrpTable::build(std::move(vrps))),
      .irr = {std::make_shared<const IrrSets>(std::move(ranges), std::vector<net::Asn>{{9000}})}};
  judge(state, policy, data, net::Family::kIpv4);
}
BENCHMARK(judge_ipv4_with_irr_and_rpki);

void judge_path(benchmark::State& state) {
  const auto exchange = exchange_of(700, preset(exchange::PolicyPreset::kStrict));
  const auto peers = peers_of(exchange);
  const ImportFilter filter(exchange, {});
  const auto attributes = attributes_of(peers[0].asn);
  for (auto _ : state) {
    benchmark::DoNotOptimize(filter.judge_path(peers[0], peers[0].address, attributes));
  }
}
BENCHMARK(judge_path);

// For state.range(0) clients, without and with communities.
void export_rules(benchmark::State& state, const std::vector<bgp::LargeCommunity>& communities) {
  const auto exchange = exchange_of(static_cast<std::uint16_t>(state.range(0)), {});
  const auto peers = peers_of(exchange);
  const ExportControl control(exchange, peers);
  ClientSet candidates(peers.size());
  for (const Peer& peer : peers) candidates.insert(peer.id);
  auto attributes = attributes_of(peers[0].asn);
  attributes.large_communities = communities;
  for (auto _ : state) benchmark::DoNotOptimize(control.rules(attributes, candidates));
}

void export_rules_plain(benchmark::State& state) {
  export_rules(state, {});
}
void export_rules_of_eight_communities(benchmark::State& state) {
  export_rules(state, {{3000, 0, 10'001},
                       {3000, 0, 10'002},
                       {3000, 0, 10'003},
                       {3000, 103, 10'004},
                       {3000, 101, 10'005},
                       {3000, 102, 0},
                       {3000, 65281, 10'006},
                       {3000, 65282, 10'007}});
}
BENCHMARK(export_rules_plain)->Arg(64)->Arg(1000);
BENCHMARK(export_rules_of_eight_communities)->Arg(64)->Arg(1000);

}  // namespace
}  // namespace fabrix::routeserver
