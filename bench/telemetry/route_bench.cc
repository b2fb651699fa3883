// What the join of a sample with routing costs: the longest match among a million prefixes, and
// flow keys made of what it finds. Prefixes are as long as the Internet's are, about (half of
// IPv4's have 24 bits, half of IPv6's 48); addresses lie in them: 100,000 destinations, some much
// more often (Zipf) as samples have them, and each another one, which is the worst there is.
#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "sflow/datagram_writer.h"
#include "sflow/sampled_packet.h"
#include "telemetry/key_expression.h"
#include "telemetry/route_table.h"

namespace fabrix::telemetry {
namespace {

constexpr std::size_t kPrefixes = 1'000'000;
constexpr std::size_t kAsked = 1U << 20U;
constexpr std::size_t kDestinations = 100'000;

unsigned random_length(std::mt19937_64& random, net::Family family) {
  constexpr std::array<unsigned, 16> kFour{24, 24, 24, 24, 24, 24, 24, 24,
                                           23, 22, 22, 21, 20, 19, 18, 16};
  constexpr std::array<unsigned, 8> kSix{48, 48, 48, 48, 44, 40, 36, 32};
  return family == net::Family::kIpv4 ? kFour[random() % 16] : kSix[random() % 8];
}

net::IpAddress random_address(std::mt19937_64& random, net::Family family) {
  // Unicast; of IPv6 the registries' few blocks.
  constexpr std::array<std::uint64_t, 8> kBlocks{0x2001, 0x2400, 0x2600, 0x2606,
                                                 0x2804, 0x2a00, 0x2a02, 0x2a0e};
  net::AddressBits bits{.high = random(), .low = random()};
  if (family == net::Family::kIpv4) {
    bits.high = bits.high % 0xde00'0000'0000'0000U + 0x0100'0000'0000'0000U;
  } else {
    bits.high = kBlocks[random() % 8] << 48U | bits.high >> 16U;
  }
  return bits.to_address(family);
}

struct World {
  RouteTable table;
  std::vector<net::IpAddress> often;  // as samples have them
  std::vector<net::IpAddress> all;    // anywhere
};

std::unique_ptr<World> make_world(net::Family family) {
  auto world = std::make_unique<World>();
  std::mt19937_64 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  std::vector<RouteInfoPtr> routes;
  for (std::uint32_t n = 0; n < 50'000; ++n) {
    const std::string as_path = "65254-65002-" + std::to_string(n);
    routes.push_back(std::make_shared<const RouteInfo>(
        RouteInfo{.as_path = as_path, .origin_as = n, .communities = "65002:7-65002:8"}));
  }
  std::vector<net::IpAddress> inside;
  while (world->table.size() < kPrefixes) {
    const auto address = random_address(random, family);
    const auto prefix = net::Prefix::containing(address, random_length(random, family)).value();
    world->table.insert(prefix, routes[random() % routes.size()]);
    inside.push_back(address);
  }
  for (std::size_t n = 0; n < kAsked; ++n) {
    const double uniform = static_cast<double>(random() >> 11U) / 9007199254740992.0;
    const auto rank = static_cast<std::size_t>(std::pow(double{kDestinations}, uniform)) - 1;
    world->often.push_back(inside[rank]);
    world->all.push_back(inside[random() % inside.size()]);
  }
  return world;
}

const World& world(net::Family family) {
  static const std::unique_ptr<World> four = make_world(net::Family::kIpv4);
  static const std::unique_ptr<World> six = make_world(net::Family::kIpv6);
  return family == net::Family::kIpv4 ? *four : *six;
}

void match(benchmark::State& state, net::Family family, bool often) {
  const World& at = world(family);
  const auto& asked = often ? at.often : at.all;
  for (const auto& address : asked) benchmark::DoNotOptimize(at.table.match_id(address));
  std::size_t n = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(at.table.match_id(asked[n++ % kAsked]));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(match, ipv4_often, net::Family::kIpv4, true);
BENCHMARK_CAPTURE(match, ipv4_anywhere, net::Family::kIpv4, false);
BENCHMARK_CAPTURE(match, ipv6_often, net::Family::kIpv6, true);
BENCHMARK_CAPTURE(match, ipv6_anywhere, net::Family::kIpv6, false);

// By the map of prefixes that holds the routes, to compare.
void map(benchmark::State& state, net::Family family) {
  const World& at = world(family);
  static std::array<net::PrefixMap<std::uint32_t>, 2> maps;
  auto& routes = maps[family == net::Family::kIpv4 ? 0 : 1];
  if (routes.empty()) {
    at.table.for_each_within(net::Prefix::all(family),
                             [&](std::uint32_t id) { routes.insert(at.table.prefix_of(id), id); });
  }
  std::size_t n = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(routes.longest_match(at.often[n++ % kAsked]));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(map, ipv4_often, net::Family::kIpv4);
BENCHMARK_CAPTURE(map, ipv6_often, net::Family::kIpv6);

// The same, as a sample's keys.
class OneTable final : public RouteView {
 public:
  explicit OneTable(const RouteTable& table) : table_(&table) {}
  std::optional<RouteMatch> to_destination(const Sample& /*sample*/,
                                           const net::IpAddress& address) const override {
    return table_->match(address);
  }
  std::optional<RouteMatch> to_source(const Sample& /*sample*/,
                                      const net::IpAddress& address) const override {
    return table_->match(address);
  }
  std::uint32_t own_as(const Sample& /*sample*/) const override { return 64500; }

 private:
  const RouteTable* table_;
};

struct Packet {
  std::vector<std::byte> datagram;
  std::unique_ptr<sflow::SampledPacket> packet;
  Sample sample;
};

Packet packet_to(const net::IpAddress& address) {
  std::vector<std::byte> frame(64);
  frame[12] = std::byte{8};
  frame[14] = std::byte{0x45};
  frame[23] = std::byte{6};
  const auto octets = address.octets();
  for (std::size_t i = 0; i < 4; ++i) frame[30 + i] = std::byte{octets[i]};
  Packet made;
  sflow::DatagramWriter out({});
  out.begin(sflow::FlowSample{.source = {0, 7}, .sampling_rate = 1000},
            sflow::SampleForm::kCompact);
  out.record(
      sflow::SampledHeader{.protocol = 1, .frame_length = 1518, .stripped = 4, .header = frame});
  made.datagram = out.take();
  auto items = sflow::Datagram::open(made.datagram).value().samples();
  const auto flow = sflow::read_flow_sample(*items.next()).value();
  made.packet = std::make_unique<sflow::SampledPacket>(flow.records());
  made.sample = sample_of(net::IpAddress::v4({192, 0, 2, 1}), flow, *made.packet);
  return made;
}

enum class LookUps { kEach, kShared };

void keys(benchmark::State& state, std::string_view text, LookUps look_ups) {
  const World& at = world(net::Family::kIpv4);
  const OneTable view(at.table);
  std::vector<Packet> packets;
  for (std::size_t n = 0; n < 50'000; ++n) packets.push_back(packet_to(at.often[n]));
  const auto parsed = parse_keys(text).value();
  for (Packet& packet : packets) packet.sample.routes = &view;
  std::string key;
  std::size_t n = 0;
  for (auto _ : state) {
    key.clear();
    RouteMemo memo;
    packets[n % packets.size()].sample.memo = look_ups == LookUps::kShared ? &memo : nullptr;
    for (const KeyExpression& part : parsed) {
      benchmark::DoNotOptimize(part.append(packets[n % packets.size()].sample, key));
    }
    ++n;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(keys, destination, "ipdestination", LookUps::kEach);
BENCHMARK_CAPTURE(keys, path, "bgpdestinationaspath", LookUps::kEach);
BENCHMARK_CAPTURE(keys, path_and_communities, "bgpdestinationaspath,bgpcommunities",
                  LookUps::kEach);
BENCHMARK_CAPTURE(keys, path_and_communities_shared, "bgpdestinationaspath,bgpcommunities",
                  LookUps::kShared);
BENCHMARK_CAPTURE(keys, four,
                  "bgpdestinationaspath,bgpcommunities,bgpdestinationas,mask:ipdestination",
                  LookUps::kEach);
BENCHMARK_CAPTURE(keys, four_shared,
                  "bgpdestinationaspath,bgpcommunities,bgpdestinationas,mask:ipdestination",
                  LookUps::kShared);

}  // namespace
}  // namespace fabrix::telemetry
