#include "bgp/flowspec.h"

#include <gtest/gtest.h>

#include "tests/bgp/flowspec_rules.h"

namespace fabrix::bgp {
namespace {

using enum FlowSpecType;
using enum FlowSpecRelation;

std::optional<FlowSpecError> error_of(net::Family family,
                                      std::vector<FlowSpecComponent> components) {
  const auto rule = FlowSpecRule::create(family, std::move(components));
  return rule ? std::nullopt : std::optional(rule.error());
}

TEST(FlowSpecTest, SaysWhatItMatchesInWords) {
  const auto rule = flow_v4(
      {dst("192.0.2.0/24"), numbers(kProtocol, {{.value = 17}}),
       numbers(kDestinationPort,
               {{.value = 53},
                {.relation = kGreaterOrEqual, .width = 2, .value = 1024},
                {.join = FlowSpecJoin::kAnd, .relation = kLess, .width = 2, .value = 2048}}),
       bit_tests(kTcpFlags, {{.test = FlowSpecBitTest::kAll, .value = 0x02},
                             {.test = FlowSpecBitTest::kNotAny, .width = 2, .value = 0x114}}),
       bit_tests(kFragment, {{.value = kIsFragment | kDontFragment}})});
  EXPECT_EQ(rule.to_string(),
            "dst 192.0.2.0/24, proto =17, dstport =53|>=1024&<2048, "
            "tcpflags all(SYN)|!any(RST,ACK,0x100), fragment any(DF,IsF)");
}

TEST(FlowSpecTest, SaysFlagsThatMustHoldTogetherAndFlagsWithoutAName) {
  const auto rule = flow_v4({bit_tests(
      kTcpFlags, {{.test = FlowSpecBitTest::kAll, .value = 0x02},
                  {.join = FlowSpecJoin::kAnd, .test = FlowSpecBitTest::kNotAny, .value = 0x10},
                  {.test = FlowSpecBitTest::kAny, .width = 2, .value = 0x100}})});
  EXPECT_EQ(rule.to_string(), "tcpflags all(SYN)&!any(ACK)|any(0x100)");
}

TEST(FlowSpecTest, SaysTheOffsetOfAnIpv6Prefix) {
  const auto rule =
      flow_v6({src("::1234:5678:9a00:0/104", 64), numbers(kFlowLabel, {{.value = 7}})});
  EXPECT_EQ(rule.to_string(), "src ::1234:5678:9a00:0/104 offset 64, flowlabel =7");
}

TEST(FlowSpecTest, Rfc8955_4_2_RefusesWhatIsNoRule) {
  using enum net::Family;
  const auto port = numbers(kPort, {{.value = 1}});
  EXPECT_EQ(error_of(kIpv4, {}), FlowSpecError::kEmpty);
  EXPECT_EQ(error_of(kIpv4, {port, dst("192.0.2.0/24")}), FlowSpecError::kTypeOrder);
  EXPECT_EQ(error_of(kIpv4, {port, port}), FlowSpecError::kTypeOrder);
  EXPECT_EQ(error_of(kIpv4, {numbers(kFlowLabel, {{.value = 1}})}), FlowSpecError::kUnknownType);
  EXPECT_EQ(error_of(kIpv6, {numbers(FlowSpecType{14}, {{.value = 1}})}),
            FlowSpecError::kUnknownType);
  EXPECT_EQ(error_of(kIpv4, {dst("2001:db8::/32")}), FlowSpecError::kPrefix);
  EXPECT_EQ(error_of(kIpv4, {numbers(kPort, {})}), FlowSpecError::kValue);
  EXPECT_EQ(error_of(kIpv4, {numbers(kPort, {{.width = 1, .value = 256}})}), FlowSpecError::kValue);
  EXPECT_EQ(error_of(kIpv4, {numbers(kPort, {{.width = 3, .value = 1}})}), FlowSpecError::kValue);
  EXPECT_EQ(error_of(kIpv4, {numbers(kTcpFlags, {{.value = 1}})}), FlowSpecError::kValue);
  EXPECT_EQ(error_of(kIpv4, {bit_tests(kPort, {{.value = 1}})}), FlowSpecError::kValue);
  EXPECT_EQ(error_of(kIpv4, {bit_tests(kTcpFlags, {{.value = 0x102}})}), FlowSpecError::kValue);
  EXPECT_EQ(error_of(kIpv4, {numbers(kDestination, {{.value = 1}})}), FlowSpecError::kPrefix);
}

TEST(FlowSpecTest, Rfc8956_3_1_AnOffsetIsShorterThanItsPrefix) {
  EXPECT_EQ(error_of(net::Family::kIpv6, {dst("::/32", 32)}), FlowSpecError::kPrefix);
  EXPECT_EQ(error_of(net::Family::kIpv6, {dst("::/0", 1)}), FlowSpecError::kPrefix);
  EXPECT_EQ(error_of(net::Family::kIpv6, {dst("::/32", 31)}), std::nullopt);
  EXPECT_EQ(error_of(net::Family::kIpv4, {dst("192.0.2.0/24", 8)}), FlowSpecError::kPrefix);
}

TEST(FlowSpecTest, IsNoLongerThanAnNlri) {
  FlowSpecComponent::Numbers many(1364, {.width = 2, .value = 1});  // of 3 octets each
  const auto size_of = [&](std::size_t more) {
    auto tests = many;
    tests.resize(tests.size() + more, {.width = 1, .value = 1});
    return numbers(kPort, tests);
  };
  EXPECT_EQ(encoded_size(size_of(1)), FlowSpecRule::kMaxSize);
  EXPECT_EQ(error_of(net::Family::kIpv4, {size_of(1)}), std::nullopt);
  EXPECT_EQ(error_of(net::Family::kIpv4, {size_of(2)}), FlowSpecError::kTooLong);
}

TEST(FlowSpecTest, ForgetsWhatReceiversMustIgnore) {
  // Rfc8955-4.2.1.1: the and bit of the first test; §4.2.2.11, §4.2.2.12: reserved bits.
  EXPECT_EQ(flow_v4({numbers(kDscp, {{.join = FlowSpecJoin::kAnd, .value = 0xee}})}),
            flow_v4({numbers(kDscp, {{.value = 0x2e}})}));
  EXPECT_EQ(flow_v4({bit_tests(kFragment, {{.value = 0xf2}})}),
            flow_v4({bit_tests(kFragment, {{.value = 0x02}})}));
  // Rfc8956-3.1: bits before the offset.
  EXPECT_EQ(flow_v6({dst("2001:db8:1::/48", 32)}), flow_v6({dst("0:0:1::/48", 32)}));
}

TEST(FlowSpecTest, FindsItsComponents) {
  const auto rule = flow_v4({dst("192.0.2.0/24"), numbers(kPort, {{.value = 1}})});
  ASSERT_NE(rule.destination(), nullptr);
  EXPECT_EQ(rule.destination()->prefix, prefix("192.0.2.0/24"));
  EXPECT_NE(rule.find(kPort), nullptr);
  EXPECT_EQ(rule.find(kSource), nullptr);
  EXPECT_EQ(flow_v4({numbers(kPort, {{.value = 1}})}).destination(), nullptr);
}

TEST(FlowSpecTest, EveryErrorHasAText) {
  for (int error = 0; error <= static_cast<int>(FlowSpecError::kTooLong); ++error) {
    EXPECT_FALSE(describe(static_cast<FlowSpecError>(error)).empty());
  }
}

}  // namespace
}  // namespace fabrix::bgp
