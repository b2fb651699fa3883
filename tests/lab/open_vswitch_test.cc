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
  const auto configured = configure_bridge(name_, nodes);
  ASSERT_TRUE(configured) << configured.error().message;
  EXPECT_EQ(vsctl({"get", "interface", "p1", "ofport"}), "1\n");
  EXPECT_EQ(vsctl({"get", "interface", "p4094", "ofport"}), "4094\n");
  EXPECT_EQ(vsctl({"get-fail-mode", "ix"}), "secure\n");
  EXPECT_EQ(vsctl({"get-controller", "ix"}), "unix:" + openflow_socket(name_) + "\n");
  EXPECT_EQ(switch_logs(name_).size(), 2U);
}

}  // namespace
}  // namespace fabrix::lab
