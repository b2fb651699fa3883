#include "net/mac_address.h"

#include <random>

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

TEST(MacAddressTest, ReadsBothSpellingsAndPrintsOne) {
  const MacAddress mac({0x08, 0x00, 0x27, 0x89, 0x3b, 0x9f});
  for (const std::string_view text :
       {"08:00:27:89:3b:9f", "08:00:27:89:3B:9F", "08-00-27-89-3b-9F"}) {
    EXPECT_EQ(MacAddress::parse(text), mac) << text;
  }
  EXPECT_EQ(mac.to_string(), "08:00:27:89:3b:9f");
}

TEST(MacAddressTest, RejectsEverythingElse) {
  for (const std::string_view text :
       {"", "08:00:27:89:3b", "08:00:27:89:3b:9g", "08:00:27:89:3b:9f:", "8:0:27:89:3b:9f",
        "080027893b9f", "08:00-27:89:3b:9f", "08.00.27.89.3b.9f", " 8:00:27:89:3b:9f"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
}

TEST(MacAddressTest, NumbersPutTheFirstOctetOnTheWireFirst) {
  const MacAddress mac({0x01, 0x02, 0x03, 0x04, 0x05, 0x06});
  EXPECT_EQ(mac.to_u64(), 0x010203040506U);
  EXPECT_EQ(MacAddress::from_u64(0xffff010203040506U), mac) << "the high 16 bits do not count";
}

TEST(MacAddressTest, NumbersAndTextRoundTrip) {
  std::mt19937_64 random(20240602);
  for (int i = 0; i < 5000; ++i) {
    const MacAddress mac = MacAddress::from_u64(random());
    EXPECT_EQ(MacAddress::from_u64(mac.to_u64()), mac);
    EXPECT_EQ(MacAddress::parse(mac.to_string()), mac);
  }
}

TEST(MacAddressTest, KnowsGroupAndLocalBits) {
  EXPECT_TRUE(MacAddress::broadcast().is_multicast());
  EXPECT_TRUE(MacAddress::broadcast().is_locally_administered());
  const MacAddress universal({0x08, 0, 0, 0, 0, 1});
  EXPECT_FALSE(universal.is_multicast());
  EXPECT_FALSE(universal.is_locally_administered());
  EXPECT_TRUE(MacAddress({0x02, 0, 0, 0, 0, 1}).is_locally_administered());
}

}  // namespace
}  // namespace fabrix::net
