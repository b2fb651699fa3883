#include "exchange/load.h"

#include <gtest/gtest.h>

#include "tests/exchange/mistakes.h"

namespace fabrix::exchange {
namespace {

TEST(LoadTest, ReadsEverything) {
  const auto loaded = load(kGood, "exchange.yaml");
  ASSERT_TRUE(loaded) << render(loaded.error(), kGood);
  const Exchange& exchange = *loaded;
  EXPECT_EQ(exchange.name, "walkthrough");
  EXPECT_EQ(exchange.asn, net::Asn{65000});
  EXPECT_FALSE(exchange.arp_sponge);
  EXPECT_EQ(exchange.router_id.to_string(), "172.0.255.254");
  ASSERT_EQ(exchange.peering_lan.size(), 2U);
  EXPECT_EQ(exchange.peering_lan[1].to_string(), "2001:db8::/64");
  ASSERT_EQ(exchange.virtual_next_hops.size(), 1U);
  EXPECT_EQ(exchange.route_server.addresses.front().to_string(), "172.0.255.254");
  EXPECT_EQ(exchange.route_server.tcp_port, 179);

  ASSERT_EQ(exchange.participants.size(), 3U);
  const Participant& a = exchange.participants[0];
  EXPECT_EQ(a.policy_file, "policies/A.policy");
  EXPECT_EQ(a.peers, (std::vector{net::ParticipantId{1}, net::ParticipantId{2}}));
  EXPECT_EQ(a.routers, std::vector{net::RouterId{0}});
  EXPECT_EQ(exchange.participants[1].peers, std::nullopt);
  EXPECT_TRUE(exchange.participants[2].routers.empty()) << "a remote participant";

  ASSERT_EQ(exchange.routers.size(), 2U);
  const Router& b1 = exchange.routers[1];
  EXPECT_EQ(b1.id, net::RouterId{1});
  EXPECT_EQ(b1.participant, net::ParticipantId{1});
  EXPECT_EQ(b1.mac.to_string(), "08:00:27:92:18:1f");
  EXPECT_EQ(b1.port, net::PortNo{2});
}

TEST(LoadTest, TheRouteServerHasDefaults) {
  const Exchange exchange = load(kGood, "exchange.yaml").value();
  EXPECT_EQ(exchange.route_server.port, net::PortNo{4094});
  EXPECT_EQ(exchange.route_server.mac.to_string(), "c2:00:00:00:0f:fe");
  const std::string text =
      with({"port: 179}", "mac: \"08:00:27:00:00:01\", fabric_port: 9}", "", 0, 0});
  const auto other = load(text, "exchange.yaml");
  ASSERT_TRUE(other) << render(other.error(), text);
  EXPECT_EQ(other->route_server.port, net::PortNo{9});
  EXPECT_EQ(other->route_server.mac.to_string(), "08:00:27:00:00:01");
}

TEST(LoadTest, OneValueStandsForAListOfOne) {
  const std::string text = with({"[172.0.1.0/24]", "172.0.1.0/24", "", 0, 0});
  EXPECT_EQ(load(text, "exchange.yaml").value().virtual_next_hops.size(), 1U);
}

TEST(LoadTest, TheInstancesOfFsmsAreLimited) {
  EXPECT_EQ(load(kGood, "exchange.yaml").value().fsm_instances, 4096U);
  const std::string text =
      with({"  asn: 65000\n", "  asn: 65000\n  fsm_instances: 100\n", "", 0, 0});
  EXPECT_EQ(load(text, "exchange.yaml").value().fsm_instances, 100U);
}

TEST(LoadTest, ComplainsAboutSections) {
  expect_complaints({
      {"  asn: 65000\n", "  asn: 65000\n  fsm_instances: 0\n", "C0113", 5, 18},
      {"version: 1\n", "", "C0111", 1, 1},
      {"version: 1", "version: 2", "C0115", 1, 10},
      {"version: 1", "version: one", "C0112", 1, 10},
      {"version: 1", "version: 1\nextra: 1", "C0110", 2, 1},
      {"  name: walkthrough\n", "", "C0111", 3, 3},
      {"name: walkthrough", "nmae: x\n  name: x", "C0110", 3, 3},
      {"name: walkthrough", "name: a b", "C0120", 3, 9},
      {"asn: 65000", "asn: 23456", "C0122", 4, 8},
      {"router_id: 172.0.255.254", "router_id: \"::1\"", "C0114", 5, 14},
      {"router_id: 172.0.255.254", "router_id: 0.0.0.0", "C0114", 5, 14},
      {"[172.0.0.0/16, \"2001:db8::/64\"]", "[]", "C0137", 6, 16},
      {"[172.0.1.0/24]", "[172.0.1.1/24]", "C0114", 7, 23},
      {"[172.0.1.0/24]", "{a: b}", "C0112", 7, 22},
      {"{addresses: [172.0.255.254], port: 179}", "{port: 179}", "C0111", 8, 17},
      {"[172.0.255.254]", "[]", "C0137", 8, 29},
      {"port: 179", "port: 65536", "C0113", 8, 52},
      {"port: 179", "prot: 179", "C0110", 8, 46},
      {"port: 179", "mac: \"02:00:00:00:00:01\"", "C0123", 8, 51},
      {"participants:", "version: 1\nparticipants:", "C0102", 9, 1},
  });
}

TEST(LoadTest, HintsAtTheNearestKey) {
  const std::string text = with({"peering_lan", "peering_lna", "", 0, 0});
  const auto loaded = load(text, "exchange.yaml");
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 2U) << render(loaded.error(), text);
  EXPECT_EQ(loaded.error()[0].code, "C0111");
  EXPECT_EQ(loaded.error()[1].help, "did you mean 'peering_lan'?");
}

TEST(LoadTest, ComplainsAboutEverythingAtOnceInOrder) {
  std::string text = with({"asn: 65000", "asn: 0", "", 0, 0});
  text.replace(text.find("port: 2"), 7, "port: 1");
  text.replace(text.find("172.0.0.11"), 10, "10.0.0.111");
  const auto loaded = load(text, "exchange.yaml");
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 3U) << render(loaded.error(), text);
  EXPECT_EQ(loaded.error()[0].code, "C0113");
  EXPECT_EQ(loaded.error()[1].code, "C0127");
  EXPECT_EQ(loaded.error()[2].code, "C0125");
  EXPECT_EQ(load(text, "exchange.yaml").error(), loaded.error()) << "the same each time";
}

TEST(LoadTest, RefusesOtherShapes) {
  for (const std::string_view text : {"", "[]", "x", "version: 1\nexchange: []\n"}) {
    const auto loaded = load(text, "exchange.yaml");
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().front().code, "C0112");
  }
  EXPECT_EQ(load(std::string(kMaxConfigSize + 1, '#'), "x").error().front().code, "C0105");
}

}  // namespace
}  // namespace fabrix::exchange
