#include "monitoring/table_dump.h"

#include <gtest/gtest.h>

#include "monitoring/mrt_reader.h"
#include "tests/monitoring/bgpdump.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::attributes;
using testing::MemoryTable;
using testing::prefix;
using testing::route;
using testing::session;

using Lines = std::vector<std::string>;

// Two IPv4 peers and an IPv6 one.
void fill(MemoryTable& table) {
  table.sessions = {session(1), session(2), session(3, net::Family::kIpv6)};
  bgp::PathAttributes rich = attributes({64501, 4200000001});
  rich.as_path.segments.push_back(
      {bgp::AsPathSegment::Kind::kSet, {net::Asn{64510}, net::Asn{64511}}});
  rich.origin = bgp::Origin::kIncomplete;
  rich.med = 30;
  rich.atomic_aggregate = true;
  rich.aggregator = bgp::Aggregator{.asn = net::Asn{4200000001}, .address = address("192.0.2.99")};
  rich.communities = {bgp::community(64501, 1), bgp::kNoExport};
  rich.large_communities = {{64501, 2, 3}};
  table.routes[prefix("198.51.100.0/24")] = {
      route(1, rich, "192.0.2.11"),
      route(2, attributes({64502}), "192.0.2.12", RouteState::kFiltered)};
  table.routes[prefix("203.0.113.128/25")] = {route(2, attributes({64502}), "192.0.2.12")};
  table.routes[prefix("2001:db8:1::/48")] = {route(3, attributes({64503, 64503}), "2001:db8::d")};
  // RFC 8950: an IPv4 route with an IPv6 next hop.
  table.routes[prefix("100.64.0.0/10")] = {route(3, attributes({64503}), "2001:db8::d")};
}

struct Dumped {
  std::vector<std::byte> octets;
  TableDumpCounters counters;
};

Dumped dump(const MemoryTable& table, DumpContent content = DumpContent::kReceived) {
  TableDump dump({.collector_id = 0x0a0000ff, .view_name = "rs", .content = content},
                 testing::time(77));
  ByteWriter out;
  dump.begin(table.peers(), out);
  const auto walk = table.walk();
  while (const auto routes = walk->next()) dump.add(*routes, out);
  return {out.take(), dump.counters()};
}

std::vector<MrtRecord> read(std::span<const std::byte> octets) {
  std::vector<MrtRecord> records;
  MrtReader reader(octets);
  while (true) {
    auto record = reader.next();
    EXPECT_TRUE(record) << describe(record.error());
    if (!record || !*record) return records;
    records.push_back(**std::move(record));
  }
}

TEST(TableDump, ReadsAsTheTable) {
  MemoryTable table;
  fill(table);
  const Dumped dumped = dump(table);
  const auto records = read(dumped.octets);
  ASSERT_EQ(records.size(), 5U);
  const auto& peers = std::get<PeerIndexTable>(records[0].body);
  EXPECT_EQ(peers.collector_id, 0x0a0000ffU);
  EXPECT_EQ(peers.view_name, "rs");
  ASSERT_EQ(peers.peers.size(), 3U);
  EXPECT_EQ(peers.peers[2].asn, net::Asn{64503});
  EXPECT_EQ(peers.peers[2].address, address("2001:db8::d"));
  std::uint32_t sequence = 0;
  auto expected = table.routes.begin();
  for (const MrtRecord& record : std::span(records).subspan(1)) {
    const auto& rib = std::get<RibRecord>(record.body);
    EXPECT_EQ(rib.sequence, sequence++);
    EXPECT_EQ(rib.prefix, expected->first);
    ASSERT_EQ(rib.entries.size(), expected->second.size());
    for (std::size_t i = 0; i < rib.entries.size(); ++i) {
      const Route& wanted = expected->second[i];
      EXPECT_EQ(rib.entries[i].peer_index + 1U, wanted.peer.value);
      EXPECT_EQ(rib.entries[i].next_hop, wanted.next_hop);
      EXPECT_EQ(*rib.entries[i].attributes, *wanted.attributes);
      EXPECT_EQ(Timestamp(rib.entries[i].originated), testing::time());
    }
    ++expected;
  }
  EXPECT_EQ(dumped.counters,
            (TableDumpCounters{.peers = 3, .records = 4, .routes = 5, .left_out = 0}));
}

TEST(TableDump, ShowsOfAcceptedRoutesWhatTheImportPolicyLeft) {
  MemoryTable table;
  fill(table);
  Route& changed = table.routes[prefix("203.0.113.128/25")].front();
  changed.imported = testing::shared(attributes({64502, 64599}));
  const Dumped dumped = dump(table, DumpContent::kAccepted);
  EXPECT_EQ(dumped.counters.routes, 4U);
  bool seen = false;
  for (const MrtRecord& record : read(dumped.octets)) {
    const auto* const rib = std::get_if<RibRecord>(&record.body);
    if (rib == nullptr || rib->prefix != prefix("203.0.113.128/25")) continue;
    seen = true;
    EXPECT_EQ(*rib->entries.at(0).attributes, *changed.imported);
  }
  EXPECT_TRUE(seen);
}

TEST(TableDump, LeavesOutAndCountsWhatItCannotSay) {
  MemoryTable table;
  fill(table);
  bgp::PathAttributes large = attributes({64501});
  large.communities.resize(16'384);
  table.routes[prefix("100.0.0.0/8")] = {route(1, large, "192.0.2.11"),
                                         route(9, attributes({64509}), "192.0.2.19")};
  const Dumped dumped = dump(table);
  EXPECT_EQ(dumped.counters.left_out, 2U);
  EXPECT_EQ(read(dumped.octets).size(), 5U) << "no record for a prefix without entries";
}

TEST(TableDump, SplitsAPrefixWithVeryManyRoutes) {
  MemoryTable table;
  table.sessions = {session(1)};
  bgp::PathAttributes large = attributes({64501});
  large.communities.resize(10'000);
  const auto block = route(1, large, "192.0.2.11");
  table.routes[prefix("100.0.0.0/8")].assign(60, block);
  const Dumped dumped = dump(table);
  EXPECT_EQ(dumped.counters.routes, 60U);
  std::size_t entries = 0;
  for (const MrtRecord& record : read(dumped.octets)) {
    if (const auto* rib = std::get_if<RibRecord>(&record.body)) entries += rib->entries.size();
  }
  EXPECT_EQ(entries, 60U);
  EXPECT_EQ(dumped.counters.records, 3U);
}

TEST(TableDump, BgpdumpReadsTheTable) {
  if (!testing::has_bgpdump()) GTEST_SKIP() << "bgpdump is not installed";
  MemoryTable table;
  fill(table);
  Lines wanted;
  for (const auto& [prefix, routes] : table.routes) {
    for (const Route& route : routes) {
      const PeerSession& peer = table.sessions.at(route.peer.index() - 1);
      wanted.push_back(testing::bgpdump_rib_line(testing::time(), peer, prefix, route));
    }
  }
  EXPECT_EQ(testing::bgpdump(dump(table).octets), wanted);
  EXPECT_EQ(wanted.at(1),
            "TABLE_DUMP2|1700000000|B|192.0.2.11|64501|198.51.100.0/24|64501 4200000001 "
            "{64510,64511}|INCOMPLETE|192.0.2.11|0|30|64501:1 no-export|64501:2:3|AG|4200000001 "
            "192.0.2.99|");
}

}  // namespace
}  // namespace fabrix::monitoring
