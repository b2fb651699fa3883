#include "bgp/flowspec_actions.h"

#include <bit>
#include <limits>

#include <gtest/gtest.h>

namespace fabrix::bgp {
namespace {

struct Golden {
  std::uint64_t community;
  FlowSpecAction action;
  const char* text;
};

ExtendedCommunity rate(std::uint32_t bits) {
  return {0x8006000000000000U | bits};
}

FlowSpecAction action_of(ExtendedCommunity community) {
  return decode_flowspec_action(community).value().value();
}

TEST(FlowSpecActionsTest, Rfc8955_7_EveryActionHasItsCommunity) {
  using enum RedirectToTarget::Kind;
  const std::vector<Golden> cases{
      {0x8006000000000000, TrafficRate{}, "discard"},
      {0x8006fbf447f42400, TrafficRate{.asn = 64500, .limit = 125000}, "at most 125000 bytes/s"},
      {0x800c000042c80000, TrafficRate{.unit = TrafficRate::Unit::kPackets, .limit = 100},
       "at most 100 packets/s"},
      {0x8007000000000001, TrafficAction{.evaluate_next = true}, "evaluate next"},
      {0x8007000000000002, TrafficAction{.sample = true}, "sample"},
      {0x8007000000000003, TrafficAction{.sample = true, .evaluate_next = true},
       "sample, evaluate next"},
      {0x8007000000000000, TrafficAction{}, "evaluate no further"},
      {0x8008fbf400000007, RedirectToTarget{kAs2, 64500, 7}, "redirect to 64500:7"},
      {0x8108c000020100ff, RedirectToTarget{kIpv4, 0xc0000201, 255}, "redirect to 192.0.2.1:255"},
      {0x8208fa56ea010009, RedirectToTarget{kAs4, 4200000001, 9}, "redirect to 4200000001:9"},
      {0x800900000000002e, TrafficMarking{.dscp = 46}, "mark with DSCP 46"},
  };
  for (const Golden& test : cases) {
    SCOPED_TRACE(test.text);
    const auto decoded = decode_flowspec_action({test.community});
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, test.action);
    EXPECT_EQ(encode_flowspec_action(test.action).value, test.community);
    EXPECT_EQ(to_string(test.action), test.text);
  }
}

TEST(FlowSpecActionsTest, Rfc8955_7_1_ANegativeRateDiscards) {
  for (const float limit : {-100.0F, -0.0F, -std::numeric_limits<float>::infinity()}) {
    SCOPED_TRACE(limit);
    EXPECT_EQ(action_of(rate(std::bit_cast<std::uint32_t>(limit))), FlowSpecAction(TrafficRate{}));
  }
}

TEST(FlowSpecActionsTest, Rfc8955_10_ARateThatIsNoNumberIsMalformed) {
  EXPECT_FALSE(decode_flowspec_action(rate(0x7fc00000)));  // NaN
  EXPECT_FALSE(decode_flowspec_action(rate(0xffc00000)));  // NaN, sign set
  EXPECT_FALSE(decode_flowspec_action(rate(0x7f800000)));  // infinity
  EXPECT_FALSE(describe(FlowSpecActionError::kRateNotFinite).empty());
}

TEST(FlowSpecActionsTest, IgnoresReservedBits) {
  EXPECT_EQ(action_of({0x8007fffffffffffd}), FlowSpecAction(TrafficAction{.evaluate_next = true}));
  EXPECT_EQ(action_of({0x8009ffffffffffea}), FlowSpecAction(TrafficMarking{.dscp = 42}));
}

TEST(FlowSpecActionsTest, LeavesOtherCommunitiesAlone) {
  const std::vector<ExtendedCommunity> communities{
      {0x0002fbf400000001}, {0x8009000000000001}, {0x4300000000000000}, {0x8006000000000000}};
  const auto actions = decode_flowspec_actions(communities);
  ASSERT_TRUE(actions);
  EXPECT_EQ(*actions, (std::vector<FlowSpecAction>{TrafficMarking{.dscp = 1}, TrafficRate{}}));
  EXPECT_FALSE(decode_flowspec_actions(std::vector{communities[1], rate(0x7fc00000)}));
}

}  // namespace
}  // namespace fabrix::bgp
