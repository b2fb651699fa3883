// Which fabric is chosen; what a switch or the kernel does with it: tests/controller.
#include "daemon/fabric_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using exchange::FabricType;
using ::testing::HasSubstr;

class FabricHostTest : public ::testing::Test {
 protected:
  FabricChoice at_socket(const std::string& name) const {
    return {.openflow = io::UnixEndpoint{directory_ / name}};
  }

  io::testing::TemporaryDirectory directory_;
  io::EventLoop loop_;
};

TEST_F(FabricHostTest, ASwitchIsWaitedForUnlessSomethingElseIsSaid) {
  auto host = FabricHost::start(loop_, loaded(two_members()), at_socket("of.sock"));
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ(host->fabric().status(), "openflow: no switch connected");
  EXPECT_FALSE(host->is_connected());
}

TEST_F(FabricHostTest, NamedSwitchesAreWaitedForEach) {
  std::string text = two_members();
  text.insert(text.find("  asn: 65000"),
              "  fabric: {switches: [{name: e1, datapath: 00000000000000e1, ports: [1, 4094]}, "
              "{name: e2, datapath: 00000000000000e2, ports: [2]}], links: [[e1:9, e2:9]]}\n");
  auto host = FabricHost::start(loop_, loaded(text), at_socket("of.sock"));
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ(host->fabric().status(),
            "openflow: 0 of 2 switches connected\n  e1: no switch connected\n"
            "  e2: no switch connected");
  EXPECT_FALSE(host->is_connected());
  const api::FabricParts parts = host->parts();
  ASSERT_EQ(parts.switches.size(), 2U);
  EXPECT_EQ(parts.switches[1].name, "e2");
  EXPECT_FALSE(parts.switches[1].is_up);
  ASSERT_EQ(parts.links.size(), 1U);
  EXPECT_EQ(parts.links[0].name, "e1:9-e2:9");
  EXPECT_TRUE(parts.links[0].is_up);
  EXPECT_FALSE(FabricHost::start(loop_, loaded(text), at_socket("none/of.sock")));
}

TEST_F(FabricHostTest, DatabasesAreThoseOfTheConfigurationNow) {
  std::string text = two_members();
  text.insert(
      text.find("  asn: 65000"),
      "  fabric: {switches: [{name: e1, datapath: 00000000000000e1, ports: [1, 2, 4094]}]}\n");
  const exchange::Exchange exchange = loaded(text);
  auto host = FabricHost::start(loop_, exchange, at_socket("of.sock"));
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_TRUE(host->parts().fail_secure.empty());
  const auto names = [&host](const std::string& place) {
    const auto faults = host->faults();
    return faults.size() == 1 && faults[0].find(place) != std::string::npos;
  };
  for (const std::string name : {"first.sock", "second.sock"}) {
    exchange::FabricTies ties;
    ties.ovsdb = {{.path = directory_ / name, .server = {}}};
    host->reconfigure(exchange, ties);
    ASSERT_TRUE(loop_.run_until([&] { return names(name); }, io::testing::kPatience)) << name;
  }
  EXPECT_EQ(host->parts().fail_secure.size(), 1U);
  host->reconfigure(exchange, {});
  EXPECT_TRUE(host->parts().fail_secure.empty());
  EXPECT_TRUE(host->faults().empty());
}

TEST_F(FabricHostTest, ASocketThatCannotBeHadIsNamed) {
  auto host = FabricHost::start(loop_, loaded(two_members()), at_socket("none/of.sock"));
  ASSERT_FALSE(host);
  EXPECT_THAT(host.error().message, HasSubstr("OpenFlow: "));
}

TEST_F(FabricHostTest, TheCommandLineGoesBeforeTheConfiguration) {
  exchange::Exchange exchange = loaded(two_members());
  EXPECT_TRUE(FabricChoice{}.apply_to(exchange));
  EXPECT_EQ(exchange.fabric, exchange::FabricSite{});
  exchange.routers[0].interface = "eth0";
  const FabricChoice linux_choice{.type = FabricType::kLinux,
                                  .interfaces = "p%d",
                                  .pins = "/run/x/bpf",
                                  .generation = 7,
                                  .attach = exchange::FabricAttach::kXdp,
                                  .openflow = {},
                                  .ovsdb = {{.path = "/run/db.sock", .server = {}}}};
  EXPECT_TRUE(linux_choice.apply_to(exchange));
  EXPECT_EQ(exchange.fabric.type, FabricType::kLinux);
  EXPECT_EQ(exchange.fabric.interfaces, "p%d");
  EXPECT_EQ(exchange.fabric.pins, "/run/x/bpf");
  EXPECT_EQ(exchange.fabric.generation, 7U);
  EXPECT_EQ(exchange.routers[0].interface, "");
  exchange::FabricTies ties;
  ties.own = {{"a1", exchange::FabricAttach::kTc}};
  linux_choice.apply_to(ties);
  EXPECT_EQ(ties.of("a1"), exchange::FabricAttach::kXdp);
  EXPECT_EQ(ties.ovsdb, linux_choice.ovsdb);
}

TEST_F(FabricHostTest, PortsWithoutInterfacesAreToldAllAtOnce) {
  exchange::Exchange exchange = loaded(two_members());
  const auto applied = FabricChoice{.type = FabricType::kLinux, .openflow = {}}.apply_to(exchange);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().size(), 3U);
  const auto checked =
      FabricChoice{.type = FabricType::kOpenFlow, .openflow = {}}.apply_to(exchange);
  EXPECT_TRUE(checked) << "a switch has no interfaces";
}

}  // namespace
}  // namespace fabrix::daemon
