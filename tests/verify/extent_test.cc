#include "verify/extent.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/verify/random_hosts.h"

namespace fabrix::verify {
namespace {

namespace c = compiler;
using net::Field;
using policy::Uint128;

const Key kSource6{net::kEthTypeIpv6, Field::kSrcIp6High, Field::kSrcIp6Low};

policy::Range128 host(std::uint64_t network, std::uint64_t number) {
  const Uint128 value = Uint128{network} << 64U | number;
  return {value, value};
}

TEST(ExtentTest, OfAFieldIsItsValues) {
  const auto some = c::test(Field::kSrcIp4, {{5, 9}, {20, 20}});
  const Key key{.field = Field::kSrcIp4};
  const auto extent = extent_of(*some, key);
  EXPECT_TRUE(extent.exact);
  EXPECT_EQ(extent.values, (Ranges{{5, 9}, {20, 20}}));
  EXPECT_EQ(extent_of(*c::all_of({some, c::dst_port(80)}), key).values, extent.values);
  EXPECT_FALSE(extent_of(*c::all_of({some, c::dst_port(80)}), key).exact);
  EXPECT_FALSE(extent_of(*c::any_of({some, c::dst_port(80)}), key).values);
  EXPECT_EQ(extent_of(*c::not_of(some), key).values, (Ranges{{0, 4}, {10, 19}, {21, 0xffffffff}}));
  EXPECT_FALSE(extent_of(*c::not_of(c::dst_port(80)), key).values);
}

TEST(ExtentTest, OfAnAddressIsBothHalves) {
  const auto low = c::test(Field::kSrcIp6Low, {{1, 1}});
  const auto from = c::all_of({c::test(Field::kSrcIp6High, {{7, 7}}), low});
  EXPECT_EQ(extent_of(*from, kSource6).values, Ranges{host(7, 1)});
  EXPECT_EQ(extent_of(*c::any_of({from, from}), kSource6).values, Ranges{host(7, 1)});
  EXPECT_FALSE(extent_of(*low, kSource6).values) << "of any network";
  EXPECT_EQ(extent_of(*low, kSource6, 9).values, Ranges{host(9, 1)});
  const auto of_two = c::all_of({c::test(Field::kSrcIp6High, {{7, 8}}), low});
  EXPECT_FALSE(extent_of(*of_two, kSource6).exact);
  EXPECT_EQ(extent_of(*of_two, kSource6).values,
            (Ranges{{Uint128{7} << 64U, (Uint128{9} << 64U) - 1}}));
}

TEST(ExtentTest, OfTheOtherFamilyIsNothing) {
  EXPECT_EQ(extent_of(*from_any({{1, 9}}), kSource6).values, Ranges{});
  EXPECT_TRUE(extent_of(*from_any({{1, 9}}), kSource6).exact);
  const auto all = extent_of(*c::ether_type(net::kEthTypeIpv6), kSource6);
  EXPECT_FALSE(all.values);
  EXPECT_TRUE(all.exact);
}

TEST(ExtentTest, IsWhereAConditionMayHold) {
  RandomHosts random(5);
  int exact = 0;
  for (int round = 0; round < 400; ++round) {
    const auto condition = random.condition(3);
    const Extent extent = extent_of(*condition, kSource6);
    exact += extent.exact ? 1 : 0;
    for (int i = 0; i < 40; ++i) {
      const net::Packet packet = random.packet();
      if (net::value_of(packet, Field::kEthType) != net::kEthTypeIpv6) continue;
      const bool holds = policy::holds(*condition, packet, {});
      const Uint128 value = Uint128{net::value_of(packet, Field::kSrcIp6High)} << 64U |
                            net::value_of(packet, Field::kSrcIp6Low);
      const bool is_in =
          !extent.values || std::ranges::any_of(*extent.values, [&](const auto& each) {
            return each.low <= value && value <= each.high;
          });
      EXPECT_TRUE(is_in || !holds);
      if (extent.exact) {
        EXPECT_EQ(is_in, holds);
      }
    }
  }
  EXPECT_GT(exact, 40);
}

}  // namespace
}  // namespace fabrix::verify
