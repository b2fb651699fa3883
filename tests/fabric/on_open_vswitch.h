// An OpenFlowFabric with a private Open vSwitch that has connected to it, for tests. Skips where
// there is none.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "tests/fabric/switch_link.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::fabric {

class OnOpenVswitch : public ::testing::Test {
 protected:
  explicit OnOpenVswitch(std::vector<net::PortNo> ports) : fabric_(std::move(ports)) {}

  void SetUp() override {
    if (const auto reason = tests::PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    const std::string path = ovs_.run_directory() + "/ix.ctl";
    ASSERT_TRUE(link_.listen_on(path));
    ASSERT_TRUE(ovs_.bridge("ix", path)) << ovs_.error();
    bool ready = false;
    fabric_.on_ready = [&ready] { ready = true; };
    ASSERT_TRUE(link_.run_until([&ready] { return ready; }));
    fabric_.on_ready = nullptr;
  }

  tests::PrivateOvs ovs_;
  OpenFlowFabric fabric_;
  SwitchLink link_{fabric_};
};

}  // namespace fabrix::fabric
