#include "bgp/flowspec_nlri.h"

#include <gtest/gtest.h>

#include "tests/bgp/flowspec_rules.h"

namespace fabrix::bgp {
namespace {

using enum FlowSpecType;
using enum FlowSpecRelation;
using enum net::Family;

Bytes encode(const FlowSpecRule& rule) {
  ByteWriter out;
  encode_flowspec_nlri(rule, out);
  EXPECT_EQ(out.size(), flowspec_nlri_size(rule));
  return out.take();
}

std::optional<FlowSpecError> error_of(net::Family family, const Bytes& value) {
  const auto rule = decode_flowspec_rule(family, value);
  return rule ? std::nullopt : std::optional(rule.error());
}

// Both directions.
void expect_golden(const Bytes& octets, const FlowSpecRule& rule) {
  const auto decoded = decode_flowspec_routes(rule.family(), octets);
  ASSERT_TRUE(decoded) << describe(decoded.error());
  EXPECT_EQ(*decoded, std::vector{rule});
  EXPECT_EQ(encode(rule), octets);
}

TEST(FlowSpecNlriTest, Rfc8955_4_3_Example1) {
  expect_golden(bytes({0x0b, 0x01, 0x18, 0xc0, 0x00, 0x02, 0x03, 0x81, 0x06, 0x04, 0x81, 0x19}),
                flow_v4({dst("192.0.2.0/24"), numbers(kProtocol, {{.value = 6}}),
                         numbers(kPort, {{.value = 25}})}));
}

TEST(FlowSpecNlriTest, Rfc8955_4_3_Example2) {
  expect_golden(
      bytes({0x12, 0x01, 0x18, 0xc0, 0x00, 0x02, 0x02, 0x18, 0xcb, 0x00, 0x71, 0x04, 0x03, 0x89,
             0x45, 0x8b, 0x91, 0x1f, 0x90}),
      flow_v4({dst("192.0.2.0/24"), src("203.0.113.0/24"),
               numbers(kPort, {{.relation = kGreaterOrEqual, .value = 137},
                               {.join = FlowSpecJoin::kAnd, .relation = kLessOrEqual, .value = 139},
                               {.width = 2, .value = 8080}})}));
}

TEST(FlowSpecNlriTest, Rfc8955_4_3_Example3) {
  expect_golden(bytes({0x09, 0x01, 0x20, 0xc0, 0x00, 0x02, 0x01, 0x0c, 0x80, 0x05}),
                flow_v4({dst("192.0.2.1/32"),
                         bit_tests(kFragment, {{.value = kDontFragment | kFirstFragment}})}));
}

// With 0xb8 where the RFC has 0xbb: erratum 7571.
TEST(FlowSpecNlriTest, Rfc8956_3_8_Example1) {
  expect_golden(bytes({0x12, 0x01, 0x20, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x02, 0x68, 0x40, 0x12, 0x34,
                       0x56, 0x78, 0x9a, 0x03, 0x81, 0x06}),
                flow_v6({dst("2001:db8::/32"), src("::1234:5678:9a00:0/104", 64),
                         numbers(kProtocol, {{.value = 6}})}));
}

TEST(FlowSpecNlriTest, Rfc8956_3_8_Example2_AnOffsetWithinAnOctet) {
  expect_golden(bytes({0x0f, 0x01, 0x20, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x02, 0x68, 0x41, 0x24, 0x68,
                       0xac, 0xf1, 0x34}),
                flow_v6({dst("2001:db8::/32"), src("::1234:5678:9a00:0/104", 65)}));
}

TEST(FlowSpecNlriTest, Rfc8955_4_1_LengthsFrom240HaveTwoOctets) {
  for (const std::size_t tests : {std::size_t{119}, std::size_t{120}, std::size_t{2047}}) {
    SCOPED_TRACE(tests);
    const auto rule = flow_v4({numbers(kPort, FlowSpecComponent::Numbers(tests, {.value = 1}))});
    const Bytes octets = encode(rule);
    const std::size_t size = 1 + 2 * tests;
    EXPECT_EQ(octets.size(), size + (size < 240 ? 1 : 2));
    if (size >= 240) {
      EXPECT_EQ(std::to_integer<unsigned>(octets[0]), 0xf0U | size >> 8U);
      EXPECT_EQ(std::to_integer<unsigned>(octets[1]), size & 0xffU);
    }
    EXPECT_EQ(decode_flowspec_routes(kIpv4, octets), std::vector{rule});
  }
}

TEST(FlowSpecNlriTest, Rfc8955_4_1_AShortLengthMayHaveTwoOctets) {
  const auto rules = decode_flowspec_routes(kIpv4, bytes({0xf0, 3, 4, 0x81, 25}));
  ASSERT_TRUE(rules);
  EXPECT_EQ(*rules, std::vector{flow_v4({numbers(kPort, {{.value = 25}})})});
}

TEST(FlowSpecNlriTest, DecodesSeveralRules) {
  const auto rules = decode_flowspec_routes(kIpv4, bytes({3, 4, 0x81, 25, 3, 5, 0x81, 53}));
  ASSERT_TRUE(rules);
  ASSERT_EQ(rules->size(), 2U);
  EXPECT_EQ((*rules)[1], flow_v4({numbers(kDestinationPort, {{.value = 53}})}));
  EXPECT_TRUE(decode_flowspec_routes(kIpv4, {})->empty());
}

TEST(FlowSpecNlriTest, TheRuleThatMatchesEverythingIsRefused) {
  EXPECT_EQ(error_of(kIpv4, {}), FlowSpecError::kEmpty);
  const auto rules = decode_flowspec_routes(kIpv4, bytes({0}));
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error(), FlowSpecError::kEmpty);
}

TEST(FlowSpecNlriTest, Rfc8955_4_2_RefusesMalformedRules) {
  struct Case {
    const char* what;
    net::Family family;
    Bytes value;
    FlowSpecError error;
  };
  const std::vector<Case> cases{
      {"type 0", kIpv4, bytes({0, 0x81, 1}), FlowSpecError::kUnknownType},
      {"type 14", kIpv6, bytes({14, 0x81, 1}), FlowSpecError::kUnknownType},
      {"flow label in IPv4", kIpv4, bytes({13, 0x81, 1}), FlowSpecError::kUnknownType},
      {"unknown after a known", kIpv4, bytes({4, 0x81, 1, 99, 0}), FlowSpecError::kUnknownType},
      {"descending", kIpv4, bytes({5, 0x81, 1, 4, 0x81, 1}), FlowSpecError::kTypeOrder},
      {"repeated", kIpv4, bytes({4, 0x81, 1, 4, 0x81, 1}), FlowSpecError::kTypeOrder},
      {"no end of list", kIpv4, bytes({4, 0x01, 1}), FlowSpecError::kOverrun},
      {"no end of list before the next", kIpv4, bytes({4, 0x01, 1, 5, 0x81, 1}),
       FlowSpecError::kOverrun},
      {"value cut", kIpv4, bytes({4, 0x91, 1}), FlowSpecError::kOverrun},
      {"octet after the end", kIpv4, bytes({4, 0x81, 1, 0}), FlowSpecError::kUnknownType},
      {"prefix of 33", kIpv4, bytes({1, 33, 1, 2, 3, 4, 5}), FlowSpecError::kPrefix},
      {"prefix cut", kIpv4, bytes({1, 24, 1, 2}), FlowSpecError::kOverrun},
      {"prefix without offset", kIpv6, bytes({1, 0}), FlowSpecError::kOverrun},
      {"prefix of 129", kIpv6, bytes({1, 129, 120, 1, 2}), FlowSpecError::kPrefix},
      {"offset is length", kIpv6, bytes({1, 8, 8}), FlowSpecError::kPrefix},
      {"offset above length", kIpv6, bytes({1, 8, 9}), FlowSpecError::kPrefix},
      {"offset without length", kIpv6, bytes({1, 0, 1}), FlowSpecError::kPrefix},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.what);
    EXPECT_EQ(error_of(test.family, test.value), test.error);
  }
}

TEST(FlowSpecNlriTest, OneMalformedRuleSpoilsTheField) {
  EXPECT_FALSE(decode_flowspec_routes(kIpv4, bytes({3, 4, 0x81, 25, 3, 0, 0x81, 53})));
  EXPECT_FALSE(decode_flowspec_routes(kIpv4, bytes({4, 4, 0x81, 25})));
  EXPECT_FALSE(decode_flowspec_routes(kIpv4, bytes({0xf0})));
}

TEST(FlowSpecNlriTest, IgnoresReservedBits) {
  // Bit 3 of a numeric operator, bits 2 and 3 of a bitmask operator, padding of a prefix.
  EXPECT_EQ(decode_flowspec_rule(kIpv4, bytes({4, 0x89, 25})),
            flow_v4({numbers(kPort, {{.value = 25}})}));
  EXPECT_EQ(decode_flowspec_rule(kIpv4, bytes({9, 0x8d, 2})),
            flow_v4({bit_tests(kTcpFlags, {{.test = FlowSpecBitTest::kAll, .value = 2}})}));
  EXPECT_EQ(decode_flowspec_rule(kIpv4, bytes({1, 9, 10, 0xff})), flow_v4({dst("10.128.0.0/9")}));
}

TEST(FlowSpecNlriTest, EveryTruncationAndEveryOctetIsDecodedOrRefused) {
  FlowSpecMaker maker(8955);
  for (const net::Family family : {kIpv4, kIpv6}) {
    const Bytes octets = encode(maker.rule(family));
    for (std::size_t size = 1; size < octets.size(); ++size) {
      EXPECT_FALSE(decode_flowspec_routes(family, std::span(octets).first(size)));
    }
    for (std::size_t i = 0; i < octets.size(); ++i) {
      for (int value = 0; value < 256; ++value) {
        Bytes changed = octets;
        changed[i] = static_cast<std::byte>(value);
        const auto rules = decode_flowspec_routes(family, changed);
        if (!rules) continue;
        ByteWriter out;
        for (const FlowSpecRule& rule : *rules) encode_flowspec_nlri(rule, out);
        EXPECT_EQ(decode_flowspec_routes(family, out.view()), *rules);
      }
    }
  }
}

TEST(FlowSpecNlriTest, RulesSurviveTheRoundTrip) {
  constexpr unsigned kSeed = 8956;
  SCOPED_TRACE(kSeed);
  FlowSpecMaker maker(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const net::Family family = i % 2 == 0 ? kIpv4 : kIpv6;
    const FlowSpecRule rule = maker.rule(family);
    EXPECT_EQ(decode_flowspec_routes(family, encode(rule)), std::vector{rule}) << rule.to_string();
  }
}

// A peer that gets RFC 8956 §3.1 wrong: gobgpd 3.10.0 sends the whole prefix where only the bits
// behind the offset belong. What it means cannot be known, so it is refused.
TEST(FlowSpecNlriTest, RefusesThePatternThatGoBgpSendsWithAnOffset) {
  EXPECT_EQ(error_of(kIpv6, bytes({0x02, 0x68, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78,
                                   0x9a, 0x03, 0x81, 0x06})),
            FlowSpecError::kUnknownType);
}

}  // namespace
}  // namespace fabrix::bgp
