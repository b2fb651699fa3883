// The route server's whole work without sockets: routes in from every member, UPDATEs out to every
// member; and its parts.
#include <memory>
#include <random>
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
      "  peering_lan: [10.0.0.0/16]\n  route_server: {addresses: [10.0.255.254], policy: "
      "minimal}\nparticipants:\n";
  for (std::size_t i = 1; i <= members; ++i) {
    text += fmt::format(
        "  - {{name: P{0}, asn: {1}, routers: [{{name: r{0}, mac: \"08:00:27:00:{2:02x}:{3:02x}\", "
        "addresses: [10.0.{2}.{3}], port: {0}}}]}}\n",
        i, 1000 + i, i / 250, i % 250 + 1);
  }
  return exchange::load(text, "bench.yaml").value();
}

// The n-th of many /24.
net::Prefix numbered(std::size_t n) {
  const auto octet = [&](std::size_t shift) { return static_cast<std::uint8_t>(n >> shift); };
  const auto network =
      net::IpAddress::v4({static_cast<std::uint8_t>(20 + octet(16)), octet(8), octet(0), 0});
  return net::Prefix::containing(network, 24).value();
}

// `count` prefixes of one member from the `first` on, 16 of them sharing their attributes.
std::vector<bgp::UpdateMessage> updates_of(const Peer& peer, std::size_t first, std::size_t count) {
  std::vector<bgp::UpdateMessage> updates;
  for (std::size_t i = first; i < first + count; i += 16) {
    bgp::PathAttributes attributes;
    attributes.as_path.segments = {
        {.asns = {peer.asn, net::Asn{static_cast<std::uint32_t>(100'000 + i)}}}};
    attributes.communities = {bgp::community(static_cast<std::uint16_t>(peer.asn.value), 1)};
    bgp::UpdateMessage update;
    update.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
    bgp::Announcement announcement{.next_hop = peer.address};
    for (std::size_t j = i; j < i + 16; ++j) announcement.prefixes.push_back(numbered(j));
    update.announced = {std::move(announcement)};
    updates.push_back(std::move(update));
  }
  return updates;
}

void bring_up(RouteServer& server) {
  for (const Peer& peer : server.peers()) {
    server.session_up(
        peer.id, {.bgp_identifier = peer.id.value + 1U, .families = {.ipv4 = true, .ipv6 = true}});
    benchmark::DoNotOptimize(server.pull(peer.id));
  }
}

// Sends without copying, as a connection does; returns the octets.
std::size_t send_all(RouteServer& server) {
  std::size_t octets = 0;
  for (const Peer& peer : server.peers()) {
    while (server.has_output(peer.id)) {
      std::size_t count = 0;
      for (const auto piece : server.output(peer.id)) count += piece.size();
      server.sent(peer.id, count);
      octets += count;
    }
  }
  return octets;
}

void publish_all(RouteServer& server) {
  while (server.has_changed()) {
    server.publish_changed(8192);
    benchmark::DoNotOptimize(send_all(server));
  }
}

// Every member announces its share of the prefixes and hears of all others'.
void BM_InitialLoad(benchmark::State& state) {
  const auto exchange = exchange_of(static_cast<std::size_t>(state.range(0)));
  const auto prefixes = static_cast<std::size_t>(state.range(1));
  std::size_t told = 0;
  for (auto _ : state) {
    RouteServer server(exchange);
    bring_up(server);
    std::size_t first = 0;
    const std::size_t share = prefixes / server.peers().size() / 16 * 16;
    for (const Peer& peer : server.peers()) {
      for (const auto& update : updates_of(peer, first, share)) server.update(peer.id, update);
      first += share;
    }
    publish_all(server);
    for (const Peer& peer : server.peers()) {
      told += server.told_count(peer.id, net::Family::kIpv4);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(told));
}
BENCHMARK(BM_InitialLoad)
    ->ArgNames({"members", "prefixes"})
    ->Args({10, 100'000})
    ->Args({100, 100'000})
    ->Args({300, 100'000})
    ->Unit(benchmark::kMillisecond);

// Every member is told one of so many virtual next hops, in turn, or the routes' own.
void tell_virtually(RouteServer& server, std::size_t hops) {
  const auto hop_of = [hops](net::ParticipantId client) -> std::optional<net::IpAddress> {
    const auto number = static_cast<std::uint8_t>(client.index() % (hops + 1));
    if (number == 0) return std::nullopt;
    return net::IpAddress::v4({10, 0, 200, number});
  };
  const std::size_t members = server.participant_count();
  for (std::uint16_t i = 0; i < members; ++i) {
    server.set_virtual(net::ParticipantId{i}, hops != 0);
  }
  server.set_next_hops(
      [hop_of](net::ParticipantId client, const net::Prefix&) { return hop_of(client); });
  server.set_next_hops_by_group(
      {.group = [](exchange::Place) { return std::uint64_t{1}; },
       .next_hops =
           [hop_of, members](std::uint64_t, net::Family,
                             std::vector<exchange::ClientNextHop>& next_hops) {
             next_hops.clear();
             for (std::uint16_t i = 0; i < members; ++i) {
               const net::ParticipantId client{i};
               if (const auto hop = hop_of(client)) next_hops.push_back({client, *hop});
             }
           },
       .version = [] { return std::uint64_t{0}; }});
}

// Each member announces as many prefixes of its own, and those of the two after it.
void announce_shares(RouteServer& server, std::size_t share) {
  for (const Peer& peer : server.peers()) {
    for (const auto& update : updates_of(peer, peer.id.index() * share, 3 * share)) {
      server.update(peer.id, update);
    }
  }
}

// What is to be told of 96,000 prefixes, 16 of a path, each with three routes, where members have
// so many virtual next hops.
void BM_TellingVirtualNextHops(benchmark::State& state) {
  const auto exchange = exchange_of(30);
  for (auto _ : state) {
    state.PauseTiming();
    auto server = std::make_unique<RouteServer>(exchange);
    bring_up(*server);
    tell_virtually(*server, static_cast<std::size_t>(state.range(0)));
    announce_shares(*server, 3'200);
    state.ResumeTiming();
    while (server->has_changed()) {
      server->publish_changed(20'000);
      benchmark::DoNotOptimize(send_all(*server));
    }
    state.PauseTiming();
    server.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_TellingVirtualNextHops)->Arg(0)->Arg(1)->Arg(6)->Unit(benchmark::kMillisecond);

// One member announces a table of which nobody else has anything, everyone listens.
void BM_OneTableToAll(benchmark::State& state) {
  const auto exchange = exchange_of(static_cast<std::size_t>(state.range(0)));
  constexpr std::size_t kPrefixes = 100'000;
  std::size_t octets = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto server = std::make_unique<RouteServer>(exchange);
    bring_up(*server);
    const Peer& announcer = server->peers().front();
    const auto updates = updates_of(announcer, 0, kPrefixes);
    state.ResumeTiming();
    for (const auto& update : updates) server->update(announcer.id, update);
    while (server->has_changed()) {
      server->publish_changed(8192);
      octets += send_all(*server);
    }
    state.PauseTiming();
    server.reset();
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(octets));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPrefixes));
}
BENCHMARK(BM_OneTableToAll)->Arg(10)->Arg(100)->Arg(300)->Unit(benchmark::kMillisecond);

// A server with members who have announced 48,000 prefixes between them, each known by two.
std::unique_ptr<RouteServer> loaded(const exchange::Exchange& exchange) {
  auto server = std::make_unique<RouteServer>(exchange);
  bring_up(*server);
  const std::size_t share = 48'000 / server->peers().size() / 16 * 16;
  std::size_t first = 0;
  for (const Peer& peer : server->peers()) {
    for (const auto& update : updates_of(peer, first, 2 * share)) server->update(peer.id, update);
    first += share;
  }
  publish_all(*server);
  return server;
}

void BM_OneUpdate(benchmark::State& state) {
  const auto exchange = exchange_of(static_cast<std::size_t>(state.range(0)));
  const auto server = loaded(exchange);
  const Peer& announcer = server->peers().front();
  auto updates = updates_of(announcer, 0, 16);
  auto& prefixes = updates.front().announced.front().prefixes;
  prefixes.erase(prefixes.begin() + 1, prefixes.end());
  std::uint32_t med = 0;
  for (auto _ : state) {
    auto attributes = *updates.front().attributes;
    attributes.med = ++med;
    updates.front().attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
    server->update(announcer.id, updates.front());
    publish_all(*server);
  }
}
BENCHMARK(BM_OneUpdate)->Arg(10)->Arg(100)->Arg(300)->Unit(benchmark::kMicrosecond);

// A session that comes up is told everything.
void BM_NewSession(benchmark::State& state) {
  const auto exchange = exchange_of(100);
  const auto server = loaded(exchange);
  const Peer& peer = server->peers().front();
  for (auto _ : state) {
    server->session_up(peer.id, {.bgp_identifier = 1, .families = {.ipv4 = true, .ipv6 = true}});
    benchmark::DoNotOptimize(send_all(*server));
  }
}
BENCHMARK(BM_NewSession)->Unit(benchmark::kMillisecond);

// Longest match in a client's view, as the compiler asks for it.
void BM_Resolve(benchmark::State& state) {
  const auto exchange = exchange_of(100);
  const auto server = loaded(exchange);
  std::mt19937 random(1);
  for (auto _ : state) {
    const auto address = numbered(random() % 48'000).address();
    benchmark::DoNotOptimize(server->resolve(net::ParticipantId{7}, address));
  }
}
BENCHMARK(BM_Resolve);

// A path that is known already: what each further UPDATE with equal attributes costs.
void BM_InternKnown(benchmark::State& state) {
  PathStore paths;
  const auto judge = [](const PathKey& key) {
    return Path{.peer = key.peer, .next_hop = key.next_hop, .attributes = key.attributes};
  };
  std::vector<PathKey> keys;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    bgp::PathAttributes attributes;
    attributes.as_path.segments = {{.asns = {net::Asn{1000}, net::Asn{2000 + i}, net::Asn{7}}}};
    attributes.communities = {bgp::community(1000, 1), bgp::community(1000, 2)};
    // As decoded anew: an equal value, another object.
    keys.push_back({.attributes = std::make_shared<const bgp::PathAttributes>(attributes)});
    paths.intern({.attributes = std::make_shared<const bgp::PathAttributes>(attributes)}, judge);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    const PathId id = paths.intern(keys[next++ % keys.size()], judge);
    paths.release(id);
  }
}
BENCHMARK(BM_InternKnown);

// The order of so many routes to a prefix; with MEDs that matter it is quadratic.
void BM_Rank(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  std::mt19937 random(1);
  std::vector<Contender> contenders;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto neighbor = state.range(1) != 0 ? i % 3 : i;
    contenders.push_back({.preference = {.before_med = random() % 3U,
                                         .med = static_cast<std::uint32_t>(random() % 5U),
                                         .neighbor = neighbor},
                          .tie = i,
                          .index = i});
  }
  for (auto _ : state) {
    auto some = contenders;
    benchmark::DoNotOptimize(rank(some));
  }
}
BENCHMARK(BM_Rank)->ArgNames({"routes", "meds"})->ArgsProduct({{2, 10, 100}, {0, 1}});

// UPDATEs from a batch: prefixes by 16 of a path; with samples looked at again, or everything.
void BM_Packing(benchmark::State& state) {
  const auto exchange = exchange_of(2);
  PathStore paths;
  Rib rib(paths, [](PeerId peer, std::uint32_t) { return std::uint64_t{peer.value}; });
  const ExportControl control(exchange, {});
  UpdateBatch batch(paths, rib);
  batch.set_export_control(&control);
  batch.set_vigilance(state.range(0) == 0 ? EmissionCheck::Vigilance::kSamples
                                          : EmissionCheck::Vigilance::kEverything);
  const Peer peer{.asn = net::Asn{1001}, .address = net::IpAddress::v4({10, 0, 0, 2})};
  for (const auto& update : updates_of(peer, 0, 16'000)) {
    const PathId path = paths.intern({.attributes = update.attributes}, [&](const PathKey& key) {
      return Path{.told_next_hop = peer.address, .told = key.attributes};
    });
    for (const auto& prefix : update.announced.front().prefixes)
      rib.announce(prefix, {.path = path});
  }
  const Dialect dialect;
  ClientSet clients(300);
  for (std::uint16_t i = 1; i < 300; ++i) clients.insert(PeerId{i});
  std::size_t octets = 0;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < rib.end(); ++i) {
      batch.announce({.dialect = &dialect, .clients = &clients},
                     {.path = rib.routes(EntryId{i}).front().path, .treatment = {}, .next_hop = {}},
                     EntryId{i});
    }
    batch.flush([&](const ClientSet&, const ChunkPtr& chunk) { octets += chunk->bytes.size(); });
  }
  state.SetItemsProcessed(state.iterations() * rib.end());
  state.SetBytesProcessed(static_cast<std::int64_t>(octets));
}
BENCHMARK(BM_Packing)->ArgName("everything")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::routeserver
