#include "api/port_query.h"

#include <boost/json/array.hpp>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

class PortQueryTest : public ::testing::Test {
 protected:
  // A frame from A's router to B's.
  void send(const char* text) {
    net::Packet packet = net::parse_packet(text).value();
    packet.in_port = world_.exchange.find_router("a1")->port;
    packet.src_mac = world_.exchange.find_router("a1")->mac;
    packet.dst_mac = world_.exchange.find_router("b1")->mac;
    packet.vlan_id = 7;
    world_.fabric.send(packet);
    world_.controller.read_drops();
  }

  testing::World world_;
};

TEST_F(PortQueryTest, DropsAreToldByPortAndReason) {
  world_.settle();
  EXPECT_TRUE(show_drops(world_.sources(), {})->as_array().empty());
  send("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  const auto all = show_drops(world_.sources(), {})->as_array();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("router").as_string(), "a1");
  EXPECT_EQ(all[0].at("participant").as_string(), "A");
  EXPECT_EQ(all[0].at("reason").as_string(), "tagged");
  EXPECT_EQ(all[0].at("packets").to_number<int>(), 1);
  EXPECT_TRUE(all[0].as_object().contains("changed"));
  EXPECT_EQ(show_drops(world_.sources(), "a1")->as_array().size(), 1U);
  EXPECT_EQ(show_drops(world_.sources(), "A")->as_array().size(), 1U);
  EXPECT_TRUE(show_drops(world_.sources(), "B")->as_array().empty());
  EXPECT_EQ(show_drops(world_.sources(), "Z").error().kind, RefusalKind::kNotFound);
}

TEST_F(PortQueryTest, PortsSayWhatTheyMayBeUsedForAndWhy) {
  world_.settle();
  send("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  const auto& a1 = *world_.exchange.find_router("a1");
  world_.controller.set_standing(a1.id, exchange::Standing::kQuarantined, "loops");
  const auto all = show_ports(world_.sources()).as_array();
  ASSERT_EQ(all.size(), world_.exchange.routers.size());
  EXPECT_EQ(all[0].at("router").as_string(), "a1");
  EXPECT_EQ(all[0].at("standing").as_string(), "quarantine");
  EXPECT_EQ(all[0].at("reason").as_string(), "loops");
  EXPECT_FALSE(all[0].at("in_force").as_bool()) << "before the next round";
  EXPECT_TRUE(all[0].as_object().contains("since"));
  EXPECT_TRUE(all[0].at("up").as_bool());
  EXPECT_EQ(all[0].at("dropped").to_number<int>(), 1);
  EXPECT_EQ(all[1].at("standing").as_string(), "open");
  EXPECT_FALSE(all[1].as_object().contains("since"));
}

}  // namespace
}  // namespace fabrix::api
