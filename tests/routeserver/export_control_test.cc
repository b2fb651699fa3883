#include "routeserver/export_control.h"

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

constexpr net::Asn kRs{65000};
constexpr net::Asn kClient{200};
constexpr net::Asn kBigClient{4'200'000'001};

TEST(ExportControlTest, FollowsTheEuroIxCommunities) {
  using bgp::community;
  const struct {
    const char* what;
    std::vector<bgp::Community> standard;
    std::vector<bgp::LargeCommunity> large;
    net::Asn client;
    bool allowed;
  } cases[] = {
      {"none", {}, {}, kClient, true},
      {"0:PEER", {community(0, 200)}, {}, kClient, false},
      {"0:OTHER", {community(0, 201)}, {}, kClient, true},
      {"0:RS", {community(0, 65000)}, {}, kClient, false},
      {"0:RS RS:PEER", {community(0, 65000), community(65000, 200)}, {}, kClient, true},
      {"0:PEER RS:PEER", {community(0, 200), community(65000, 200)}, {}, kClient, false},
      {"RS:RS", {community(65000, 65000)}, {}, kClient, true},
      {"RS:0:PEER", {}, {{65000, 0, 200}}, kClient, false},
      {"RS:0:0", {}, {{65000, 0, 0}}, kClient, false},
      {"RS:0:0 RS:1:PEER", {}, {{65000, 0, 0}, {65000, 1, 200}}, kClient, true},
      {"another's RS:0:0", {}, {{65001, 0, 0}}, kClient, true},
      {"large for a 32-bit AS", {}, {{65000, 0, 4'200'000'001}}, kBigClient, false},
      {"standard cannot name a 32-bit AS", {community(0, 200)}, {}, kBigClient, true},
  };
  for (const auto& [what, standard, large, client, allowed] : cases) {
    SCOPED_TRACE(what);
    const bgp::PathAttributes attributes{.communities = standard, .large_communities = large};
    EXPECT_EQ(may_export(attributes, kRs, client), allowed);
  }
}

TEST(ExportControlTest, ScrubsWhatSpeaksToTheRouteServerAndNothingElse) {
  const bgp::PathAttributes attributes{
      .med = 7,
      .communities = {bgp::community(0, 200), bgp::community(65000, 1), bgp::community(100, 7),
                      bgp::kNoExport},
      .large_communities = {{65000, 0, 200}, {100, 1, 2}}};
  const auto scrubbed = scrub(attributes, kRs);
  EXPECT_EQ(scrubbed.communities,
            (std::vector<bgp::Community>{bgp::community(100, 7), bgp::kNoExport}));
  EXPECT_EQ(scrubbed.large_communities, (std::vector<bgp::LargeCommunity>{{100, 1, 2}}));
  EXPECT_EQ(scrubbed.med, attributes.med);
}

}  // namespace
}  // namespace fabrix::routeserver
