#include "monitoring/mrt.h"

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::attributes;
using testing::prefix;

constexpr int kTime0 = 0x65;  // 1,700,000,000 is 0x6553f100

Bytes encoded(const MrtRecord& record) {
  ByteWriter out;
  EXPECT_TRUE(encode_mrt(record, out));
  return out.take();
}

TEST(Mrt, Rfc6396_4_3_1_PeerIndexTable) {
  const PeerIndexTable table{
      .collector_id = 0x0a0000ff,
      .view_name = "rs",
      .peers = {{0x0a000001, address("192.0.2.11"), net::Asn{64501}},
                {0x0a000002, address("2001:db8::12"), net::Asn{4200000001}}}};
  EXPECT_EQ(
      encoded({.time = testing::time(5), .body = table}),
      bytes({kTime0, 0x53, 0xf1, 0,    0, 13,   0,   1,    0,    0,    0,    48,  // header
             10,     0,    0,    0xff, 0, 2,    'r', 's',  0,    2,               // view, 2 peers
             2,      10,   0,    0,    1, 192,  0,   2,    11,   0,    0,    0xfb, 0xf5,  // IPv4
             3,      10,   0,    0,    2, 0x20, 1,   0x0d, 0xb8, 0,    0,    0,    0,     // IPv6
             0,      0,    0,    0,    0, 0,    0,   0x12, 0xfa, 0x56, 0xea, 0x01}));
}

TEST(Mrt, Rfc6396_4_3_2_RibEntries) {
  const RibRecord record{
      .sequence = 7,
      .prefix = prefix("198.51.100.0/22"),
      .entries = {{.peer_index = 1,
                   .originated = std::chrono::sys_seconds(std::chrono::seconds(16)),
                   .next_hop = address("192.0.2.11"),
                   .attributes = testing::shared(attributes({64501}))}}};
  EXPECT_EQ(encoded({.time = testing::time(), .body = record}),
            bytes({kTime0, 0x53, 0xf1, 0,   0,  13,  0,  2,    0,   0, 0, 38,  // header
                   0,      0,    0,    7,   22, 198, 51, 100,  0,   1,         // prefix
                   0,      1,    0,    0,   0,  16,  0,  20,                   // entry
                   0x40,   3,    4,    192, 0,  2,   11, 0x40, 1,   1, 0,      //
                   0x40,   2,    6,    2,   1,  0,   0,  0xfb, 0xf5}));
}

TEST(Mrt, Rfc6396_4_4_4_StateChangeWithMicroseconds) {
  const SessionEnds ends{.peer_as = net::Asn{4200000001},
                         .local_as = net::Asn{65000},
                         .interface_index = 3,
                         .peer = address("192.0.2.11"),
                         .local = address("192.0.2.1")};
  const StateChangeRecord change{
      .ends = ends, .before = PeerState::kOpenConfirm, .after = PeerState::kEstablished};
  const Bytes body = bytes({0xfa, 0x56, 0xea, 0x01, 0,   0, 0xfd, 0xe8, 0, 3, 0, 1,  //
                            192,  0,    2,    11,   192, 0, 2,    1,    0, 5, 0, 6});
  EXPECT_EQ(encoded({.time = testing::time(515), .body = change}),
            join({bytes({kTime0, 0x53, 0xf1, 0, 0, 16, 0, 5, 0, 0, 0, 24}), body}));
  // RFC 6396 §3: four octets more, which the length counts.
  EXPECT_EQ(
      encoded({.time = testing::time(515), .precision = MrtTime::kMicroseconds, .body = change}),
      join({bytes({kTime0, 0x53, 0xf1, 0, 0, 17, 0, 5, 0, 0, 0, 28, 0, 0, 2, 3}), body}));
}

TEST(Mrt, Rfc6396_4_4_2_AMessageOfATwoOctetSessionHasTwoOctetNumbers) {
  const Bytes keepalive = bgp::encode_message(bgp::MessageType::kKeepalive, {});
  MessageRecord record{.ends = {.peer_as = net::Asn{64501},
                                .local_as = net::Asn{4200000001},
                                .peer = address("192.0.2.11"),
                                .local = address("192.0.2.1")},
                       .width = bgp::AsnWidth::kTwoOctets,
                       .message = keepalive};
  EXPECT_EQ(encoded({.time = testing::time(), .body = record}),
            join({bytes({kTime0, 0x53, 0xf1, 0, 0, 16, 0,   1, 0, 0,  0,   35, 0xfb, 0xf5,
                         0x5b,   0xa0, 0,    0, 0, 1,  192, 0, 2, 11, 192, 0,  2,    1}),
                  keepalive}));
  record.width = bgp::AsnWidth::kFourOctets;
  EXPECT_EQ(
      encoded({.time = testing::time(), .body = record}),
      join({bytes({kTime0, 0x53, 0xf1, 0,    0, 16, 0, 4, 0,   0, 0, 39, 0,   0, 0xfb, 0xf5,  //
                   0xfa,   0x56, 0xea, 0x01, 0, 0,  0, 1, 192, 0, 2, 11, 192, 0, 2,    1}),
            keepalive}));
}

TEST(Mrt, MessagesAreWrittenWithoutACopyAlike) {
  const auto session = testing::session(1, net::Family::kIpv6);
  const MessageRecord record{.ends = session_ends(session),
                             .message = bgp::encode_message(bgp::MessageType::kKeepalive, {})};
  ByteWriter out;
  ASSERT_TRUE(encode_mrt_message(testing::time(9), record.ends, record.message, out));
  EXPECT_EQ(
      testing::copy(out.view()),
      encoded({.time = testing::time(9), .precision = MrtTime::kMicroseconds, .body = record}));
}

TEST(Mrt, AnUnknownRecordKeepsItsOctets) {
  EXPECT_EQ(encoded({.time = testing::time(3), .body = UnknownRecord{17, 99, bytes({1, 2})}}),
            bytes({kTime0, 0x53, 0xf1, 0, 0, 17, 0, 99, 0, 0, 0, 2, 1, 2}));
}

TEST(Mrt, RefusesWhatTheFieldsCannotSay) {
  ByteWriter out;
  PeerIndexTable long_name{.view_name = std::string(70'000, 'x')};
  EXPECT_EQ(encode_mrt({.body = long_name}, out).error(), MrtError::kTooLarge);
  PeerIndexTable peers;
  peers.peers.resize(65'536);
  EXPECT_EQ(encode_mrt({.body = peers}, out).error(), MrtError::kTooLarge);
  bgp::PathAttributes large = attributes({64501});
  large.communities.resize(16'384);
  const RibRecord rib{.entries = {{.attributes = testing::shared(large)}}};
  EXPECT_EQ(encode_mrt({.body = rib}, out).error(), MrtError::kTooLarge);
  EXPECT_EQ(encode_mrt({.body = UnknownRecord{1, 1, Bytes(kMaxMrtRecordSize + 1)}}, out).error(),
            MrtError::kTooLarge);
  EXPECT_EQ(out.size(), 0U);
}

TEST(Mrt, ErrorsAreDescribed) {
  for (const auto error : {MrtError::kTruncated, MrtError::kTooLarge, MrtError::kMalformed,
                           MrtError::kBadAttributes}) {
    EXPECT_FALSE(describe(error).empty());
  }
}

}  // namespace
}  // namespace fabrix::monitoring
