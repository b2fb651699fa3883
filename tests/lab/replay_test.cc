#include "lab/replay.h"

#include <memory>

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "bgp/message_header.h"
#include "controller/audit.h"
#include "exchange/load.h"

namespace fabrix::lab {
namespace {

using monitoring::MrtRecord;

constexpr const char* kExchange = R"(version: 1
exchange:
  name: sample
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
  - {name: C, asn: 300, routers: [{name: c1, mac: "08:00:27:00:00:03", addresses: [172.0.0.3], port: 3}]}
)";

const net::Prefix kPrefix = *net::Prefix::parse("140.0.0.0/24");

net::IpAddress address(const char* text) {
  return *net::IpAddress::parse(text);
}

monitoring::Timestamp at(int second) {
  return monitoring::Timestamp(std::chrono::seconds(1'700'000'000 + second));
}

monitoring::RibEntry entry(std::uint16_t peer, const char* next_hop, std::uint32_t asn) {
  bgp::PathAttributes attributes;
  attributes.as_path = {.segments = {{.asns = {net::Asn{asn}}}}};
  return {.peer_index = peer,
          .originated = {},
          .next_hop = address(next_hop),
          .attributes = std::make_shared<const bgp::PathAttributes>(attributes)};
}

MrtRecord peers() {
  return {.time = at(0),
          .body = monitoring::PeerIndexTable{.collector_id = 1,
                                             .view_name = "",
                                             .peers = {{1, address("172.0.0.2"), net::Asn{200}},
                                                       {2, address("172.0.0.3"), net::Asn{300}},
                                                       {3, address("192.0.2.1"), net::Asn{400}}}}};
}

MrtRecord table() {
  return {.time = at(0),
          .body = monitoring::RibRecord{
              .sequence = 0,
              .prefix = kPrefix,
              .entries = {entry(0, "172.0.0.2", 200), entry(1, "172.0.0.3", 300),
                          entry(2, "192.0.2.1", 400)}}};
}

// B withdraws 140.0.0.0/24.
MrtRecord withdrawal() {
  const std::vector<std::byte> body{std::byte{0}, std::byte{4}, std::byte{24}, std::byte{140},
                                    std::byte{0}, std::byte{0}, std::byte{0},  std::byte{0}};
  return {.time = at(5),
          .precision = monitoring::MrtTime::kMicroseconds,
          .body = monitoring::MessageRecord{
              .ends = {.peer_as = net::Asn{200},
                       .local_as = net::Asn{65000},
                       .peer = address("172.0.0.2"),
                       .local = address("172.0.255.254")},
              .message = bgp::encode_message(bgp::MessageType::kUpdate, body)}};
}

std::vector<std::byte> file_of(const std::vector<MrtRecord>& records) {
  ByteWriter out;
  for (const MrtRecord& record : records) EXPECT_TRUE(encode_mrt(record, out));
  const auto view = out.view();
  return {view.begin(), view.end()};
}

class ReplayTest : public testing::Test {
 protected:
  ReplayTest() {
    EXPECT_TRUE(replay_.controller().set_policy(exchange_.find_participant("A")->id,
                                                "outbound = match(dstport=80) >> fwd(B)\n",
                                                "A.policy"));
  }

  exchange::Exchange exchange_ = *exchange::load(kExchange, "exchange.yaml");
  Replay replay_{exchange_};
};

TEST_F(ReplayTest, ATableAndUpdatesAreProvedBatchByBatch) {
  const auto report = replay_.run(file_of({peers(), table(), withdrawal()}));
  EXPECT_EQ(report.records, 3U);
  EXPECT_EQ(report.updates, 3U);
  EXPECT_EQ(report.unknown, 1U);
  EXPECT_EQ(report.unusable, 0U);
  EXPECT_EQ(report.batches, 3U);  // the policies, the table, the withdrawal
  EXPECT_GT(report.rule_changes, 0U);
  EXPECT_EQ(report.refused, 0U);
  EXPECT_FALSE(report.is_cut_short);
  const auto c = exchange_.find_participant("C")->id;
  const auto b = exchange_.find_participant("B")->id;
  EXPECT_EQ(replay_.controller().route_server().announced_by(c), std::vector{kPrefix});
  EXPECT_TRUE(replay_.controller().route_server().announced_by(b).empty());
  EXPECT_TRUE(controller::audit(replay_.controller()).violations.empty());
}

TEST_F(ReplayTest, PeersOfAnotherLanAreKnownByTheirAsNumber) {
  auto others = peers();
  auto& table_peers = std::get<monitoring::PeerIndexTable>(others.body).peers;
  table_peers[0].address = address("192.0.2.200");
  table_peers[1].address = address("192.0.2.201");
  const auto report = replay_.run(file_of({others, table()}));
  EXPECT_EQ(report.peers.by_address, 0U);
  EXPECT_EQ(report.peers.by_asn, 2U);
  EXPECT_EQ(report.peers.unknown, 1U);
  EXPECT_EQ(report.peers.unknown_names, std::vector<std::string>{"192.0.2.1 (AS 400)"});
  EXPECT_FALSE(report.peers.all_strangers());
  EXPECT_EQ(report.updates, 2U);
  for (const char* name : {"B", "C"}) {
    const auto id = exchange_.find_participant(name)->id;
    EXPECT_EQ(replay_.controller().route_server().announced_by(id), std::vector{kPrefix});
  }
}

TEST_F(ReplayTest, AFileOfStrangersIsSaidToBeOne) {
  auto others = peers();
  for (auto& peer : std::get<monitoring::PeerIndexTable>(others.body).peers) {
    peer.asn = net::Asn{peer.asn.value + 64'000};
  }
  const auto report = replay_.run(file_of({others, table()}));
  EXPECT_TRUE(report.peers.all_strangers());
  EXPECT_EQ(report.peers.unknown, 3U);
  EXPECT_EQ(report.unknown, 3U);
  EXPECT_EQ(report.updates, 0U);
}

TEST_F(ReplayTest, ADamagedFileIsReadAsFarAsItGoes) {
  auto file = file_of({peers(), table()});
  file.pop_back();
  const auto report = replay_.run(file);
  EXPECT_TRUE(report.is_cut_short);
  EXPECT_EQ(report.records, 1U);
  EXPECT_EQ(report.unusable, 1U);
}

TEST_F(ReplayTest, AnEmptyFileProvesThePoliciesAlone) {
  const auto report = replay_.run({});
  EXPECT_EQ(report.records, 0U);
  EXPECT_EQ(report.batches, 1U);
  EXPECT_EQ(report.refused, 0U);
}

}  // namespace
}  // namespace fabrix::lab
