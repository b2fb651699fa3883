#include "python/simulated_exchange.h"

#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "python/checked_policy.h"
#include "tests/python/python_world.h"

namespace fabrix::python {
namespace {

constexpr const char* kWeb = "tcp 100.0.0.1:40000 -> 140.0.0.1:80";

class SimulatedExchangeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* line : {"announce b1 140.0.0.0/16", "announce c1 140.0.0.0/16"}) {
      ASSERT_TRUE(simulation_.run(line));
    }
  }

  boost::json::value sent() { return *simulation_.send("a1", *make_packet(kWeb, {})); }

  SimulatedExchange simulation_{world(), "."};
};

TEST_F(SimulatedExchangeTest, TellsWhereAPacketGoesAndWhy) {
  ASSERT_TRUE(simulation_.set_policy("A", "outbound = match(dstport=80) >> fwd(C)", "A.policy"));
  const auto step = sent();
  EXPECT_EQ(step.at("delivered"), "c1");
  const auto& trace = step.at("trace");
  EXPECT_EQ(trace.at("verdict"), "delivered to c1");
  EXPECT_EQ(trace.at("steps").as_array().size(), 4U);
  EXPECT_EQ(trace.at("prefix"), "140.0.0.0/16");
  EXPECT_TRUE(trace.at("agrees").as_bool());
  EXPECT_FALSE(trace.at("tag").is_null());
}

TEST_F(SimulatedExchangeTest, KeepsTheOldPolicyWhenTheNewOneIsWrong) {
  ASSERT_TRUE(simulation_.set_policy("A", "outbound = fwd(C)", "A.policy"));
  const auto refused = simulation_.set_policy("A", "outbound = fwd(X)", "A.policy");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::kPolicy);
  EXPECT_EQ(refused.error().diagnostics.size(), 1U);
  EXPECT_EQ(refused.error().source, "outbound = fwd(X)");
  EXPECT_EQ(sent().at("delivered"), "c1");
  EXPECT_FALSE(simulation_.set_policy("X", "outbound = drop", "X.policy"));
}

TEST_F(SimulatedExchangeTest, ShowsRulesAndRoutes) {
  for (const char* what :
       {"rules", "classes", "policies", "participants", "status", "notices", "table"}) {
    EXPECT_TRUE(simulation_.show(what)) << what;
  }
  EXPECT_FALSE(simulation_.show("weather"));
  EXPECT_EQ(simulation_.show("table")->as_array().size(), 2U);
  const auto routes = simulation_.routes("A");
  ASSERT_EQ(routes->as_array().size(), 2U);
  EXPECT_TRUE(routes->as_array()[0].at("best").as_bool());
  EXPECT_EQ(routes->as_array()[0].at("told"), "172.0.0.2");
  EXPECT_FALSE(routes->as_array()[1].at("best").as_bool());
  EXPECT_FALSE(simulation_.routes("X"));
}

TEST_F(SimulatedExchangeTest, FailsOnLinesThatAreWrong) {
  const auto wrong = simulation_.run("announce x1 140.0.0.0/16");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, FailureKind::kSimulation);
}

TEST_F(SimulatedExchangeTest, SaysWhichPolicyOfTheConfigurationIsMissing) {
  const auto loaded = simulation_.load_policies();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("the policy of B is refused"), std::string::npos);
  EXPECT_NE(loaded.error().message.find("B.policy"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::python
