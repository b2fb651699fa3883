#include "api/counter_query.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;

class CounterQueryTest : public ::testing::Test {
 protected:
  void set_policy(const char* text) {
    ASSERT_TRUE(
        world_.controller.set_policy(world_.exchange.find_participant("A")->id, text, "A.policy"));
    world_.settle();
    world_.controller.read_queries();
  }

  // A frame from A's router to B's.
  void send(const char* text) {
    net::Packet packet = net::parse_packet(text).value();
    packet.in_port = world_.exchange.find_router("a1")->port;
    packet.src_mac = world_.exchange.find_router("a1")->mac;
    packet.dst_mac = world_.exchange.find_router("b1")->mac;
    world_.fabric.send(packet);
    world_.controller.read_queries();
  }

  boost::json::value counters() { return *show_counters(world_.sources(), {}); }

  testing::World world_;
};

TEST_F(CounterQueryTest, TellsWhatQueriesHaveCounted) {
  EXPECT_EQ(boost::json::serialize(counters()), "[]");
  set_policy(
      "outbound = (match(dstport=80) >> fwd(B)) + (match(dstport=80) >> count_packets(1s) as web)");
  send("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  send("tcp 100.0.0.1:40000 -> 140.0.0.1:443");
  const auto all = counters().as_array();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("participant").as_string(), "A");
  EXPECT_EQ(all[0].at("direction").as_string(), "outbound");
  EXPECT_EQ(all[0].at("query").as_string(), "web");
  EXPECT_EQ(all[0].at("packets").to_number<int>(), 1);
  EXPECT_GT(all[0].at("octets").to_number<int>(), 0);
  EXPECT_EQ(all[0].at("interval").to_number<double>(), 1.0);
  EXPECT_TRUE(all[0].as_object().contains("changed"));
}

TEST_F(CounterQueryTest, CountersGoOnOverAPolicyChangeThatKeepsTheQuery) {
  set_policy("outbound = match(dstport=80) >> count_packets(1s) as web");
  send("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  set_policy(
      "outbound = (match(dstport=443) >> fwd(C))\n"
      "         + (match(dstport=80) >> count_packets(1s) as web)\n"
      "         + (count_bytes(1s) as all)");
  send("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  const auto all = counters().as_array();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("query").as_string(), "all");
  EXPECT_EQ(all[0].at("packets").to_number<int>(), 1);
  EXPECT_EQ(all[1].at("query").as_string(), "web");
  EXPECT_EQ(all[1].at("packets").to_number<int>(), 2);
  set_policy("outbound = match(dstport=443) >> fwd(C)");
  EXPECT_TRUE(counters().as_array().empty());
}

TEST_F(CounterQueryTest, OfOneParticipant) {
  set_policy("outbound = count_packets(1s) as all");
  EXPECT_EQ(show_counters(world_.sources(), "A")->as_array().size(), 1U);
  EXPECT_TRUE(show_counters(world_.sources(), "B")->as_array().empty());
  const auto refused = show_counters(world_.sources(), "Z");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, RefusalKind::kNotFound);
}

TEST_F(CounterQueryTest, RulesAndTracesSayWhoCounts) {
  set_policy("outbound = match(dstport=80) >> count_packets(1s) as web");
  EXPECT_THAT(boost::json::serialize(show_rules(world_.sources())),
              HasSubstr(R"("queries":["web"])"));
  const auto traced = trace(world_.sources(), "a1", "tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  ASSERT_TRUE(traced);
  EXPECT_THAT(std::string(traced->at("text").as_string()), HasSubstr("counted by A's web"));
}

}  // namespace
}  // namespace fabrix::api
