#include "lab/open_vswitch.h"

#include <gtest/gtest.h>

#include "io/command.h"
#include "lab/paths.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

class LabSwitchTest : public testing::LabWorld {
 protected:
  // What ovs-vsctl prints of this lab's database.
  std::string vsctl(std::vector<std::string> words) const {
    io::CommandOptions options;
    options.process.argv = {"ovs-vsctl", "--timeout=10",
                            "--db=unix:" + lab_directory(name_) + "/ovsdb.sock"};
    options.process.argv.insert(options.process.argv.end(), words.begin(), words.end());
    const auto output = io::run_checked(options);
    EXPECT_TRUE(output) << output.error().message;
    return output.value_or("");
  }
};

TEST_F(LabSwitchTest, PortsAreNumberedAsTheExchangeSays) {
  io::CommandOptions probe;
  probe.process.argv = {"ovs-vswitchd", "--version"};
  if (!is_root() || !io::run_checked(probe)) GTEST_SKIP() << "needs root and Open vSwitch";
  const auto nodes = nodes_of(testing::small_lab());
  ASSERT_TRUE(make_directory(name_, namespaces_of(name_, nodes)));
  ASSERT_TRUE(build_network(name_, nodes, testing::small_exchange().peering_lan,
                            exchange::FabricType::kOpenFlow));
  const auto started = start_switch(name_);
  ASSERT_TRUE(started) << started.error().message;
  const auto configured = configure_bridges(name_, nodes, {});
  ASSERT_TRUE(configured) << configured.error().message;
  EXPECT_EQ(vsctl({"get", "interface", "p1", "ofport"}), "1\n");
  EXPECT_EQ(vsctl({"get", "interface", "p4094", "ofport"}), "4094\n");
  EXPECT_EQ(vsctl({"get-fail-mode", "ix"}), "secure\n");
  EXPECT_EQ(vsctl({"get-controller", "ix"}), "unix:" + openflow_socket(name_) + "\n");
  EXPECT_EQ(switch_logs(name_).size(), 2U);
}

TEST_F(LabSwitchTest, EachSwitchOfAFabricIsABridgeWithItsPortsAndLinks) {
  io::CommandOptions probe;
  probe.process.argv = {"ovs-vswitchd", "--version"};
  if (!is_root() || !io::run_checked(probe)) GTEST_SKIP() << "needs root and Open vSwitch";
  const auto nodes = nodes_of(testing::small_lab());
  const exchange::Topology topology = testing::two_switches();
  ASSERT_TRUE(make_directory(name_, namespaces_of(name_, nodes)));
  ASSERT_TRUE(build_network(name_, nodes, testing::small_exchange().peering_lan,
                            exchange::FabricType::kOpenFlow));
  ASSERT_TRUE(lay_links(name_, topology));
  ASSERT_TRUE(start_switch(name_));
  const auto configured = configure_bridges(name_, nodes, topology);
  ASSERT_TRUE(configured) << configured.error().message;
  EXPECT_EQ(vsctl({"list-br"}), "sw-e1\nsw-e2\n");
  EXPECT_EQ(vsctl({"list-ports", "sw-e1"}), "e1-9\np1\np4094\n");
  EXPECT_EQ(vsctl({"get", "interface", "p2", "ofport"}), "12\n");
  EXPECT_EQ(vsctl({"get", "interface", "e2-9", "ofport"}), "9\n");
  EXPECT_EQ(vsctl({"get", "bridge", "sw-e2", "datapath_id"}), "\"00000000000000e2\"\n");
}

}  // namespace
}  // namespace fabrix::lab
