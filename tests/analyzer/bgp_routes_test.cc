#include "analyzer/bgp_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
// NOLINTNEXTLINE(misc-unused-using-decls): clang-tidy 14 does not see the use of an operator
using sflow::operator+;

const net::IpAddress kRouter = net::IpAddress::v4({192, 0, 2, 100});

// A router that has the default route and one to where samples.h's packets go; the latest sample
// was one of 1,000 packets, just now.
class BgpRoutesTest : public testing::Test {
 protected:
  BgpRoutesTest() {
    auto& routers = engine_.routers();
    routers.add_router(kRouter,
                       {.as = 64500,
                        .id = "192.0.2.100",
                        .state = "established",
                        .start = std::chrono::seconds(7)},
                       std::chrono::seconds(10));
    routers.bind(net::IpAddress::v4({192, 0, 2, 9}), kRouter);
    telemetry::Sampled sampled(sflow::ethernet(0x0800) + sflow::ipv4(17, 8) + sflow::Octets(8));
    destination_ = sampled["ipdestination"] + "/32";
    rate_ = 100.0 * sampled.sample().packet->frame_length();
    set("0.0.0.0/0", {.next_hop = net::IpAddress::v4({192, 0, 2, 1}),
                      .as_path = "65001",
                      .neighbor_as = 65001,
                      .origin_as = 65001});
    set(destination_, {.next_hop = net::IpAddress::v4({192, 0, 2, 1}),
                       .as_path = "65254-65002-64700",
                       .neighbor_as = 65254,
                       .origin_as = 64700,
                       .communities = "65002:7",
                       .origin = "IGP",
                       .local_pref = 100,
                       .med = 5});
    engine_.tick(std::chrono::seconds(10));
    routers.add(sampled.sample(), std::chrono::seconds(10));
  }

  void set(std::string_view prefix, const telemetry::RouteInfo& route) {
    engine_.routers().set_route(kRouter, net::Prefix::parse(prefix).value(),
                                std::make_shared<const telemetry::RouteInfo>(route));
  }
  json::object ask(std::string_view query) {
    return json_at(engine_, "/bgp/topprefixes/192.0.2.100/json" + std::string(query)).as_object();
  }

  telemetry::Engine engine_;
  std::string destination_;
  double rate_ = 0;
};

TEST_F(BgpRoutesTest, TellTheTopPrefixes) {
  const auto answer = ask("");
  EXPECT_EQ(answer.at("as"), 64500);
  EXPECT_EQ(answer.at("id"), "192.0.2.100");
  EXPECT_EQ(answer.at("state"), "established");
  EXPECT_EQ(answer.at("startTime"), 7000);
  EXPECT_EQ(answer.at("direction"), "egress");
  EXPECT_EQ(answer.at("nPrefixes"), 2);
  EXPECT_EQ(answer.at("learnedPrefixesAdded"), 2);
  EXPECT_EQ(answer.at("learnedPrefixesRemoved"), 0);
  EXPECT_EQ(answer.at("valueTotal").to_number<double>(), rate_);
  EXPECT_EQ(answer.at("valueTopPrefixes").to_number<double>(), rate_);
  EXPECT_EQ(answer.at("valuePercentCoverage"), 100);
  ASSERT_EQ(answer.at("topPrefixes").as_array().size(), 1U);
  json::object expected{{"prefix", destination_},   {"aspath", "65254-65002-64700"},
                        {"nexthop", "192.0.2.1"},   {"origin", "IGP"},
                        {"localpref", 100},         {"med", 5},
                        {"communities", "65002:7"}, {"parentprefix", "0.0.0.0/0"}};
  expected["value"] = static_cast<std::int64_t>(rate_);
  EXPECT_EQ(answer.at("topPrefixes").at(0), expected);
}

// The source has the default route.
TEST_F(BgpRoutesTest, ArgumentsDoWhatTheySay) {
  const auto prefixes = [&](std::string_view query) {
    std::string out;
    const json::object answer = ask(query);
    for (const auto& prefix : answer.at("topPrefixes").as_array()) {
      out += prefix.at("prefix").as_string();
      if (!prefix.as_object().contains("children")) continue;
      out += " of " + std::to_string(prefix.at("children").as_array().size());
    }
    return out;
  };
  EXPECT_EQ(prefixes("?direction=ingress"), "0.0.0.0/0");
  EXPECT_EQ(prefixes("?direction=ingress&minPrefix=1"), "");
  EXPECT_EQ(prefixes("?direction=ingress&includeCovered=true"), "0.0.0.0/0 of 1");
  EXPECT_EQ(prefixes("?direction=source"), "0.0.0.0/0");
  EXPECT_EQ(prefixes("?direction=destination"), destination_);
  EXPECT_EQ(prefixes("?pruneCovered=true"), "0.0.0.0/0");
  EXPECT_EQ(prefixes("?pruneCovered=true&includeCovered=true"), "0.0.0.0/0 of 0");
  EXPECT_EQ(prefixes("?maxPrefixes=0"), "");
  EXPECT_EQ(prefixes("?minValue=1e12"), "");
  EXPECT_EQ(ask("?minValue=1e12").at("valuePercentCoverage"), 0);
}

// What is around a prefix is told with it, as sFlow-RT's active-routes counts it: the longest one
// of those that may be asked for.
TEST_F(BgpRoutesTest, TellWhatIsAroundAPrefix) {
  const auto parent = [&](std::string_view query) {
    const json::object answer = ask(query);
    const auto& prefix = answer.at("topPrefixes").at(0).as_object();
    return prefix.contains("parentprefix") ? std::string(prefix.at("parentprefix").as_string())
                                           : "none";
  };
  EXPECT_EQ(parent("?direction=ingress"), "none");
  EXPECT_EQ(parent(""), "0.0.0.0/0");
  EXPECT_EQ(parent("?minPrefix=1"), "none");
  const auto around =
      net::Prefix::containing(net::Prefix::parse(destination_).value().address(), 16)->to_string();
  set(around, {.next_hop = net::IpAddress::v4({192, 0, 2, 2}), .as_path = "65003"});
  EXPECT_EQ(parent(""), around);
  EXPECT_EQ(parent("?minPrefix=1"), around);
  EXPECT_EQ(parent("?minPrefix=17"), "none");

  const json::object all = ask("?direction=ingress&includeCovered=true");
  const auto& children = all.at("topPrefixes").at(0).at("children").as_array();
  ASSERT_EQ(children.size(), 2U);
  EXPECT_EQ(children.at(0).at("parentprefix"), "0.0.0.0/0");
  EXPECT_EQ(children.at(1).at("parentprefix").as_string(), around);
}

TEST_F(BgpRoutesTest, RefuseWhatMeansNothing) {
  for (const std::string query :
       {"?maxPrefixes=x", "?maxPrefixes=-1", "?minValue=", "?minPrefix=nan", "?direction=out",
        "?includeCovered=1", "?pruneCovered=yes"}) {
    EXPECT_EQ(get(engine_, "/bgp/topprefixes/192.0.2.100/json" + query).status, 400U) << query;
  }
}

// As sFlow-RT answers.
TEST_F(BgpRoutesTest, OfAnUnknownRouterThereIsNothing) {
  EXPECT_EQ(json_at(engine_, "/bgp/topprefixes/192.0.2.7/json"), json::object());
  EXPECT_EQ(json_at(engine_, "/bgp/topprefixes/edge/json"), json::object());
}

TEST_F(BgpRoutesTest, Ipv6HasItsOwn) {
  const auto answer = json_at(engine_, "/bgp/topprefixes6/192.0.2.100/json").as_object();
  EXPECT_EQ(answer.at("nPrefixes"), 0);
  EXPECT_TRUE(answer.at("topPrefixes").as_array().empty());
}

}  // namespace
}  // namespace fabrix::analyzer
