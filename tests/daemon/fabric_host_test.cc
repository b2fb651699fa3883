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
  const FabricChoice linux_choice{
      .type = FabricType::kLinux, .interfaces = "p%d", .pins = "/run/x/bpf", .openflow = {}};
  EXPECT_TRUE(linux_choice.apply_to(exchange));
  EXPECT_EQ(exchange.fabric.type, FabricType::kLinux);
  EXPECT_EQ(exchange.fabric.interfaces, "p%d");
  EXPECT_EQ(exchange.fabric.pins, "/run/x/bpf");
  EXPECT_EQ(exchange.routers[0].interface, "");
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
