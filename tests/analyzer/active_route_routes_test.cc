#include "analyzer/active_route_routes.h"

#include <gtest/gtest.h>

#include "analyzer/active_routing.h"
#include "tests/analyzer/ask.h"
#include "tests/analyzer/routed.h"
#include "tests/analyzer/served.h"
#include "tests/io/world.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

class ActiveRouteRoutesTest : public io::testing::CableTest {
 protected:
  std::string ask(std::string_view target) {
    http::Request request;
    request.target = http::parse_target(target).value();
    return body_of(all_routes().answer(engine_, request, nullptr, &active_));
  }

  void begin() {
    add_router(engine_);
    ASSERT_TRUE(
        active_.configure({{.name = "edge",
                            .router = io::testing::ip("192.0.2.100"),
                            .ipv4 = 5,
                            .kernel = {.table = 4246, .network_namespace = near_->name()}}}));
    const telemetry::Time now = std::chrono::seconds(1'700'000'000);
    engine_.tick(now);
    set_route(engine_, "10.1.0.0/16", "192.0.2.2");
    set_route(engine_, "10.2.0.0/16", "192.0.2.2");
    send_to(engine_, "10.1.0.1", now);
    send_to(engine_, "10.2.0.1", now);
    send_to(engine_, "10.2.0.1", now);
    active_.tick(now);
    send_to(engine_, "10.2.0.1", now);
  }

  telemetry::Engine engine_;
  ActiveRouting active_{engine_};
};

TEST_F(ActiveRouteRoutesTest, TellWhatIsInstalledAndWhatItCarries) {
  begin();
  const auto all = json::parse(ask("/active/json")).as_array();
  ASSERT_EQ(all.size(), 1U);
  const auto& set = all[0].as_object();
  EXPECT_EQ(set.at("name"), "edge");
  EXPECT_EQ(set.at("router"), "192.0.2.100");
  EXPECT_EQ(set.at("table"), 4246);
  EXPECT_EQ(set.at("namespace").as_string(), near_->name());
  EXPECT_EQ(set.at("hasTable"), true);
  EXPECT_FALSE(set.contains("lastError"));
  const auto& counts = set.at("ipv4").as_object();
  EXPECT_EQ(counts.at("limit"), 5);
  EXPECT_EQ(counts.at("installed"), 2);
  EXPECT_EQ(counts.at("samples"), 4);
  EXPECT_EQ(counts.at("hits"), 1);
  EXPECT_EQ(counts.at("coveragePercent"), 25);
  EXPECT_EQ(counts.at("hitPercent"), 25);
  EXPECT_EQ(counts.at("added"), 2);
  EXPECT_EQ(set.at("ipv6").as_object().at("limit"), 0);
}

TEST_F(ActiveRouteRoutesTest, ListTheLargestFirst) {
  begin();
  const auto one = json::parse(ask("/active/edge/json")).as_object();
  const auto& routes = one.at("routes").as_array();
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0].at("prefix"), "10.2.0.0/16");
  EXPECT_EQ(routes[0].at("nexthop"), "192.0.2.2");
  EXPECT_EQ(routes[0].at("since"), 1'700'000'000'000);
  EXPECT_GT(routes[0].at("value").to_number<double>(), 0);
  EXPECT_EQ(routes[1].at("prefix"), "10.1.0.0/16");
  const auto first = json::parse(ask("/active/edge/json?maxRoutes=1")).as_object();
  EXPECT_EQ(first.at("routes").as_array().size(), 1U);
  EXPECT_NE(ask("/active/edge/json?maxRoutes=-1").find("whole number"), std::string::npos);
  EXPECT_NE(ask("/active/core/json").find("core"), std::string::npos);
}

TEST_F(ActiveRouteRoutesTest, ArePrometheusMetrics) {
  begin();
  const std::string text = ask("/prometheus/analyzer/txt");
  for (const auto* const line :
       {"sflow_active_routes_limit{set=\"edge\",family=\"ipv4\"} 5\n",
        "sflow_active_routes_installed{set=\"edge\",family=\"ipv4\"} 2\n",
        "sflow_active_routes_coverage_ratio{set=\"edge\",family=\"ipv4\"} 0.25\n",
        "sflow_active_routes_added_total{set=\"edge\",family=\"ipv6\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(ActiveRouteRoutes, AreServed) {
  testing::Served served;
  EXPECT_NE(served.ask("GET /active/json").find("[]"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::analyzer
