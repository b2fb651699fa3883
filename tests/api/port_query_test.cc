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
  EXPECT_EQ(all[0].at("closed_by").as_string(), "operator");
  EXPECT_FALSE(all[0].at("in_force").as_bool()) << "before the next round";
  EXPECT_TRUE(all[0].as_object().contains("since"));
  EXPECT_TRUE(all[0].at("up").as_bool());
  EXPECT_EQ(all[0].at("dropped").to_number<int>(), 1);
  EXPECT_EQ(all[1].at("standing").as_string(), "open");
  EXPECT_FALSE(all[1].as_object().contains("since"));
  EXPECT_FALSE(all[1].as_object().contains("closed_by"));
}

TEST_F(PortQueryTest, PortsSayWhetherTheirMacLockHasClosedThem) {
  world_.settle();
  const auto& a1 = *world_.exchange.find_router("a1");
  world_.controller.lock_port(a1.id, exchange::Standing::kShutDown, "7 frames");
  const auto a = show_ports(world_.sources()).as_array().at(0);
  EXPECT_EQ(a.at("standing").as_string(), "shutdown");
  EXPECT_EQ(a.at("closed_by").as_string(), "mac-lock");
  EXPECT_EQ(a.at("reason").as_string(), "MAC lock: 7 frames");
}

TEST_F(PortQueryTest, PortsOfThisMachineSayHowTheyAreAttached) {
  world_.settle();
  Sources sources = world_.sources();
  EXPECT_FALSE(show_ports(sources).as_array().at(0).as_object().contains("attach"));
  sources.attach_of = [](net::PortNo port) -> std::optional<exchange::PortAttach> {
    using exchange::FabricAttach;
    if (port.value == 1) return exchange::PortAttach{.at = FabricAttach::kXdp, .refusal = ""};
    if (port.value == 2) return exchange::PortAttach{.at = FabricAttach::kTc, .refusal = "no room"};
    return std::nullopt;
  };
  const auto ports = show_ports(sources).as_array();
  EXPECT_EQ(ports.at(0).at("attach").as_string(), "xdp");
  EXPECT_FALSE(ports.at(0).as_object().contains("attach_refused"));
  EXPECT_EQ(ports.at(1).at("attach").as_string(), "tc");
  EXPECT_EQ(ports.at(1).at("attach_refused").as_string(), "no room");
}

TEST_F(PortQueryTest, PortsSayWhetherTheyCheckSources) {
  exchange::Exchange next = world_.exchange;
  next.routers[0].sources.mode = exchange::SourceCheck::kCount;
  next.routers[1].sources = {
      .mode = exchange::SourceCheck::kDrop, .allowed = {}, .max_prefixes = 1};
  next.routers[1].sources.allowed = {net::Prefix::parse("10.0.0.0/8").value()};
  world_.controller.reconfigure(next);
  world_.settle();
  net::Packet packet = net::parse_packet("tcp 9.0.0.1:1 -> 140.0.0.1:80").value();
  packet.in_port = next.routers[0].port;
  packet.src_mac = next.routers[0].mac;
  packet.dst_mac = next.routers[1].mac;
  world_.fabric.send(packet);
  world_.controller.read_drops();
  const auto all = show_ports(world_.sources()).as_array();
  EXPECT_EQ(all[0].at("source_check").as_string(), "count");
  EXPECT_EQ(all[0].at("dropped").to_number<int>(), 0) << "it was only counted";
  EXPECT_EQ(all[1].at("source_check").as_string(), "not applied") << "no room";
  EXPECT_EQ(show_drops(world_.sources(), "a1")->as_array()[0].at("reason").as_string(),
            "unannounced-passed");
}

}  // namespace
}  // namespace fabrix::api
