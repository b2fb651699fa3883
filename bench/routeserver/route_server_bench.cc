// The route server's whole work without sockets: routes in from every member, UPDATEs out to every
// member.
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "exchange/load.h"
#include "routeserver/route_server.h"

namespace fabrix::routeserver {
namespace {

exchange::Exchange exchange_of(std::size_t members) {
  std::string text =
      "version: 1\nexchange:\n  name: bench\n  asn: 65000\n  router_id: 10.0.255.254\n"
      "  peering_lan: [10.0.0.0/16]\n  route_server: {addresses: [10.0.255.254]}\nparticipants:\n";
  for (std::size_t i = 1; i <= members; ++i) {
    text += fmt::format(
        "  - {{name: P{0}, asn: {1}, routers: [{{name: r{0}, mac: \"08:00:27:00:00:{0:02x}\", "
        "addresses: [10.0.0.{0}], port: {0}}}]}}\n",
        i, 1000 + i);
  }
  return exchange::load(text, "bench.yaml").value();
}

// `count` prefixes of one member, 16 of them sharing their attributes.
std::vector<bgp::UpdateMessage> updates_of(const Peer& peer, std::size_t count) {
  std::vector<bgp::UpdateMessage> updates;
  for (std::size_t i = 0; i < count; i += 16) {
    bgp::PathAttributes attributes;
    attributes.as_path.segments = {
        {.asns = {peer.asn, net::Asn{static_cast<std::uint32_t>(100'000 + i)}}}};
    bgp::UpdateMessage update;
    update.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
    bgp::Announcement announcement{.next_hop = peer.address};
    for (std::size_t j = i; j < i + 16; ++j) {
      const auto network =
          net::IpAddress::v4({static_cast<std::uint8_t>(20 + peer.id.value),
                              static_cast<std::uint8_t>(j >> 8U), static_cast<std::uint8_t>(j), 0});
      announcement.prefixes.push_back(net::Prefix::containing(network, 24).value());
    }
    update.announced = {std::move(announcement)};
    updates.push_back(std::move(update));
  }
  return updates;
}

void BM_InitialLoad(benchmark::State& state) {
  const auto members = static_cast<std::size_t>(state.range(0));
  const auto prefixes = static_cast<std::size_t>(state.range(1));
  const auto exchange = exchange_of(members);
  std::size_t told = 0;
  for (auto _ : state) {
    RouteServer server(exchange);
    for (const Peer& peer : server.peers()) {
      server.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                  .families = {.ipv4 = true, .ipv6 = true}});
    }
    for (const Peer& peer : server.peers()) {
      for (const auto& update : updates_of(peer, prefixes)) server.update(peer.id, update);
    }
    server.publish(server.take_changed());
    for (const Peer& peer : server.peers()) {
      while (!server.pull(peer.id).empty()) {
      }
      told += server.told_count(peer.id);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(told));
}
BENCHMARK(BM_InitialLoad)
    ->ArgNames({"members", "prefixes"})
    ->Args({10, 10'000})
    ->Args({100, 1'000})
    ->Unit(benchmark::kMillisecond);

void BM_OneUpdate(benchmark::State& state) {
  const auto exchange = exchange_of(30);
  RouteServer server(exchange);
  for (const Peer& peer : server.peers()) {
    server.session_up(
        peer.id, {.bgp_identifier = peer.id.value + 1U, .families = {.ipv4 = true, .ipv6 = true}});
    for (const auto& update : updates_of(peer, 1'600)) server.update(peer.id, update);
  }
  server.publish(server.take_changed());
  for (const Peer& peer : server.peers()) {
    while (!server.pull(peer.id).empty()) {
    }
  }
  const Peer& announcer = server.peers().front();
  auto updates = updates_of(announcer, 16);
  auto& prefixes = updates.front().announced.front().prefixes;
  prefixes.erase(prefixes.begin() + 1, prefixes.end());
  std::uint32_t med = 0;
  for (auto _ : state) {
    auto attributes = *updates.front().attributes;
    attributes.med = ++med;
    updates.front().attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
    server.update(announcer.id, updates.front());
    server.publish(server.take_changed());
    for (const Peer& peer : server.peers()) benchmark::DoNotOptimize(server.pull(peer.id));
  }
}
BENCHMARK(BM_OneUpdate)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::routeserver
