#include "openflow/wire.h"

#include <gtest/gtest.h>

namespace fabrix::openflow {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> octets) {
  std::vector<std::byte> result;
  for (const int octet : octets) result.push_back(static_cast<std::byte>(octet));
  return result;
}

TEST(WireTest, WritesNumbersInNetworkOrder) {
  WireWriter out;
  out.u8(0x01);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090a0b0c0d0e0f);
  EXPECT_EQ(out.take(), bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(out.size(), 0U);
}

TEST(WireTest, WritesNumbersOfAnyWidthAndReadsThemBack) {
  const U128 value(0x0102030405060708, 0x090a0b0c0d0e0f10);
  for (unsigned width = 0; width <= 16; ++width) {
    SCOPED_TRACE(width);
    WireWriter out;
    out.number(value, width);
    ASSERT_EQ(out.size(), width);
    ByteReader in(out.view());
    EXPECT_EQ(read_number(in, width), value & U128::ones(8 * width));
    EXPECT_TRUE(in.ok() && in.at_end());
  }
}

TEST(WireTest, PadsFromTheGivenStart) {
  WireWriter out;
  out.u8(1);
  out.pad_from(0);
  EXPECT_EQ(out.size(), 8U);
  out.pad_from(0);
  EXPECT_EQ(out.size(), 8U);
  out.pad_from(3);
  EXPECT_EQ(out.size(), 11U);
}

TEST(WireTest, FillsInALengthLater) {
  WireWriter out;
  out.u32(0);
  out.patch_u16(1, 0x1234);
  EXPECT_EQ(out.take(), bytes({0, 0x12, 0x34, 0}));
}

TEST(WireTest, ReadingPastTheEndFailsAndYieldsNothing) {
  const auto seven = bytes({1, 2, 3, 4, 5, 6, 7});
  ByteReader in(seven);
  EXPECT_EQ(read_u64(in), 0U);
  EXPECT_FALSE(in.ok());
  ByteReader number(seven);
  EXPECT_EQ(read_number(number, 8), U128());
  EXPECT_FALSE(number.ok());
}

TEST(WireTest, AddressesAreBigEndianNumbers) {
  EXPECT_EQ(to_u128(net::MacAddress({2, 0, 0, 0, 1, 3})), U128(0x020000000103));
  EXPECT_EQ(to_u128(net::IpAddress::v4({192, 0, 2, 1})), U128(0xc0000201));
  EXPECT_EQ(to_u128(net::IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9})),
            U128(0x20010db800000000, 9));
}

TEST(WireTest, OnesFillTheGivenWidth) {
  EXPECT_EQ(U128::ones(0), U128());
  EXPECT_EQ(U128::ones(13), U128(0x1fff));
  EXPECT_EQ(U128::ones(64), U128(~0ULL));
  EXPECT_EQ(U128::ones(65), U128(1, ~0ULL));
  EXPECT_EQ(U128::ones(128), U128(~0ULL, ~0ULL));
}

}  // namespace
}  // namespace fabrix::openflow
