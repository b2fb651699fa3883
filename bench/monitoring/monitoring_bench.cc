// Table dumps and feeds: how many routes a second become octets.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "monitoring/bmp_feed.h"
#include "monitoring/mrt_reader.h"
#include "monitoring/table_dump.h"

namespace fabrix::monitoring {
namespace {

constexpr std::uint32_t kPeers = 10;  // each has a route for every prefix
constexpr std::uint32_t kPrefixes = 10'000;
constexpr std::uint32_t kSharing = 5;  // prefixes that share attributes

bgp::AttributesPtr attributes(std::uint32_t variant) {
  bgp::PathAttributes result;
  result.as_path.segments = {
      {bgp::AsPathSegment::Kind::kSequence,
       {net::Asn{64500}, net::Asn{64510}, net::Asn{4200000000U + variant}, net::Asn{64520}}}};
  result.communities = {bgp::community(64500, 1), bgp::community(64500, 2)};
  result.large_communities = {{64500, 1, variant}};
  return std::make_shared<const bgp::PathAttributes>(std::move(result));
}

class BenchTable final : public TableSource {
 public:
  BenchTable() {
    for (std::uint32_t i = 0; i < kPeers; ++i) {
      PeerSession session{.key = PeerKey{i}};
      session.received_open.my_as = net::Asn{64500 + i};
      session.received_open.bgp_identifier = i + 1;
      session.sent_open.bgp_identifier = 100;
      sessions_.push_back(std::move(session));
    }
    for (std::uint32_t i = 0; i < kPrefixes; ++i) {
      const auto address = net::IpAddress::v4(
          {20, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i), 0});
      prefixes_.push_back(*net::Prefix::containing(address, 24));
      if (i % kSharing == 0) shared_.push_back(attributes(i));
    }
  }

  std::vector<PeerSession> peers() const override { return sessions_; }
  std::unique_ptr<TableWalk> walk() const override { return std::make_unique<Walk>(*this); }

 private:
  class Walk final : public TableWalk {
   public:
    explicit Walk(const BenchTable& table) : table_(table), routes_(kPeers) {
      for (std::uint32_t i = 0; i < kPeers; ++i) routes_[i].peer = PeerKey{i};
    }
    std::optional<PrefixRoutes> next() override {
      if (next_ == table_.prefixes_.size()) return std::nullopt;
      for (Route& route : routes_) route.attributes = table_.shared_[next_ / kSharing];
      return PrefixRoutes{.prefix = table_.prefixes_[next_++], .routes = routes_};
    }

   private:
    const BenchTable& table_;
    std::vector<Route> routes_;
    std::size_t next_ = 0;
  };

  std::vector<PeerSession> sessions_;
  std::vector<net::Prefix> prefixes_;
  std::vector<bgp::AttributesPtr> shared_;
};

std::vector<std::byte> dump(const BenchTable& table) {
  TableDump dump({.collector_id = 1}, Timestamp{});
  ByteWriter out;
  dump.begin(table.peers(), out);
  const auto walk = table.walk();
  while (const auto routes = walk->next()) dump.add(*routes, out);
  return out.take();
}

void BM_TableDump(benchmark::State& state) {
  const BenchTable table;
  std::size_t octets = 0;
  for (auto _ : state) octets = dump(table).size();
  state.SetItemsProcessed(state.iterations() * kPeers * kPrefixes);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets));
}

BENCHMARK(BM_TableDump)->Unit(benchmark::kMillisecond);

void BM_ReadTableDump(benchmark::State& state) {
  const auto octets = dump(BenchTable());
  for (auto _ : state) {
    MrtReader reader(octets);
    while (true) {
      const auto record = reader.next();
      if (!record) return state.SkipWithError("unreadable");
      if (!*record) break;
    }
  }
  state.SetItemsProcessed(state.iterations() * kPeers * kPrefixes);
}

BENCHMARK(BM_ReadTableDump)->Unit(benchmark::kMillisecond);

void BM_BmpTable(benchmark::State& state) {
  const BenchTable table;
  for (auto _ : state) {
    BmpFeed feed({.system_name = "rs1", .system_description = "bench"}, table);
    while (!feed.table_complete()) {
      feed.advance(256, Timestamp{});
      while (feed.queued() > 0) benchmark::DoNotOptimize(feed.take());
    }
  }
  state.SetItemsProcessed(state.iterations() * kPeers * kPrefixes);
}

BENCHMARK(BM_BmpTable)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fabrix::monitoring
