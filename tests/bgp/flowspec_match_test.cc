#include "bgp/flowspec_match.h"

#include <gtest/gtest.h>

#include "tests/bgp/flowspec_rules.h"

namespace fabrix::bgp {
namespace {

using enum FlowSpecType;
using enum FlowSpecRelation;
using enum net::Family;
using enum FlowSpecJoin;

// RFC 8955 §4.2.1.1, straight from the text.
bool holds(const FlowSpecNumber& test, std::uint64_t data) {
  const auto bits = static_cast<unsigned>(test.relation);
  return ((bits & 4U) != 0 && data < test.value) || ((bits & 2U) != 0 && data > test.value) ||
         ((bits & 1U) != 0 && data == test.value);
}

// RFC 8955 §4.2.1.2.
bool holds(const FlowSpecBits& test, std::uint64_t data) {
  const auto bits = static_cast<unsigned>(test.test);
  const bool match =
      (bits & 1U) != 0 ? (data & test.value) == test.value : (data & test.value) != 0;
  return match != ((bits & 2U) != 0);
}

template <typename Test>
bool matches(const std::vector<Test>& tests, std::uint64_t data) {
  bool any = false;
  bool group = true;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (i != 0 && tests[i].join == kOr) {
      any |= group;
      group = true;
    }
    group &= holds(tests[i], data);
  }
  return any || group;
}

TEST(FlowSpecMatchTest, PacketLengthsBeyond65535CannotMatch) {
  const auto length = [](FlowSpecComponent::Numbers tests) {
    return impossible_component(
        flow_v4({dst("192.0.2.0/24"), numbers(kPacketLength, std::move(tests))}));
  };
  // The rule of 2013-03-03.
  EXPECT_EQ(length({{.relation = kGreaterOrEqual, .width = 4, .value = 99971},
                    {.join = kAnd, .relation = kLessOrEqual, .width = 4, .value = 99985}}),
            kPacketLength);
  EXPECT_EQ(length({{.relation = kGreater, .width = 2, .value = 65535}}), kPacketLength);
  EXPECT_EQ(length({{.relation = kLess, .width = 1, .value = 0}}), kPacketLength);
  EXPECT_EQ(length({{.relation = kGreater, .width = 8, .value = ~std::uint64_t{0}}}),
            kPacketLength);
  EXPECT_EQ(length({{.relation = kNever}}), kPacketLength);
  EXPECT_EQ(length({{.width = 4, .value = 70000}, {.width = 2, .value = 65535}}), std::nullopt);
}

TEST(FlowSpecMatchTest, NoFieldHoldsMoreThanItsBits) {
  // RFC 8955 §4.2.2, RFC 8956 §3.7: the sizes of the fields.
  const struct {
    FlowSpecType type;
    std::uint64_t largest;
  } rows[] = {{kProtocol, 0xff},       {kPort, 0xffff},      {kDestinationPort, 0xffff},
              {kSourcePort, 0xffff},   {kIcmpType, 0xff},    {kIcmpCode, 0xff},
              {kPacketLength, 0xffff}, {kFlowLabel, 0xfffff}};
  for (const auto& [type, largest] : rows) {
    SCOPED_TRACE(static_cast<int>(type));
    EXPECT_EQ(impossible_component(flow_v6({numbers(type, {{.width = 4, .value = largest}})})),
              std::nullopt);
    EXPECT_EQ(impossible_component(flow_v6({numbers(type, {{.width = 4, .value = largest + 1}})})),
              type);
  }
}

TEST(FlowSpecMatchTest, ComponentsCanExcludeEachOther) {
  const auto icmp = numbers(kIcmpType, {{.value = 8}});
  const auto port = numbers(kPort, {{.value = 53}});
  const auto flags = bit_tests(kTcpFlags, {{.value = 2}});
  const auto proto = [](std::uint64_t value) { return numbers(kProtocol, {{.value = value}}); };
  EXPECT_EQ(impossible_component(flow_v4({port, icmp})), kIcmpType);
  EXPECT_EQ(impossible_component(flow_v4({proto(17), flags})), kTcpFlags);
  EXPECT_EQ(impossible_component(flow_v4({proto(1), port})), kPort);
  for (const FlowSpecType type : {kDestinationPort, kSourcePort}) {
    EXPECT_EQ(impossible_component(flow_v4({proto(1), numbers(type, {{.value = 53}})})), type);
  }
  const auto code = numbers(kIcmpCode, {{.value = 0}});
  EXPECT_EQ(impossible_component(flow_v4({proto(6), code})), kIcmpCode);
  EXPECT_EQ(impossible_component(flow_v6({proto(1), icmp})), kIcmpType);
  EXPECT_EQ(impossible_component(flow_v6({proto(58), icmp})), std::nullopt);
  EXPECT_EQ(impossible_component(flow_v4({proto(1), icmp})), std::nullopt);
  EXPECT_EQ(impossible_component(flow_v4({proto(6), port, flags})), std::nullopt);
  EXPECT_EQ(impossible_component(flow_v4({proto(47)})), std::nullopt);
}

TEST(FlowSpecMatchTest, Ipv6KnowsNoDontFragmentBit) {
  const auto df = bit_tests(kFragment, {{.value = kDontFragment}});
  EXPECT_EQ(impossible_component(flow_v4({df})), std::nullopt);
  EXPECT_EQ(impossible_component(flow_v6({df})), kFragment);
}

TEST(FlowSpecMatchTest, ExactlyTheRulesThatMatchNothingAreImpossible) {
  constexpr unsigned kSeed = 2013;
  SCOPED_TRACE(kSeed);
  FlowSpecMaker maker(kSeed);
  int impossible = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto number = maker.component(kDscp, kIpv4);
    bool can = false;
    for (std::uint64_t data = 0; data < 64; ++data) {
      can |= matches(std::get<FlowSpecComponent::Numbers>(number.value), data);
    }
    const auto rule = flow_v4({number});
    EXPECT_EQ(!impossible_component(rule), can) << rule.to_string();
    if (!can) ++impossible;
  }
  EXPECT_GT(impossible, 100);
}

TEST(FlowSpecMatchTest, ExactlyTheFlagsThatNoPacketHasAreImpossible) {
  constexpr unsigned kSeed = 2014;
  SCOPED_TRACE(kSeed);
  FlowSpecMaker maker(kSeed);
  int impossible = 0;
  for (int i = 0; i < 300; ++i) {
    const auto flags = maker.component(kTcpFlags, kIpv4);
    bool can = false;
    for (std::uint64_t data = 0; data < 4096; ++data) {
      can |= matches(std::get<FlowSpecComponent::Bits>(flags.value), data);
    }
    const auto rule = flow_v4({flags});
    EXPECT_EQ(!impossible_component(rule), can) << rule.to_string();
    if (!can) ++impossible;
  }
  EXPECT_GT(impossible, 10);
}

TEST(FlowSpecMatchTest, TheDataOffsetIsTreatedAsZero) {
  // Rfc8955-4.2.2.9.
  const auto flags = [](FlowSpecBitTest test) {
    return impossible_component(
        flow_v4({bit_tests(kTcpFlags, {{.test = test, .width = 2, .value = 0x5002}})}));
  };
  EXPECT_EQ(flags(FlowSpecBitTest::kAll), kTcpFlags);
  EXPECT_EQ(flags(FlowSpecBitTest::kAny), std::nullopt);
}

}  // namespace
}  // namespace fabrix::bgp
