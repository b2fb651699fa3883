#include "api/protocol.h"

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;

class ProtocolTest : public ::testing::Test {
 protected:
  boost::json::object ask(const std::string& request) {
    const std::string line = answer(world_.handlers(), request);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    return boost::json::parse(line).as_object();
  }
  void refuses(const std::string& request, const std::string& kind, const std::string& error) {
    SCOPED_TRACE(request);
    const auto reply = ask(request);
    EXPECT_FALSE(reply.at("ok").as_bool());
    EXPECT_EQ(reply.at("kind").as_string(), kind);
    EXPECT_THAT(std::string(reply.at("error").as_string()), HasSubstr(error));
    EXPECT_TRUE(reply.at("diagnostics").is_array());
  }

  testing::World world_;
};

TEST_F(ProtocolTest, ShowsEverythingThereIs) {
  for (const std::string what : {"status", "participants", "sessions", "neighbors", "routes",
                                 "classes", "policies", "rules", "notices"}) {
    SCOPED_TRACE(what);
    const auto reply = ask(R"({"command":"show","what":")" + what + "\"}");
    EXPECT_TRUE(reply.at("ok").as_bool());
    EXPECT_EQ(reply.at("data").is_object(), what == "status");
    EXPECT_EQ(reply.at("data").is_array(), what != "status");
  }
  EXPECT_EQ(ask(R"({"command":"show"})"), ask(R"({"command":"show","what":"status"})"));
  EXPECT_EQ(ask(R"({"command":"show","what":"routes","for":"140.0.0.0/24"})")
                .at("data")
                .as_array()
                .size(),
            2U);
}

TEST_F(ProtocolTest, ShowsOneDestinationAndOneNeighbor) {
  const auto route = ask(R"({"command":"show","what":"route","for":"140.0.0.9","to":"A"})");
  EXPECT_EQ(route.at("data").at("to").at("participant").as_string(), "A");
  const auto neighbor = ask(R"({"command":"show","what":"neighbor","name":"A"})");
  EXPECT_EQ(neighbor.at("data").at(0).at("router").as_string(), "a1");
  const auto list = ask(R"({"command":"show","what":"neighbor","name":"C","list":"filtered"})");
  EXPECT_EQ(list.at("data").at("rows").as_array().size(), 1U);
  const auto page = ask(R"({"command":"show","what":"routes","cursor":0})");
  EXPECT_EQ(page.at("data").at("rows").as_array().size(), 4U);
  refuses(R"({"command":"show","what":"route"})", "bad-request", "needs a prefix");
  refuses(R"({"command":"show","what":"neighbor"})", "bad-request", "needs a name");
  refuses(R"({"command":"show","what":"route","for":"8.8.8.8"})", "not-found", "no route covers");
}

TEST_F(ProtocolTest, BeginsAStreamWhereThereIsSomethingToMonitor) {
  refuses(R"({"command":"monitor"})", "bad-request", "nothing to monitor");
  MonitorHub hub(world_.controller);
  auto handlers = world_.handlers();
  handlers.monitors = &hub;
  const auto reply = reply_to(handlers, R"({"command":"monitor","topic":"routes"})");
  EXPECT_EQ(reply.line, "{\"ok\":true,\"data\":{\"stream\":\"events\"}}\n");
  ASSERT_TRUE(reply.stream);
  EXPECT_EQ(reply.stream->topic, MonitorTopic::kRoutes);
  const auto bad = reply_to(handlers, R"({"command":"monitor","topic":"rotes"})");
  EXPECT_FALSE(bad.stream);
  EXPECT_THAT(bad.line, HasSubstr("write routes, sessions or all"));
}

TEST_F(ProtocolTest, RefusesWhatItHasNot) {
  refuses(R"({"command":"session","action":"reset","all":true})", "bad-request", "no sessions");
  refuses(R"({"command":"show","what":"bad"})", "bad-request", "not kept");
}

TEST_F(ProtocolTest, TracesPackets) {
  const auto reply =
      ask(R"({"command":"trace","router":"a1","packet":"tcp 1.1.1.1 -> 140.0.0.1:80"})");
  EXPECT_EQ(reply.at("data").at("verdict").as_string(), "delivered to b1");
}

TEST_F(ProtocolTest, SetsAndRemovesPolicies) {
  const auto set = ask(
      R"x({"command":"set-policy","participant":"A","text":"outbound = match(dstport=443) >> fwd(C)"})x");
  EXPECT_EQ(boost::json::serialize(set), R"({"ok":true,"data":[]})");
  world_.settle();
  const std::string trace =
      R"({"command":"trace","router":"a1","packet":"tcp 1.1.1.1 -> 140.0.0.1:443"})";
  EXPECT_EQ(ask(trace).at("data").at("delivered").as_string(), "c1");
  EXPECT_TRUE(ask(R"({"command":"remove-policy","participant":"A"})").at("ok").as_bool());
  world_.settle();
  EXPECT_EQ(ask(trace).at("data").at("delivered").as_string(), "b1");
}

TEST_F(ProtocolTest, SaysOfAPolicyThatItsTargetAnnouncesNothing) {
  world_.controller.session_down(*world_.controller.route_server().find_peer(
      world_.exchange.find_router("b1")->addresses.front()));
  world_.settle();
  const auto set = ask(
      R"x({"command":"set-policy","participant":"A","text":"outbound = match(dstport=80) >> fwd(B)"})x");
  EXPECT_TRUE(set.at("ok").as_bool());
  ASSERT_EQ(set.at("data").as_array().size(), 1U);
  EXPECT_EQ(set.at("data").at(0).at("code").as_string(), "P0317");
  EXPECT_EQ(set.at("data").at(0).at("severity").as_string(), "note");
}

TEST_F(ProtocolTest, RefusesABadPolicyWithItsDiagnosticsAndKeepsTheOneBefore) {
  const auto reply = ask(
      R"x({"command":"set-policy","participant":"A","file":"x.policy","text":"outbound = match(dstprt=1) >> fwd(C)"})x");
  EXPECT_FALSE(reply.at("ok").as_bool());
  EXPECT_EQ(reply.at("kind").as_string(), "refused");
  const auto& first = reply.at("diagnostics").at(0);
  EXPECT_EQ(first.at("code").as_string(), "P0201");
  EXPECT_EQ(first.at("file").as_string(), "x.policy");
  EXPECT_EQ(first.at("column").to_number<int>(), 18);
  EXPECT_EQ(*world_.controller.policy_text(world_.exchange.find_participant("A")->id),
            testing::kPolicyText);
}

TEST_F(ProtocolTest, RefusesWhatIsNoRequest) {
  for (const std::string request : {"", "x", "[]", "7", "null", "\"show\"", "{", "{}{}",
                                    R"({"command":"show")", "{\"command\":\"\xff\"}"}) {
    refuses(request, "bad-request", "the request is not a JSON object");
  }
  refuses(std::string(5000, '[') + std::string(5000, ']'), "bad-request", "not a JSON object");
}

TEST_F(ProtocolTest, RefusesWhatItDoesNotKnow) {
  refuses("{}", "bad-request", "unknown command ''");
  refuses(R"({"command":7})", "bad-request", "unknown command ''");
  refuses(R"({"command":"frob"})", "bad-request", "unknown command 'frob'");
  refuses(R"({"command":"show","what":"x"})", "not-found", "nothing is called 'x' to show");
  refuses(R"({"command":"show","what":"routes","for":"x"})", "bad-request", "neither a prefix");
  refuses(R"({"command":"trace"})", "bad-request", "trace needs a router and a packet");
  refuses(R"({"command":"trace","router":"a11","packet":"x"})", "not-found", "did you mean a1?");
  refuses(R"({"command":"trace","router":"a1","packet":"x"})", "bad-request", "");
  refuses(R"({"command":"set-policy","text":"x"})", "bad-request", "names no participant");
  refuses(R"({"command":"set-policy","participant":"Z","text":"x"})", "not-found",
          "no participant is called 'Z'");
  refuses(R"({"command":"set-policy","participant":"A"})", "bad-request",
          "needs the policy's text");
  refuses(R"({"command":"remove-policy","participant":"Z"})", "not-found", "'Z'");
}

TEST_F(ProtocolTest, MakesARefusalOfItsOwn) {
  EXPECT_EQ(refusal("busy"),
            "{\"ok\":false,\"kind\":\"bad-request\",\"error\":\"busy\",\"diagnostics\":[]}\n");
}

}  // namespace
}  // namespace fabrix::api
