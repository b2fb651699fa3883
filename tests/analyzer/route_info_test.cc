#include "analyzer/route_info.h"

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

TEST(RouteInfoOf, ReadsAsFlowKeysDo) {
  bgp::PathAttributes attributes;
  attributes.as_path = {
      .segments = {{.asns = {net::Asn{65254}, net::Asn{65002}}},
                   {.kind = net::AsPathSegment::Kind::kSet, .asns = {net::Asn{1}, net::Asn{2}}},
                   {.asns = {net::Asn{64700}}}}};
  attributes.origin = bgp::Origin::kEgp;
  attributes.med = 5;
  attributes.communities = {bgp::community(65002, 7), bgp::community(65002, 8)};
  attributes.large_communities = {{.global = 65002, .local_1 = 1, .local_2 = 2}};
  const auto next_hop = net::IpAddress::v4({192, 0, 2, 1});
  const telemetry::RouteInfo expected{.next_hop = next_hop,
                                      .as_path = "65254-65002-(1-2)-64700",
                                      .neighbor_as = 65254,
                                      .origin_as = 64700,
                                      .communities = "65002:7-65002:8-65002:1:2",
                                      .origin = "EGP",
                                      .local_pref = std::nullopt,
                                      .med = 5};
  EXPECT_EQ(route_info(attributes, next_hop), expected);
}

TEST(RouteInfoOf, MayBeOfNothing) {
  const auto next_hop = net::IpAddress::unspecified(net::Family::kIpv6);
  EXPECT_EQ(route_info({}, next_hop),
            (telemetry::RouteInfo{.next_hop = next_hop, .origin = "IGP"}));
}

}  // namespace
}  // namespace fabrix::analyzer
