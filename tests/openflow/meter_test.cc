#include "openflow/meter.h"

#include <gtest/gtest.h>

namespace fabrix::openflow {
namespace {

std::vector<std::byte> octets(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

// OpenFlow 1.4.1 §7.3.4.4
TEST(MeterTest, ALimitIsOneDropBandOfKilobits) {
  WireWriter out;
  encode_meter_mod_body({.command = MeterCommand::kAdd, .meter = limit(7, 10'000, 1'000)}, out);
  const auto written = out.take();
  EXPECT_EQ(written, octets({0, 0, 0,    13,   0, 0, 0, 7,    0, 1, 0, 16,
                             0, 0, 0x27, 0x10, 0, 0, 3, 0xe8, 0, 0, 0, 0}));
  const auto read = decode_meter_mod_body(ByteReader(written));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->meter, limit(7, 10'000, 1'000));
}

// OpenFlow 1.4.1 §7.3.4.4: OFPMF_PKTPS
TEST(MeterTest, ALimitOfPacketsIsOneDropBandToo) {
  WireWriter out;
  encode_meter_mod_body({.command = MeterCommand::kAdd, .meter = limit_packets(7, 100, 200)}, out);
  EXPECT_EQ(out.take(),
            octets({0, 0, 0, 14, 0, 0, 0, 7, 0, 1, 0, 16, 0, 0, 0, 100, 0, 0, 0, 200, 0, 0, 0, 0}));
}

// OpenFlow 1.4.1 §7.3.5.14: 40 octets and 16 for each band.
TEST(MeterTest, StatisticsAreTheSumOfWhatTheBandsWereAppliedTo) {
  WireWriter out;
  encode_meter_stats_entry({.id = 7, .packets = 8, .octets = 9}, out);
  auto octets = out.take();
  ASSERT_EQ(octets.size(), 56U);
  octets.insert(octets.end(), octets.end() - 16, octets.end());
  octets.at(5) = std::byte{72};
  ByteReader two(octets);
  EXPECT_EQ(decode_meter_stats_entry(two), (MeterStats{.id = 7, .packets = 16, .octets = 18}));
  EXPECT_TRUE(two.at_end());
  for (const int length : {0, 39, 41, 73, 88}) {
    octets.at(5) = static_cast<std::byte>(length);
    ByteReader wrong(octets);
    EXPECT_EQ(decode_meter_stats_entry(wrong), std::nullopt) << length;
  }
}

TEST(MeterTest, RejectsBandsOfNoLength) {
  const auto bad = octets({0, 0, 0, 13, 0, 0, 0, 7, 0, 1, 0, 11, 0, 0, 0, 1, 0, 0, 0, 1});
  EXPECT_FALSE(decode_meter_mod_body(ByteReader(bad)));
}

TEST(MeterTest, ReadsEntriesOneAfterTheOther) {
  WireWriter out;
  encode_meter_config_entry(limit(1, 2, 3), out);
  encode_meter_config_entry(limit(4, 5, 6), out);
  const auto written = out.take();
  ByteReader in(written);
  EXPECT_EQ(decode_meter_config_entry(in), limit(1, 2, 3));
  EXPECT_EQ(decode_meter_config_entry(in), limit(4, 5, 6));
  EXPECT_TRUE(in.at_end());
}

}  // namespace
}  // namespace fabrix::openflow
