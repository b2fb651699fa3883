#include "api/route_json.h"

#include <string>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

std::string text(const boost::json::value& value) {
  return boost::json::serialize(value);
}

TEST(RouteJsonTest, CommunitiesAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(to_text(bgp::community(65000, 1)), "65000:1");
  EXPECT_EQ(to_text(bgp::LargeCommunity{4'200'000'000, 1, 2}), "4200000000:1:2");
  EXPECT_EQ(to_text(bgp::ExtendedCommunity{0x0002'fde8'0000'0001}), "rt:65000:1");
  EXPECT_EQ(to_text(bgp::ExtendedCommunity{0x0203'fa56'ea00'0007}), "ro:4200000000:7");
  EXPECT_EQ(to_text(bgp::ExtendedCommunity{0x4300'0000'0000'0001}), "0x4300000000000001");
}

TEST(RouteJsonTest, AttributesThatAreNotThereAreLeftOut) {
  boost::json::object little;
  add_attributes({}, little);
  EXPECT_EQ(text(little), R"({"as_path":"","origin":"igp"})");
  boost::json::object much;
  add_attributes({.origin = bgp::Origin::kIncomplete,
                  .med = 5,
                  .communities = {bgp::community(1, 2), bgp::kNoExport},
                  .large_communities = {{1, 2, 3}},
                  .only_to_customer = net::Asn{7}},
                 much);
  EXPECT_EQ(text(much), R"({"as_path":"","origin":"incomplete","med":5,)"
                        R"("communities":["1:2","65535:65281"],"large_communities":["1:2:3"],)"
                        R"("only_to_customer":7})");
}

TEST(RouteJsonTest, RoutesHaveOneShape) {
  const testing::World world;
  const auto prefix = *net::Prefix::parse("9.9.9.0/24");
  const auto routes = world.controller.route_server().all_routes(prefix);
  ASSERT_EQ(routes.size(), 1U);
  auto object = route_json(world.controller, prefix, routes[0]);
  object.stable_erase(object.find("age_seconds"));
  EXPECT_EQ(text(object),
            R"({"prefix":"9.9.9.0/24","participant":"C","router":"c1","address":"172.0.0.3",)"
            R"("next_hop":"172.0.0.3","as_path":"666","origin":"igp","rpki":"off",)"
            R"("state":"rejected","reason":"the first AS of the path is not the member's",)"
            R"("reason_code":"first-as"})");
}

}  // namespace
}  // namespace fabrix::api
