#include "monitoring/mrt_reader.h"

#include <random>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::attributes;
using testing::prefix;

RibRecord rib(std::string_view text, std::string_view next_hop) {
  RibRecord record{.sequence = 3, .prefix = prefix(text), .entries = {}};
  for (const auto peer : {std::uint16_t{0}, std::uint16_t{2}}) {
    record.entries.push_back({.peer_index = peer,
                              .originated = std::chrono::sys_seconds(std::chrono::seconds(peer)),
                              .next_hop = address(next_hop),
                              .attributes = testing::shared(attributes({64501, 4200000001}))});
  }
  return record;
}

// One of every kind.
std::vector<MrtRecord> samples() {
  const SessionEnds v4 = session_ends(testing::session(1));
  const SessionEnds v6 = session_ends(testing::session(1, net::Family::kIpv6));
  const Bytes keepalive = bgp::encode_message(bgp::MessageType::kKeepalive, {});
  const auto fine = MrtTime::kMicroseconds;
  return {
      {.time = testing::time(),
       .body = PeerIndexTable{.collector_id = 1,
                              .view_name = "view",
                              .peers = {{1, address("192.0.2.11"), net::Asn{64501}},
                                        {2, address("2001:db8::12"), net::Asn{4200000001}}}}},
      {.time = testing::time(), .body = rib("198.51.100.0/24", "192.0.2.11")},
      {.time = testing::time(), .body = rib("2001:db8:2::/47", "2001:db8::11")},
      {.time = testing::time(), .body = rib("0.0.0.0/0", "2001:db8::11")},
      {.time = testing::time(7),
       .precision = fine,
       .body = MessageRecord{.ends = v4, .message = keepalive}},
      {.time = testing::time(), .body = MessageRecord{.ends = v6, .message = keepalive}},
      {.time = testing::time(),
       .body = MessageRecord{.ends = v4, .width = bgp::AsnWidth::kTwoOctets, .message = keepalive}},
      {.time = testing::time(5),
       .precision = fine,
       .body = MessageRecord{.ends = v4, .width = bgp::AsnWidth::kTwoOctets, .message = keepalive}},
      {.time = testing::time(999'999),
       .precision = fine,
       .body =
           StateChangeRecord{
               .ends = v6, .before = PeerState::kEstablished, .after = PeerState::kIdle}},
      {.time = testing::time(), .body = UnknownRecord{12, 1, bytes({1, 2, 3})}},
      {.time = testing::time(), .body = UnknownRecord{13, 6, bytes({1})}},
      {.time = testing::time(), .body = UnknownRecord{17, 7, {}}}};
}

Bytes encoded(std::span<const MrtRecord> records) {
  ByteWriter out;
  for (const MrtRecord& record : records) EXPECT_TRUE(encode_mrt(record, out));
  return out.take();
}

Bytes record(int type, int subtype, const Bytes& body) {
  return join(
      {bytes({0x65, 0x53, 0xf1, 0, 0, type, 0, subtype, 0, 0, 0, static_cast<int>(body.size())}),
       body});
}

TEST(MrtReader, ReadsWhatTheEncoderWrote) {
  const auto wanted = samples();
  const Bytes file = encoded(wanted);
  MrtReader reader(file);
  for (const MrtRecord& record : wanted) {
    const auto read = reader.next();
    ASSERT_TRUE(read) << describe(read.error());
    ASSERT_TRUE(*read);
    EXPECT_EQ(**read, record);
  }
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_EQ(reader.remaining(), 0U);
}

// RFC 6396 §4.3.1: bit 1 clear, a two-octet AS number.
TEST(MrtReader, Rfc6396_4_3_1_ReadsPeersWithTwoOctetNumbers) {
  const Bytes file = record(13, 1,
                            bytes({0, 0, 0, 1, 0, 0, 0, 1,  //
                                   0, 10, 0, 0, 1, 192, 0, 2, 11, 0xfb, 0xf5}));
  const auto read = MrtReader(file).next();
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(std::get<PeerIndexTable>((*read)->body).peers.at(0).asn, net::Asn{64501});
}

// RFC 6396 §4.4.1, §4.4.6 name more subtypes than are read: such records are kept as they are, also
// with the microseconds of BGP4MP_ET (§3).
TEST(MrtReader, Rfc6396_4_4_KeepsSubtypesThatItDoesNotRead) {
  const Bytes body = bytes({0, 0, 0, 7, 1, 2, 3});
  for (const int subtype : {0, 6, 7, 11}) {
    SCOPED_TRACE(subtype);
    const auto read = MrtReader(record(16, subtype, body)).next();
    ASSERT_TRUE(read && *read);
    const UnknownRecord expected{16, static_cast<std::uint16_t>(subtype), body};
    EXPECT_EQ(std::get<UnknownRecord>((*read)->body), expected);
    const auto fine = MrtReader(record(17, subtype, body)).next();
    ASSERT_TRUE(fine && *fine);
    EXPECT_EQ(std::get<UnknownRecord>((*fine)->body).subtype, subtype);
  }
}

TEST(MrtReader, SaysWhatIsWrongAndGoesOn) {
  const std::pair<Bytes, MrtError> cases[] = {
      {record(13, 1, bytes({0, 0, 0, 1, 0, 9, 'x'})), MrtError::kMalformed},
      {record(13, 1, bytes({0, 0, 0, 1, 0, 0, 0, 0, 0})), MrtError::kMalformed},
      {record(13, 2, bytes({0, 0, 0, 1, 33, 1, 2, 3, 4, 5, 0, 0})), MrtError::kMalformed},
      {record(13, 2, bytes({0, 0, 0, 1, 8, 10, 0, 1, 0, 0})), MrtError::kMalformed},
      {record(13, 2, bytes({0, 0, 0, 1, 8, 10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})),
       MrtError::kBadAttributes},
      {record(16, 4, bytes({0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8})),
       MrtError::kMalformed},
      {record(16, 5,
              bytes({0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 7})),
       MrtError::kMalformed},
      {record(17, 5, bytes({0, 0x0f, 0x42, 0x40})), MrtError::kMalformed}};  // 1,000,000
  const auto good = samples().front();
  for (const auto& [octets, error] : cases) {
    const Bytes file = join({octets, encoded(std::span(&good, 1))});
    MrtReader reader(file);
    const auto bad = reader.next();
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error(), error);
    EXPECT_EQ(reader.next().value(), good);
  }
}

TEST(MrtReader, StopsAtARecordThatIsTooLarge) {
  const Bytes file = bytes({0, 0, 0, 0, 0, 13, 0, 2, 0x7f, 0xff, 0xff, 0xff, 0});
  MrtReader reader(file);
  EXPECT_EQ(reader.next().error(), MrtError::kTooLarge);
  EXPECT_EQ(reader.remaining(), file.size());
}

TEST(MrtReader, RejectsEveryTruncation) {
  for (const MrtRecord& record : samples()) {
    const Bytes file = encoded(std::span(&record, 1));
    for (std::size_t size = 1; size < file.size(); ++size) {
      const auto part = std::span(file).first(size);
      MrtReader reader(part);
      EXPECT_EQ(reader.next().error(), MrtError::kTruncated);
    }
  }
}

TEST(MrtReader, SurvivesEveryValueOfEveryOctet) {
  Bytes file = encoded(samples());
  for (std::byte& octet : file) {
    const std::byte original = octet;
    for (int value = 0; value < 256; value += 5) {
      octet = static_cast<std::byte>(value);
      MrtReader reader(file);
      for (std::size_t before = 0; before != reader.remaining() && reader.remaining() > 0;) {
        before = reader.remaining();
        std::ignore = reader.next();
      }
    }
    octet = original;
  }
}

}  // namespace
}  // namespace fabrix::monitoring
