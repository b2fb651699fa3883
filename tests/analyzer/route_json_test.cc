#include "analyzer/route_json.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

Result<PushedRoute> parsed(const std::string& text) {
  return parse_route(boost::json::parse(text).as_object());
}

TEST(RouteJson, ReadsARouteAsScriptsWriteIt) {
  const auto pushed = parsed(
      R"({"prefix":"198.51.100.7","nexthop":"192.0.2.1","communities":"65535:666","localpref":"100"})");
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_EQ(pushed->prefix.to_string(), "198.51.100.7/32");
  EXPECT_EQ(pushed->route.next_hop.to_string(), "192.0.2.1");
  const bgp::PathAttributes& attributes = *pushed->route.attributes;
  EXPECT_EQ(attributes.communities, std::vector{bgp::kBlackhole});
  EXPECT_EQ(attributes.local_pref, 100U);
  EXPECT_TRUE(attributes.as_path.segments.empty());
}

TEST(RouteJson, KnowsTheOldNameOfCommunities) {
  const auto pushed =
      parsed(R"({"prefix":"198.51.100.7","nexthop":"192.0.2.1","community":"65535:666"})");
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_EQ(pushed->route.attributes->communities, std::vector{bgp::kBlackhole});
}

// What topPrefixes tells can be announced again.
TEST(RouteJson, ReadsWhatTopPrefixesTells) {
  const auto pushed = parsed(
      R"j({"prefix":"2001:db8::/32","nexthop":"2001:db8::1","aspath":"65254-65002-(64700-64701)",)j"
      R"("communities":"65002:7-1:2:3","origin":"EGP","med":5,"value":123.5})");
  ASSERT_TRUE(pushed) << pushed.error().message;
  const bgp::PathAttributes& attributes = *pushed->route.attributes;
  EXPECT_EQ(attributes.as_path.to_string(), "65254 65002 {64700 64701}");
  EXPECT_EQ(attributes.communities, std::vector{bgp::community(65002, 7)});
  EXPECT_EQ(attributes.large_communities, (std::vector<bgp::LargeCommunity>{{1, 2, 3}}));
  EXPECT_EQ(attributes.origin, bgp::Origin::kEgp);
  EXPECT_EQ(attributes.med, 5U);
}

TEST(RouteJson, ALongPathHasSeveralSegments) {
  std::string path = "1";
  for (int i = 0; i < 299; ++i) path += "-1";
  const auto pushed = parsed(R"({"prefix":"::/0","nexthop":"::1","aspath":")" + path + "\"}");
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_EQ(pushed->route.attributes->as_path.length(), 300U);
  EXPECT_EQ(pushed->route.attributes->as_path.segments.size(), 2U);
}

TEST(RouteJson, RefusesWhatIsNoRoute) {
  const auto with = [](const std::string& more) {
    return R"({"prefix":"10.0.0.0/8","nexthop":"192.0.2.1")" + more + "}";
  };
  EXPECT_TRUE(parsed(with("")));
  EXPECT_EQ(parsed(with(R"(,"origin":"igp")"))->route.attributes->origin, bgp::Origin::kIgp);
  EXPECT_EQ(parsed(with(R"(,"origin":"Incomplete")"))->route.attributes->origin,
            bgp::Origin::kIncomplete);
  for (const std::string& wrong : {std::string("{}"),
                                   std::string(R"({"prefix":"10.0.0.0/8"})"),
                                   std::string(R"({"prefix":"10.0.0.1/8","nexthop":"192.0.2.1"})"),
                                   std::string(R"({"prefix":"10.0.0.0/8","nexthop":"router"})"),
                                   with(R"(,"origin":"X")"),
                                   with(R"(,"aspath":"0")"),
                                   with(R"(,"aspath":"a")"),
                                   with(R"(,"aspath":"4294967296")"),
                                   with(R"(,"med":-1)"),
                                   with(R"(,"med":4294967296)"),
                                   with(R"(,"localpref":"x")"),
                                   with(R"(,"communities":"7")"),
                                   with(R"(,"communities":"65536:7")"),
                                   with(R"(,"communities":"1:2:3:4")"),
                                   with(R"(,"communities":{})"),
                                   with(R"(,"origin":{})"),
                                   with(R"(,"aspath":{})"),
                                   std::string(R"({"prefix":{},"nexthop":"192.0.2.1"})"),
                                   std::string(R"({"prefix":"10.0.0.0/8","nexthop":{}})"),
                                   with(R"(,"communities":")" + std::string(5000, '1') + "\"")}) {
    EXPECT_FALSE(parsed(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace fabrix::analyzer
