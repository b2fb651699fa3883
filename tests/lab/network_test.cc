#include "lab/network.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"
#include "io/offload.h"
#include "lab/paths.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

TEST(LabNetworkTest, TheRouteServerIsANodeAsTheRoutersAre) {
  const auto nodes = nodes_of(testing::small_lab());
  ASSERT_EQ(nodes.size(), 3U);
  EXPECT_EQ(nodes[0].name, "rs");
  EXPECT_EQ(nodes[0].port, net::PortNo{4094});
  EXPECT_EQ(nodes[1].name, "a1");
  EXPECT_EQ(nodes[1].loopback[1].to_string(), "2001:db8:100::1");
  EXPECT_EQ(port_name(nodes[2].port), "p2");
  EXPECT_EQ(namespaces_of("x", nodes),
            (std::vector<std::string>{"fx-x-ix", "fx-x-rs", "fx-x-a1", "fx-x-b1"}));
}

TEST(LabNetworkTest, AMiddleboxIsANodeWithoutAddresses) {
  std::string site(testing::kExchange);
  site += "      - {name: box, middlebox: true, port: 3}\n";
  const auto exchange = exchange::load(site, "exchange.yaml");
  ASSERT_TRUE(exchange);
  const auto lab =
      load_definition("version: 1\nlab: {description: x}\nrouters: {}\n", "lab.yaml", *exchange);
  ASSERT_TRUE(lab);
  const auto nodes = nodes_of(*lab);
  ASSERT_EQ(nodes.size(), 4U);
  EXPECT_EQ(nodes.back().name, "box");
  EXPECT_EQ(nodes.back().role, NodeRole::kMiddlebox);
  EXPECT_EQ(nodes.back().port, net::PortNo{3});
  EXPECT_TRUE(nodes.back().lan.empty());
  EXPECT_NE(nodes.back().mac, net::MacAddress{});
}

// A network of small_lab(), for one fabric or the other.
class BuiltNetworkTest : public testing::LabWorld {
 protected:
  explicit BuiltNetworkTest(exchange::FabricType type) : type_(type) {}

  void SetUp() override {
    LabWorld::SetUp();
    if (!is_root()) GTEST_SKIP() << "needs root";
    ASSERT_TRUE(make_directory(name_, namespaces_of(name_, nodes_)));
    const auto built = build_network(name_, nodes_, testing::small_exchange().peering_lan, type_);
    ASSERT_TRUE(built) << built.error().message;
  }

  const std::vector<Node> nodes_ = nodes_of(testing::small_lab());

 private:
  exchange::FabricType type_;
};

class RealNetworkTest : public BuiltNetworkTest {
 protected:
  RealNetworkTest() : BuiltNetworkTest(exchange::FabricType::kOpenFlow) {}
};

TEST_F(RealNetworkTest, ARouterHasItsMacAndItsAddresses) {
  auto netlink = io::NetlinkSocket::open(namespace_name(name_, "a1")).value();
  const auto link = io::find_link(netlink, "ix0").value();
  EXPECT_EQ(link.mac.to_string(), "08:00:27:89:3b:9f");
  EXPECT_TRUE(link.up && link.carrier);
  EXPECT_EQ(io::transmit_checksum_offload("ix0", namespace_name(name_, "a1")).value(), false);
  std::vector<std::string> texts;
  const auto addresses = io::list_addresses(netlink).value();
  for (const auto& each : addresses) {
    texts.push_back(each.link + " " + each.address.to_string() + "/" + std::to_string(each.length));
  }
  for (const char* expected : {"ix0 172.0.0.1/16", "ix0 2001:db8:0:172::1/64", "lo 100.0.0.1/32",
                               "lo 2001:db8:100::1/128"}) {
    EXPECT_NE(std::ranges::find(texts, expected), texts.end()) << expected;
  }
}

TEST_F(RealNetworkTest, TheSwitchHasAPortForEachNodeAndNoAddresses) {
  auto netlink = io::NetlinkSocket::open(namespace_name(name_, "ix")).value();
  for (const char* port : {"p1", "p2", "p4094"}) {
    EXPECT_TRUE(io::find_link(netlink, port)) << port;
  }
  const auto addresses = io::list_addresses(netlink).value();
  for (const auto& each : addresses) EXPECT_EQ(each.link, "lo");
}

TEST_F(RealNetworkTest, APulledCableTakesTheCarrierAway) {
  auto netlink = io::NetlinkSocket::open(namespace_name(name_, "b1")).value();
  ASSERT_TRUE(set_cable(name_, net::PortNo{2}, PowerState::kDown));
  EXPECT_FALSE(io::find_link(netlink, "ix0")->carrier);
  EXPECT_TRUE(io::find_link(netlink, "ix0")->up) << "only the cable";
  ASSERT_TRUE(set_cable(name_, net::PortNo{2}, PowerState::kUp));
  EXPECT_TRUE(io::find_link(netlink, "ix0")->carrier);
  EXPECT_FALSE(set_cable(name_, net::PortNo{77}, PowerState::kDown));
}

TEST_F(RealNetworkTest, ASwitchThatDiesTakesTheCarrierOfItsLinksAway) {
  const exchange::Topology topology = testing::two_switches();
  ASSERT_TRUE(lay_links(name_, topology));
  auto netlink = io::NetlinkSocket::open(namespace_name(name_, "ix")).value();
  EXPECT_TRUE(io::find_link(netlink, "e1-9")->carrier);
  ASSERT_TRUE(set_switch(name_, topology, 1, PowerState::kDown));
  EXPECT_FALSE(io::find_link(netlink, "e1-9")->carrier);
  EXPECT_TRUE(io::find_link(netlink, "e1-9")->up);
  ASSERT_TRUE(set_switch(name_, topology, 1, PowerState::kUp));
  EXPECT_TRUE(io::find_link(netlink, "e1-9")->carrier);
}

class SharedNetworkTest : public BuiltNetworkTest {
 protected:
  SharedNetworkTest() : BuiltNetworkTest(exchange::FabricType::kLinux) {}
};

TEST_F(SharedNetworkTest, TheRouteServerIsWhereThePortsAre) {
  auto netlink = io::NetlinkSocket::open(namespace_name(name_, "rs")).value();
  for (const char* link : {"p1", "p2", "p4094", "ix0"}) {
    const auto found = io::find_link(netlink, link);
    ASSERT_TRUE(found) << link;
    EXPECT_TRUE(found->up && found->carrier) << link;
  }
  EXPECT_EQ(io::find_link(netlink, "ix0")->mac.to_string(), "c2:00:00:00:0f:fe");
  auto ports = io::NetlinkSocket::open(namespace_name(name_, "ix")).value();
  EXPECT_TRUE(io::find_link(ports, "ix0")) << "both names are one namespace";
  // Ports have no addresses, not even link-local ones.
  const auto addresses = io::list_addresses(netlink).value();
  for (const auto& each : addresses) EXPECT_TRUE(each.link == "lo" || each.link == "ix0");
}

TEST_F(SharedNetworkTest, OffloadsStayOn) {
  EXPECT_EQ(io::transmit_checksum_offload("ix0", namespace_name(name_, "a1")).value(), true);
}

TEST_F(RealNetworkTest, NamesThatAreTakenAreAnError) {
  EXPECT_FALSE(build_network(name_, nodes_, testing::small_exchange().peering_lan,
                             exchange::FabricType::kOpenFlow));
}

}  // namespace
}  // namespace fabrix::lab
