#include "exchange/interfaces.h"

#include <gtest/gtest.h>

#include "tests/exchange/fabric_text.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

std::vector<PortInterface> interfaces(const std::string& text) {
  const auto all = interfaces_of(loaded(text));
  EXPECT_TRUE(all);
  return all ? *all : std::vector<PortInterface>{};
}

TEST(InterfacesTest, AConfigurationThatSaysNothingHasASwitch) {
  const Exchange exchange = loaded(std::string(kGood));
  EXPECT_EQ(exchange.fabric, FabricSite{});
  EXPECT_EQ(exchange.fabric.type, FabricType::kOpenFlow);
  EXPECT_EQ(exchange.fabric.pins, "/sys/fs/bpf/fabrix");
}

TEST(InterfacesTest, EveryPortNamesItsOwnOrIsCalledAfterItsNumber) {
  const std::vector<PortInterface> own{
      {net::PortNo{4094}, "rs0"}, {net::PortNo{1}, "eth1"}, {net::PortNo{2}, "eth2"}};
  EXPECT_EQ(interfaces(with_fabric("{type: linux}", ", interface: rs0", ", interface: eth1",
                                   ", interface: eth2")),
            own);
  const std::vector<PortInterface> both{
      {net::PortNo{4094}, "swp4094"}, {net::PortNo{1}, "uplink"}, {net::PortNo{2}, "swp2"}};
  EXPECT_EQ(interfaces(with_fabric("{type: linux, interfaces: swp%d, pins: /run/x/bpf}", "",
                                   ", interface: uplink")),
            both);
}

TEST(InterfacesTest, APortMayHaveATag) {
  const std::vector<PortInterface> wanted{
      {net::PortNo{4094}, "p4094"}, {net::PortNo{1}, "p1", 100}, {net::PortNo{2}, "p2"}};
  EXPECT_EQ(interfaces(with_fabric("{type: linux, interfaces: p%d}", "", ", vlan: 100")), wanted);
  EXPECT_EQ(loaded(with_fabric("", "", ", vlan: 4094")).routers.at(0).vlan, kMaxVlan);
  for (const std::string wrong : {"0", "4095", "-1", "trunk", "[1]"}) {
    EXPECT_NE(complaints(with_fabric("", "", ", vlan: " + wrong)), "") << wrong;
  }
}

TEST(InterfacesTest, AMiddleboxPortHasAnInterfaceToo) {
  const std::string text = with_fabric("{type: linux, interfaces: p%d}") +
                           "    routers: [{name: fw, port: 7, middlebox: true, interface: fw0}]\n";
  EXPECT_EQ(interfaces(text).back(), (PortInterface{net::PortNo{7}, "fw0"}));
}

TEST(InterfacesTest, ComplainsAboutWhatIsMissingTwiceOrNoName) {
  EXPECT_EQ(complaints(with_fabric("{type: linux}")), "C0142 C0142 C0142");
  EXPECT_EQ(complaints(with_fabric("{type: openflow}", ", interface: rs0")), "");
  EXPECT_EQ(complaints(with_fabric("{type: bridge}")), "C0116");
  EXPECT_EQ(complaints(with_fabric("{kind: linux}")), "C0110");
  EXPECT_EQ(complaints(with_fabric("", "", ", interface: eth1", ", interface: eth1")), "C0143");
  EXPECT_EQ(complaints(with_fabric("{interfaces: p%d}", "", ", interface: p2")), "C0143");
  for (const auto* const bad : {"p", "p%d%d", "p%d%s", "interface-no-%d", "'a b%d'", "a/%d"}) {
    EXPECT_EQ(complaints(with_fabric(std::string("{interfaces: ") + bad + "}")), "C0144") << bad;
  }
  for (const auto* const bad : {"'a b'", "a/b", "sixteen-letters0", ".."}) {
    EXPECT_EQ(complaints(with_fabric("", "", std::string(", interface: ") + bad)), "C0144") << bad;
  }
  EXPECT_EQ(complaints(with_fabric("{pins: bpf}")), "C0145");
  EXPECT_EQ(complaints(with_fabric("{type: linux, interfaces: p%d, generation: 3}")), "C0140");
  EXPECT_NE(complaints(with_fabric("{generation: 0}")), "");
}

TEST(InterfacesTest, ASwitchIsAskedForItsMastersRoleIfThereIsAGeneration) {
  EXPECT_EQ(load(with_fabric("{}"), "exchange.yaml").value().fabric.generation, 0U);
  const auto text = with_fabric("{generation: 9223372036854775807}");
  EXPECT_EQ(load(text, "exchange.yaml").value().fabric.generation, 9223372036854775807U);
}

TEST(InterfacesTest, SaysWhereAndWhoWasFirst) {
  const std::string text = with_fabric("{type: linux, interfaces: p%d}", "", ", interface: p2");
  const auto exchange = load(text, "exchange.yaml");
  ASSERT_FALSE(exchange);
  const Diagnostic& one = exchange.error().front();
  EXPECT_EQ(one.message, "the interface 'p2' is already that of router a1 (line 16)");
  EXPECT_EQ(one.at.line, 20U);
  EXPECT_EQ(one.at.column, 77U);
}

// As when the command line chooses the Linux fabric.
TEST(InterfacesTest, WhatTheConfigurationDidNotChooseIsCheckedWhenItIsUsed) {
  Exchange exchange = loaded(with_fabric("", "", ", interface: p2"));
  exchange.fabric.type = FabricType::kLinux;
  const auto none = interfaces_of(exchange);
  ASSERT_FALSE(none);
  ASSERT_EQ(none.error().size(), 2U);
  EXPECT_EQ(none.error()[0].message, "port 4094 of the route server has no interface");
  EXPECT_EQ(none.error()[1].message, "port 2 of router b1 has no interface");
  exchange.fabric.interfaces = "p%d";
  const auto twice = interfaces_of(exchange);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().front().message,
            "the interface 'p2' of router b1 is already that of router a1");
}

TEST(InterfacesTest, WhoHasLeftHasNone) {
  Exchange exchange = loaded(with_fabric("{type: linux, interfaces: p%d}"));
  exchange.routers[0].present = false;
  EXPECT_EQ(interfaces_of(exchange).value().size(), 2U);
}

}  // namespace
}  // namespace fabrix::exchange
