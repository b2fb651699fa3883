// The calls themselves, with a router at the other end of a session.
#include "analyzer/script_bgp.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "tests/speaker/far_router.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using speaker::testing::far_config;
using speaker::testing::FarRouter;
using speaker::testing::ip;

class ScriptBgpTest : public ::testing::Test {
 protected:
  ScriptBgpTest() {
    EXPECT_TRUE(
        sessions_.configure({.listen = io::IpEndpoint{ip("127.0.0.1"), 0}, .neighbors = {}}));
    sessions_.set_watch([this](const net::IpAddress& router, speaker::NeighborState state) {
      if (state != speaker::NeighborState::kEstablished) bgp_->closed(router);
      ++changes_;
    });
  }

  std::string call(std::string_view name, const std::string& arguments) {
    const auto told = bgp_->call(name, json::parse(arguments).as_array());
    if (!told) return "no such function";
    return *told ? json::serialize(**told) : "error: " + told->error().message;
  }

  // A session with 127.0.0.2 is established.
  void open() {
    EXPECT_EQ(
        call("bgpAddNeighbor", R"(["127.0.0.2","64500","10.0.0.1",{"ipv6":true,"flowspec":true}])"),
        "false");
    bgp::SessionConfig config = far_config(65001);
    config.flowspec = {.ipv4 = true};
    far_.emplace(loop_, config, *sessions_.speaker().listening(), ip("127.0.0.2"));
    ASSERT_TRUE(wait([&] { return changes_ == 1 && far_->is_established(); }));
  }

  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, speaker::testing::kPatience);
  }

  io::EventLoop loop_;
  telemetry::Engine engine_;
  RouterSessions sessions_{loop_, engine_};
  std::optional<ScriptBgp> bgp_{std::in_place, sessions_};
  std::optional<FarRouter> far_;
  int changes_ = 0;
};

TEST_F(ScriptBgpTest, HasAnIdentifierWhereTheScriptHasNone) {
  EXPECT_EQ(call("bgpAddNeighbor", R"(["127.0.0.3",64500,null])"), "false");
  EXPECT_EQ(call("bgpAddNeighbor", R"(["127.0.0.4",64500])"), "false");
  const auto view = sessions_.speaker().view(ip("127.0.0.3"));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->options.identifier, 0x00060606U);
}

constexpr const char* kRoute =
    R"(["127.0.0.2",{"prefix":"198.51.100.7","nexthop":"192.0.2.1","communities":"65535:666"}])";
constexpr const char* kFlow =
    R"(["127.0.0.2",{"match":{"destination":"10.0.0.1","protocol":"=17"},"then":{"traffic-rate":0}}])";

TEST_F(ScriptBgpTest, AnnouncesARouteAndAFlow) {
  open();
  EXPECT_EQ(call("bgpAddRoute", kRoute), "true");
  EXPECT_EQ(call("bgpAddFlow", kFlow), "true");
  ASSERT_TRUE(wait([&] { return far_->routes.size() == 1 && far_->flows.size() == 1; }));
  EXPECT_EQ(far_->routes.begin()->second.attributes.communities, std::vector{bgp::kBlackhole});
  EXPECT_EQ(far_->flows.begin()->first, "dst 10.0.0.1/32, proto =17");
  EXPECT_EQ(call("bgpRouteCount", R"(["127.0.0.2"])"), "1");
  EXPECT_EQ(call("bgpFlowCount", R"(["127.0.0.2"])"), "1");
  EXPECT_EQ(call("bgpRemoveRoute", R"(["127.0.0.2","198.51.100.7"])"), "true");
  EXPECT_EQ(call("bgpRemoveRoute", R"(["127.0.0.2","198.51.100.7"])"), "false");
  EXPECT_EQ(call("bgpRemoveFlow", kFlow), "true");
  EXPECT_TRUE(wait([&] { return far_->routes.empty() && far_->flows.empty(); }));
}

TEST_F(ScriptBgpTest, WhatItAnnouncedEndsWithTheSession) {
  open();
  EXPECT_EQ(call("bgpAddRoute", kRoute), "true");
  EXPECT_EQ(call("bgpAddFlow", kFlow), "true");
  far_->hang_up();
  ASSERT_TRUE(wait([&] { return changes_ == 2; }));
  EXPECT_EQ(call("bgpRouteCount", R"(["127.0.0.2"])"), "0");
  EXPECT_EQ(call("bgpFlowCount", R"(["127.0.0.2"])"), "0");
  EXPECT_EQ(call("bgpAddRoute", kRoute), "false");
  EXPECT_EQ(call("bgpAddFlow", kFlow), "false");
}

TEST_F(ScriptBgpTest, WhatItAnnouncedEndsWithItsProcess) {
  open();
  EXPECT_EQ(call("bgpAddRoute", kRoute), "true");
  EXPECT_EQ(call("bgpAddFlow", kFlow), "true");
  ASSERT_TRUE(wait([&] { return far_->routes.size() == 1 && far_->flows.size() == 1; }));
  EXPECT_TRUE(bgp_->watches(ip("127.0.0.2")));
  bgp_.reset();
  EXPECT_TRUE(wait([&] { return far_->routes.empty() && far_->flows.empty(); }));
  EXPECT_TRUE(far_->is_established());
}

TEST_F(ScriptBgpTest, TwoScriptsMayShareARouter) {
  open();
  ScriptBgp other(sessions_);
  const auto again = other.call(
      "bgpAddNeighbor",
      json::parse(R"(["127.0.0.2",64500,"10.0.0.1",{"ipv6":true,"flowspec":true}])").as_array());
  ASSERT_TRUE(again && *again);
  EXPECT_EQ(**again, json::value(true));  // there is a session
  EXPECT_EQ(call("bgpRemoveNeighbor", R"(["127.0.0.2"])"), "true");
  EXPECT_EQ(call("bgpRemoveNeighbor", R"(["127.0.0.2"])"), "false");
  EXPECT_FALSE(bgp_->watches(ip("127.0.0.2")));
}

TEST_F(ScriptBgpTest, RefusesWhatIsWrong) {
  EXPECT_EQ(call("bgpNothing", "[]"), "no such function");
  for (const auto* wrong :
       {"[]", R"(["router",64500,"10.0.0.1"])", R"(["127.0.0.2",0,"10.0.0.1"])",
        R"(["127.0.0.2","x","10.0.0.1"])", R"(["127.0.0.2",64500,"2001:db8::1"])",
        R"(["127.0.0.2",64500,7])", R"(["127.0.0.2",64500,"0.0.0.0"])",
        R"(["127.0.0.2",64500,"10.0.0.1",{"ipv6":"maybe"}])",
        R"(["127.0.0.2",64500,"10.0.0.1",{"port":65536}])"}) {
    EXPECT_TRUE(call("bgpAddNeighbor", wrong).starts_with("error: ")) << wrong;
  }
  for (const auto* name : {"bgpRemoveNeighbor", "bgpAddRoute", "bgpRemoveRoute", "bgpRouteCount",
                           "bgpAddFlow", "bgpRemoveFlow", "bgpFlowCount"}) {
    EXPECT_TRUE(call(name, "[]").starts_with("error: ")) << name;
  }
  EXPECT_TRUE(call("bgpAddRoute", R"(["127.0.0.2",{}])").starts_with("error: "));
  EXPECT_TRUE(call("bgpAddFlow", R"(["127.0.0.2",{"match":{}}])").starts_with("error: "));
}

}  // namespace
}  // namespace fabrix::analyzer
