#include "net/address_bits.h"

#include <random>

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

AddressBits bits(std::string_view text) {
  return AddressBits::of(IpAddress::parse(text).value());
}

TEST(AddressBitsTest, PutsTheFirstOctetFirst) {
  EXPECT_EQ(bits("192.0.2.1"), (AddressBits{.high = 0xc000020100000000, .low = 0}));
  EXPECT_EQ(bits("2001:db8::1:2"), (AddressBits{.high = 0x20010db800000000, .low = 0x10002}));
}

TEST(AddressBitsTest, AddressesRoundTrip) {
  for (const std::string_view text : {"0.0.0.0", "192.0.2.1", "::", "2001:db8:1:2:3:4:5:6"}) {
    const IpAddress address = IpAddress::parse(text).value();
    EXPECT_EQ(AddressBits::of(address).to_address(address.family()), address);
  }
}

TEST(AddressBitsTest, MasksLikeIpAddress) {
  const IpAddress ones = IpAddress::parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").value();
  for (unsigned length = 0; length <= 128; ++length) {
    EXPECT_EQ(AddressBits::of(ones).masked(length), AddressBits::of(ones.masked(length)));
  }
}

TEST(AddressBitsTest, TheCommonLengthEndsAtTheFirstDifferentBit) {
  std::mt19937_64 random(20240605);
  for (int i = 0; i < 5000; ++i) {
    const AddressBits a{.high = random(), .low = random()};
    AddressBits b = a;
    const auto where = static_cast<unsigned>(random() % 129);
    if (where < 64) b.high ^= std::uint64_t{1} << (63 - where);
    if (where >= 64 && where < 128) b.low ^= std::uint64_t{1} << (127 - where);
    EXPECT_EQ(a.common_length(b), where);
    if (where < 128) {
      EXPECT_NE(a.bit(where), b.bit(where));
    }
  }
}

}  // namespace
}  // namespace fabrix::net
