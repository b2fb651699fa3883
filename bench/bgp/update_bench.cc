#include <vector>

#include <benchmark/benchmark.h>

#include "bgp/message_header.h"
#include "bgp/update_encoder.h"
#include "bgp/update_message.h"

namespace fabrix::bgp {
namespace {

PathAttributes typical_attributes() {
  PathAttributes attributes;
  attributes.as_path.segments = {
      {AsPathSegment::Kind::kSequence,
       {net::Asn{64500}, net::Asn{64510}, net::Asn{4200000001}, net::Asn{64520}}}};
  attributes.communities = {community(64500, 1), community(64500, 2), community(64500, 3)};
  attributes.large_communities = {{64500, 1, 2}, {64500, 3, 4}};
  return attributes;
}

std::vector<net::Prefix> prefixes(net::Family family, std::size_t count) {
  std::vector<net::Prefix> result;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto high = static_cast<std::uint8_t>(i >> 8U);
    const auto low = static_cast<std::uint8_t>(i);
    const auto address = family == net::Family::kIpv4
                             ? net::IpAddress::v4({20, high, low, 0})
                             : net::IpAddress::v6({0x20, 1, high, low, 0, 1});
    result.push_back(*net::Prefix::containing(address, family == net::Family::kIpv4 ? 24 : 48));
  }
  return result;
}

net::IpAddress next_hop(net::Family family) {
  return net::IpAddress::parse(family == net::Family::kIpv4 ? "192.0.2.1" : "2001:db8::1").value();
}

net::Family family_of(const benchmark::State& state) {
  return state.range(0) == 4 ? net::Family::kIpv4 : net::Family::kIpv6;
}

void BM_EncodeAnnouncement(benchmark::State& state) {
  const net::Family family = family_of(state);
  const PathAttributes attributes = typical_attributes();
  const auto routes = prefixes(family, static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) {
    ByteWriter out;
    benchmark::DoNotOptimize(
        encode_announcement(attributes, next_hop(family), routes, AsnWidth::kFourOctets, out));
    benchmark::DoNotOptimize(out.view().data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

BENCHMARK(BM_EncodeAnnouncement)->ArgsProduct({{4, 6}, {1, 8, 500}});

// What a route server does for each group of routes: the attributes are encoded already.
void BM_PackAnnouncement(benchmark::State& state) {
  const net::Family family = family_of(state);
  const auto routes = prefixes(family, static_cast<std::size_t>(state.range(1)));
  const std::vector<std::uint32_t> path_ids(routes.size(), 7);
  const EncodeOptions options{.max_message = kMaxExtendedMessageSize,
                              .add_path = state.range(2) != 0};
  ByteWriter block;
  encode_attributes(typical_attributes(), {}, block);
  for (auto _ : state) {
    ByteWriter out;
    benchmark::DoNotOptimize(pack_announcement(
        block.view(), next_hop(family), {.prefixes = routes, .path_ids = path_ids}, options, out));
    benchmark::DoNotOptimize(out.view().data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

BENCHMARK(BM_PackAnnouncement)->ArgsProduct({{4, 6}, {1, 16, 500, 5000}, {0, 1}});

void BM_EncodeWithdrawal(benchmark::State& state) {
  const net::Family family = family_of(state);
  const auto routes = prefixes(family, static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) {
    ByteWriter out;
    encode_withdrawal(family, routes, out);
    benchmark::DoNotOptimize(out.view().data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

BENCHMARK(BM_EncodeWithdrawal)->ArgsProduct({{4, 6}, {1, 16, 500}});

void BM_DecodeUpdate(benchmark::State& state) {
  const net::Family family = family_of(state);
  const auto routes = prefixes(family, static_cast<std::size_t>(state.range(1)));
  ByteWriter out;
  const auto encoded = encode_announcement(typical_attributes(), next_hop(family), routes,
                                           AsnWidth::kFourOctets, out);
  if (!encoded || out.size() > kMaxMessageSize) return state.SkipWithError("not one message");
  const auto body = out.view().subspan(kHeaderSize);
  for (auto _ : state) benchmark::DoNotOptimize(decode_update(body, {}));
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK(BM_DecodeUpdate)->ArgsProduct({{4, 6}, {1, 16, 500}});

void BM_HashAttributes(benchmark::State& state) {
  const PathAttributes attributes = typical_attributes();
  for (auto _ : state) benchmark::DoNotOptimize(std::hash<PathAttributes>{}(attributes));
}

BENCHMARK(BM_HashAttributes);

}  // namespace
}  // namespace fabrix::bgp
