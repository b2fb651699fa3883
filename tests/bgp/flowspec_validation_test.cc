#include "bgp/flowspec_validation.h"

#include <gtest/gtest.h>

#include "tests/bgp/flowspec_rules.h"

namespace fabrix::bgp {
namespace {

constexpr net::ParticipantId kClient{1};
constexpr net::Asn kClientAs{64500};
constexpr FlowSpecOrigin kOrigin{.client = kClient, .first_as = kClientAs};

// Unicast routes with one answer to each question.
FlowSpecUnicast unicast(std::optional<FlowSpecBestMatch> best, bool others = false) {
  return {.best_match = [best](net::ParticipantId, const net::Prefix&) { return best; },
          .others_have_more_specific = [others](net::ParticipantId,
                                                const net::Prefix&) { return others; }};
}

FlowSpecUnicast own_route() {
  return unicast(FlowSpecBestMatch{.prefix = prefix("192.0.2.0/23"), .first_as = kClientAs});
}

const FlowSpecRule& rule() {
  static const FlowSpecRule made = flow_v4({dst("192.0.2.0/24")});
  return made;
}

TEST(FlowSpecValidationTest, AcceptsARuleForTheClientsOwnBestMatch) {
  EXPECT_EQ(validate_flowspec(rule(), kOrigin, own_route()), FlowSpecValidity::kValid);
}

TEST(FlowSpecValidationTest, AsksForTheRulesDestinationAndClient) {
  FlowSpecUnicast asked = own_route();
  asked.best_match = [](net::ParticipantId client, const net::Prefix& destination) {
    EXPECT_EQ(client, kClient);
    EXPECT_EQ(destination, prefix("192.0.2.0/24"));
    return std::optional(FlowSpecBestMatch{.prefix = destination, .first_as = kClientAs});
  };
  EXPECT_EQ(validate_flowspec(rule(), kOrigin, asked), FlowSpecValidity::kValid);
}

TEST(FlowSpecValidationTest, Rfc8955_6_a_NeedsADestination) {
  const auto anywhere = flow_v4({src("192.0.2.0/24")});
  EXPECT_EQ(validate_flowspec(anywhere, kOrigin, own_route()), FlowSpecValidity::kNoDestination);
}

TEST(FlowSpecValidationTest, Rfc8956_5_NeedsADestinationWithoutOffset) {
  const auto offset = flow_v6({dst("::1:0:0:0:0/64", 32)});
  EXPECT_EQ(validate_flowspec(offset, kOrigin, own_route()), FlowSpecValidity::kDestinationOffset);
}

TEST(FlowSpecValidationTest, Rfc8955_6_b_NeedsTheBestMatchToBeTheClients) {
  EXPECT_EQ(validate_flowspec(rule(), kOrigin, unicast(std::nullopt)),
            FlowSpecValidity::kNoUnicastRoute);
  const FlowSpecBestMatch others{.prefix = prefix("192.0.2.0/24"), .first_as = std::nullopt};
  EXPECT_EQ(validate_flowspec(rule(), kOrigin, unicast(others)),
            FlowSpecValidity::kOtherOriginator);
}

TEST(FlowSpecValidationTest, Rfc9117_4_2_NeedsTheFirstAsOfTheUnicastRoute) {
  const FlowSpecOrigin other{.client = kClient, .first_as = net::Asn{64501}};
  EXPECT_EQ(validate_flowspec(rule(), other, own_route()), FlowSpecValidity::kFirstAs);
}

TEST(FlowSpecValidationTest, Rfc9117_4_1_AnEmptyPathIsForOnesOwnAs) {
  const FlowSpecOrigin empty{.client = kClient, .first_as = std::nullopt};
  EXPECT_EQ(validate_flowspec(rule(), empty, own_route()), FlowSpecValidity::kFirstAs);
}

TEST(FlowSpecValidationTest, Rfc8955_6_c_NobodyElseMayHaveAMoreSpecific) {
  const FlowSpecBestMatch own{.prefix = prefix("192.0.2.0/24"), .first_as = kClientAs};
  EXPECT_EQ(validate_flowspec(rule(), kOrigin, unicast(own, true)),
            FlowSpecValidity::kMoreSpecific);
}

TEST(FlowSpecValidationTest, EveryVerdictHasAText) {
  for (int v = 0; v <= static_cast<int>(FlowSpecValidity::kMoreSpecific); ++v) {
    EXPECT_FALSE(describe(static_cast<FlowSpecValidity>(v)).empty());
  }
}

}  // namespace
}  // namespace fabrix::bgp
