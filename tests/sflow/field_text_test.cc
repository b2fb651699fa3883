#include "sflow/field_text.h"

#include <gtest/gtest.h>

#include "tests/sflow/frames.h"

namespace fabrix::sflow {
namespace {

std::string shown(FieldType type, const FieldValue& value) {
  std::string out;
  append_text(type, value, out);
  return out;
}

// As sflowtool prints them (src/sflowtool.c: sf_log_percentage, mplsLabelStack, printUUID, ...).
TEST(FieldText, PrintsWhatSflowtoolPrints) {
  EXPECT_EQ(shown(FieldType::kU32, std::uint64_t{7}), "7");
  EXPECT_EQ(shown(FieldType::kI32, std::uint64_t{0xffffffff}), "-1");
  EXPECT_EQ(shown(FieldType::kU64, ~std::uint64_t{0}), "18446744073709551615");
  EXPECT_EQ(shown(FieldType::kHundredths, std::uint64_t{1450}), "14.50");
  EXPECT_EQ(shown(FieldType::kHundredths, std::uint64_t{7}), "0.07");
  EXPECT_EQ(shown(FieldType::kHundredths, std::uint64_t{0xffffffff}), "unknown");
  EXPECT_EQ(shown(FieldType::kFloat, 0.25F), "0.250");
  EXPECT_EQ(shown(FieldType::kMac, net::MacAddress({0, 0x50, 4, 0x29, 0x1b, 0xd9})),
            "005004291bd9");
  EXPECT_EQ(shown(FieldType::kAddress, net::IpAddress::v4({192, 0, 2, 1})), "192.0.2.1");
  const Octets words = octets({0, 0, 0, 12, 0, 0, 0, 13});
  EXPECT_EQ(shown(FieldType::kWords, Bytes(words)), "12-13");
  const Octets label = octets({0, 0x01, 0x0b, 0x40});
  EXPECT_EQ(shown(FieldType::kLabels, Bytes(label)), "16.5.1.64");
  const Octets tag = octets({0x81, 0, 0xb0, 0x05});
  EXPECT_EQ(shown(FieldType::kVlanTags, Bytes(tag)), "0x8100.5.1.5");
  EXPECT_EQ(shown(FieldType::kOpaque, Bytes(tag)), "81-00-B0-05");
  const Octets uuid = octets({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  EXPECT_EQ(shown(FieldType::kUuid, Bytes(uuid)), "00010203-0405-0607-0809-0a0b0c0d0e0f");
  const Octets macs = octets({2, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0});
  EXPECT_EQ(shown(FieldType::kMacs, Bytes(macs)), "020000000001 020000000002");
  const Octets path = octets({0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 8});
  EXPECT_EQ(shown(FieldType::kAsPath, Bytes(path)), "(7-8)");
}

}  // namespace
}  // namespace fabrix::sflow
