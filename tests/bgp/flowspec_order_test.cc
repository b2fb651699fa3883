#include "bgp/flowspec_order.h"

#include <gtest/gtest.h>

#include "tests/bgp/flowspec_rules.h"

namespace fabrix::bgp {
namespace {

using enum FlowSpecType;
using enum FlowSpecRelation;
using enum net::Family;

// The first before the second, and not the other way round.
void expect_before(const FlowSpecRule& a, const FlowSpecRule& b) {
  SCOPED_TRACE(a.to_string() + " / " + b.to_string());
  EXPECT_TRUE(compare_precedence(a, b) < 0);
  EXPECT_TRUE(compare_precedence(b, a) > 0);
}

FlowSpecComponent port(FlowSpecComponent::Numbers tests) {
  return numbers(kPort, std::move(tests));
}

TEST(FlowSpecOrderTest, Rfc8955_5_1_TheLowerTypeIsFirst) {
  expect_before(flow_v4({dst("0.0.0.0/0")}), flow_v4({src("192.0.2.1/32")}));
  expect_before(flow_v4({port({{.value = 9}})}), flow_v4({numbers(kDestinationPort, {{.value = 1}}),
                                                          numbers(kDscp, {{.value = 1}})}));
}

TEST(FlowSpecOrderTest, Rfc8955_5_1_MoreComponentsAreFirst) {
  expect_before(flow_v4({dst("192.0.2.0/24"), port({{.value = 1}})}),
                flow_v4({dst("192.0.2.0/24")}));
}

TEST(FlowSpecOrderTest, Rfc8955_5_1_TheLongerOfOverlappingPrefixesIsFirst) {
  expect_before(flow_v4({dst("10.255.0.0/16")}), flow_v4({dst("10.0.0.0/8")}));
  expect_before(flow_v4({dst("9.0.0.0/8")}), flow_v4({dst("10.0.0.0/16")}));
  expect_before(flow_v4({src("10.255.0.0/16")}), flow_v4({src("10.0.0.0/8")}));
}

TEST(FlowSpecOrderTest, Rfc8955_5_1_OtherValuesAreComparedByTheirOctets) {
  expect_before(flow_v4({port({{.value = 25}})}), flow_v4({port({{.value = 26}})}));
  // The operator octet is part of it: 0x81 before 0x91, whatever the value.
  expect_before(flow_v4({port({{.value = 255}})}), flow_v4({port({{.width = 2, .value = 1}})}));
  // End of list is part of it, too.
  expect_before(flow_v4({port({{.value = 9}, {.value = 9}})}), flow_v4({port({{.value = 1}})}));
}

TEST(FlowSpecOrderTest, Rfc8956_4_TheLowerOffsetIsFirst) {
  expect_before(flow_v6({dst("2000::/8", 3)}), flow_v6({dst("0:1::/32", 4)}));
  expect_before(flow_v6({dst("0201::/16", 4)}), flow_v6({dst("0200::/8", 4)}));
  expect_before(flow_v6({dst("0200::/8", 4)}), flow_v6({dst("0301::/16", 4)}));
}

TEST(FlowSpecOrderTest, IsATotalOrderWhereEqualMeansEqual) {
  constexpr unsigned kSeed = 51;
  SCOPED_TRACE(kSeed);
  FlowSpecMaker maker(kSeed);
  for (int i = 0; i < 4000; ++i) {
    const net::Family family = i % 2 == 0 ? kIpv4 : kIpv6;
    const auto a = maker.rule(family);
    const auto b = maker.rule(family);
    const auto c = maker.rule(family);
    EXPECT_EQ(compare_precedence(a, b) == 0, a == b);
    EXPECT_EQ(compare_precedence(a, b) < 0, compare_precedence(b, a) > 0);
    EXPECT_EQ(compare_precedence(a, a), std::strong_ordering::equal);
    const bool chain = compare_precedence(a, b) < 0 && compare_precedence(b, c) < 0;
    if (chain) {
      EXPECT_TRUE(compare_precedence(a, c) < 0);
    }
  }
}

}  // namespace
}  // namespace fabrix::bgp
