#include "controller/trace.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

class TraceTest : public testing::Test {
 protected:
  TraceTest() {
    world_.announce("b1", "140.0.0.0/24");
    world_.announce("c1", "140.0.0.0/24", World::path({300, 9}));
    world_.set_policy("A", "outbound = match(dstport=80) >> fwd(C)");
    world_.set_policy("C", "inbound = match(srcport=666) >> drop");
  }

  Trace trace_of(std::string_view from, std::string_view packet) {
    return trace(world_.controller(), world_.find(from).id, net::parse_packet(packet).value());
  }

  World world_;
};

TEST_F(TraceTest, SaysWhichClauseDecided) {
  const Trace result = trace_of("a1", tcp_to(80));
  EXPECT_TRUE(result.agrees);
  EXPECT_EQ(result.verdict, "delivered to c1");
  EXPECT_TRUE(result.is_virtual);
  EXPECT_EQ(result.prefix, World::prefix("140.0.0.0/24"));
  EXPECT_EQ(result.out.dst_mac, world_.find("c1").mac);
  ASSERT_GE(result.steps.size(), 2U);
  EXPECT_EQ(result.steps[1].table, "outbound");
  EXPECT_NE(result.steps[1].reason.find("A's outbound clause 1 (line 1)"), std::string::npos)
      << result.steps[1].reason;
  const std::string text = to_string(result, world_.exchange());
  EXPECT_NE(text.find("fate      delivered to c1"), std::string::npos) << text;
  EXPECT_EQ(text.find("BUT"), std::string::npos) << text;
}

TEST_F(TraceTest, SaysWhoDropped) {
  const Trace result = trace_of("a1", "tcp 100.0.0.1:666 -> 140.0.0.1:80");
  EXPECT_TRUE(result.agrees);
  EXPECT_FALSE(result.delivered);
  EXPECT_NE(result.verdict.find("C's inbound clause 1"), std::string::npos) << result.verdict;
}

TEST_F(TraceTest, SaysThatThereIsNoRoute) {
  const Trace result = trace_of("a1", tcp_to(80, "9.9.9.9"));
  EXPECT_TRUE(result.agrees);
  EXPECT_EQ(result.verdict, "dropped: no route");
}

TEST_F(TraceTest, FollowsTheRealNextHopWithoutAPolicy) {
  const Trace result = trace_of("d1", tcp_to(80));
  EXPECT_TRUE(result.agrees);
  EXPECT_FALSE(result.is_virtual);
  EXPECT_EQ(result.verdict, "delivered to b1");
}

TEST_F(TraceTest, ReachesThePeeringLanDirectly) {
  const Trace neighbour = trace_of("a1", "icmp 172.0.0.1 -> 172.0.0.31");
  EXPECT_TRUE(neighbour.agrees);
  EXPECT_EQ(neighbour.verdict, "delivered to d1");
  const Trace server = trace_of("a1", "tcp 172.0.0.1:1 -> 172.0.255.254:179");
  EXPECT_TRUE(server.agrees);
  EXPECT_EQ(server.verdict, "delivered to the route server");
}

TEST_F(TraceTest, ShowsCopiesAndMeters) {
  world_.set_policy("A", "outbound = match(dstport=80) >> police(5mbps) >> multicast(B, C)");
  world_.set_policy("C", "inbound = match(dstport=80) >> mirror(C2)");
  const Trace result = trace_of("a1", tcp_to(80));
  EXPECT_TRUE(result.agrees);
  EXPECT_EQ(result.verdict, "delivered to b1");
  ASSERT_EQ(result.copies.size(), 2U);
  const std::string text = to_string(result, world_.exchange());
  EXPECT_NE(text.find("dstport=80 -> police(5mbps), multicast(B, C)"), std::string::npos) << text;
  EXPECT_NE(text.find("meter 1 (5000 kbit/s)"), std::string::npos) << text;
  EXPECT_NE(text.find("copy      to c1: tcp"), std::string::npos) << text;
  EXPECT_NE(text.find("copy      to c2: tcp"), std::string::npos) << text;
}

TEST_F(TraceTest, SaysWhatThePacketHashesTo) {
  world_.set_policy("A", "outbound = match(dstport=80) >> balance(B, C, key=srcip)");
  const Trace result = trace_of("a1", tcp_to(80));
  EXPECT_TRUE(result.agrees);
  const unsigned bucket = net::bucket_of(result.packet, net::HashKey::kSrcIp);
  EXPECT_EQ(result.verdict, bucket < 32 ? "delivered to b1" : "delivered to c1");
  const std::string text = to_string(result, world_.exchange());
  EXPECT_NE(text.find("hash      " + std::to_string(bucket) + " of 64 by srcip"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace fabrix::controller
