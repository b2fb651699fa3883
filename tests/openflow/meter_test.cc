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
