#include "interchange/neighbors.h"

#include <gtest/gtest.h>

#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

using exchange::Dialling;
using exchange::PolicyPreset;

Result<Imported, Remarks> import(std::string_view text,
                                 PolicyPreset preset = PolicyPreset::kMinimal) {
  return import_neighbors(text, "peers.json", preset);
}

constexpr std::string_view kPeers = R"({
  "listen": "127.0.0.1", "port": 1790, "rs_as": 65000, "router_id": "10.1.1.1", "af": "ipv4",
  "neighbors": [
    {"address": "127.0.0.11", "asn": 65001, "name": "peer one", "passive": true},
    {"address": "127.0.0.12", "asn": 65001, "name": "peer one", "passive": false},
    {"address": "127.0.0.13", "asn": 4200000000}
  ]})";

TEST(NeighborsTest, EachNeighborIsAParticipantWithOneRouter) {
  const auto imported = import(kPeers, PolicyPreset::kIxp);
  const exchange::Exchange exchange = loaded(imported);
  EXPECT_EQ(exchange.asn, net::Asn{65000});
  EXPECT_EQ(exchange.router_id.to_string(), "10.1.1.1");
  EXPECT_EQ(exchange.route_server.addresses.front().to_string(), "127.0.0.1");
  EXPECT_EQ(exchange.route_server.tcp_port, 1790);
  EXPECT_EQ(exchange.route_server.preset, PolicyPreset::kIxp);
  EXPECT_EQ(exchange.peering_lan.front().to_string(), "127.0.0.0/24");
  ASSERT_EQ(exchange.participants.size(), 3U);
  EXPECT_EQ(exchange.participants[0].name, "peer-one");
  EXPECT_EQ(exchange.participants[1].name, "peer-one-2") << "names are made unique";
  EXPECT_EQ(exchange.participants[1].asn, net::Asn{65001}) << "AS numbers may repeat";
  EXPECT_EQ(exchange.participants[2].name, "AS4200000000");
  EXPECT_EQ(exchange.participants[0].session.dialling, Dialling::kPassive);
  EXPECT_EQ(exchange.participants[1].session.dialling, Dialling::kActive);
  ASSERT_EQ(exchange.routers.size(), 3U);
  EXPECT_EQ(exchange.routers[2].addresses.front().to_string(), "127.0.0.13");
  EXPECT_EQ(exchange.routers[2].name, "AS4200000000_1");
  EXPECT_TRUE(mentions(imported->remarks, "3 MAC addresses"));
}

TEST(NeighborsTest, TheSameListGivesTheSameFile) {
  EXPECT_EQ(import(kPeers)->yaml, import(kPeers)->yaml);
}

TEST(NeighborsTest, WhatIsLeftOutHasAPlaceholderAndARemark) {
  const auto imported = import(
      R"({"listen": "0.0.0.0", "rs_as": 65000, "neighbors": [{"address": "10.0.0.1", "asn": 1}]})");
  const exchange::Exchange exchange = loaded(imported);
  EXPECT_EQ(exchange.route_server.addresses.front().to_string(), "10.0.0.254");
  EXPECT_EQ(exchange.router_id.to_string(), "10.0.0.254");
  EXPECT_EQ(exchange.route_server.tcp_port, 179);
  EXPECT_TRUE(mentions(imported->remarks, "addresses are placeholders: 10.0.0.254"));
  EXPECT_NE(imported->yaml.find("# - peers.json: the route server's addresses"), std::string::npos);
}

TEST(NeighborsTest, ServesBothFamilies) {
  const exchange::Exchange exchange = loaded(import(
      R"({"listen": ["10.0.0.250", "2001:db8::250"], "rs_as": 65000, "neighbors": [
          {"address": "10.0.0.1", "asn": 1}, {"address": "2001:db8::1", "asn": 1}]})"));
  EXPECT_EQ(exchange.peering_lan.size(), 2U);
  EXPECT_EQ(exchange.route_server.addresses.size(), 2U);
  EXPECT_EQ(exchange.participants.size(), 2U);
}

TEST(NeighborsTest, AThousandNeighborsFit) {
  std::string text = R"({"listen": "127.0.0.1", "rs_as": 65000, "neighbors": [)";
  for (int i = 0; i < 1000; ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"address": "127.0.)") +
            std::to_string(1 + i / 250) + "." + std::to_string(1 + i % 250) + R"(", "asn": )" +
            std::to_string(100000 + i) + "}";
  }
  const exchange::Exchange exchange = loaded(import(text + "]}"));
  EXPECT_EQ(exchange.routers.size(), 1000U);
  EXPECT_EQ(exchange.peering_lan.front().to_string(), "127.0.0.0/21");
}

TEST(NeighborsTest, FabricPortsPassTheRouteServers) {
  std::string text = R"({"listen": "127.0.0.1", "rs_as": 65000, "neighbors": [)";
  for (int i = 0; i < 4094; ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"address": "127.)") +
            std::to_string(1 + i / 62500) + "." + std::to_string(i / 250) + "." +
            std::to_string(1 + i % 250) + R"(", "asn": 1})";
  }
  EXPECT_EQ(loaded(import(text + "]}")).routers.back().port, net::PortNo{4095});
}

TEST(NeighborsTest, SaysEverythingThatIsWrong) {
  const auto imported = import(R"({"listen": "here", "neighbors": [
      {"address": "10.0.0.1", "asn": 1}, {"address": "10.0.0.1", "asn": 2}, {"asn": 3}]})");
  ASSERT_FALSE(imported);
  EXPECT_EQ(all_of(imported.error()),
            "peers.json:listen: this is no IP address\n"
            "peers.json:rs_as: the route server needs an AS number\n"
            "peers.json:neighbors[1]: the address 10.0.0.1 is somebody else's already\n"
            "peers.json:neighbors[2]: a neighbor needs an address and an asn\n");
  EXPECT_EQ(all_of(import("[]").error()).substr(0, 17), "peers.json:rs_as:");
  EXPECT_EQ(import("{").error().size(), 1U);
}

TEST(NeighborsTest, WhatLoadWouldRefuseIsRefused) {
  const auto imported =
      import(R"({"rs_as": 23456, "neighbors": [{"address": "10.0.0.1", "asn": 65535}]})");
  ASSERT_FALSE(imported);
  EXPECT_TRUE(mentions(imported.error(), "23456"));
  EXPECT_TRUE(mentions(imported.error(), "65535"));
}

}  // namespace
}  // namespace fabrix::interchange
