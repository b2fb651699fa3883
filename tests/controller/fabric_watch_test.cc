#include "controller/fabric_watch.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "controller/linux_fabric.h"
#include "controller/openflow_server.h"
#include "fabric/linux_unit.h"
#include "io/bpf_object.h"
#include "tests/controller/world.h"
#include "tests/io/world.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;
using tests::PrivateOvs;

// A controller whose fabric is a real Open vSwitch, which is read again and again.
class FabricWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    const std::string path = ovs_.run_directory() + "/ix.ctl";
    auto server = OpenFlowServer::start(loop_, fabric_, io::UnixEndpoint{path});
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
    ASSERT_TRUE(ovs_.bridge("ix", path)) << ovs_.error();
    controller_.on_change = [this] {
      loop_.post([this] { controller_.settle(io::EventLoop::now()); });
    };
    ASSERT_TRUE(controller_.set_policy(exchange_.find_participant("A")->id,
                                       "outbound = match(dstport=80) >> fwd(B)", "A.policy"));
    ASSERT_TRUE(wait([this] { return fabric_.in_sync() && !controller_.needs_settling(); }));
  }

  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }
  bool wait_for_audits(std::uint64_t count) {
    const std::uint64_t wanted = controller_.counters().audits + count;
    return wait([this, wanted] { return controller_.counters().audits >= wanted; });
  }

  void tamper(const std::string& verb, const std::string& flow) {
    const auto ran = tests::run_program(
        {"ovs-ofctl", "-O", "OpenFlow14", "--strict", verb, ovs_.management("ix"), flow});
    ASSERT_EQ(ran.status, 0) << ran.output;
  }

  // For how long the switch has had each flow, by flow.
  std::map<std::string, double> flows() const {
    const auto dump =
        tests::run_program({"ovs-ofctl", "-O", "OpenFlow14", "dump-flows", ovs_.management("ix")});
    std::istringstream lines(dump.output);
    std::map<std::string, double> all;
    for (std::string line; std::getline(lines, line);) {
      const auto began = line.find("duration=");
      const auto table = line.find("table=");
      const auto rest = line.find("priority=");
      if (rest == std::string::npos || began == std::string::npos) continue;
      const auto number = line.substr(table, line.find(',', table) - table);
      all[number + "," + line.substr(rest)] = std::stod(line.substr(began + 9));
    }
    return all;
  }
  std::vector<std::string> told() const {
    std::vector<std::string> all;
    for (const Notice& each : controller_.notices()) {
      if (each.text.starts_with("the fabric had been changed")) all.push_back(each.text);
    }
    return all;
  }
  // A flow as `ovs-ofctl` takes it to find it: without actions.
  static std::string match_of(const std::string& flow) {
    return flow.substr(0, flow.find(" actions="));
  }

  PrivateOvs ovs_;
  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  std::vector<net::PortNo> ports_ = [this] {
    std::vector<net::PortNo> ports{exchange_.route_server.port};
    for (const auto& router : exchange_.routers) ports.push_back(router.port);
    return ports;
  }();
  fabric::OpenFlowFabric fabric_{ports_};
  Controller controller_{exchange_, fabric_};
  std::unique_ptr<OpenFlowServer> server_;
};

TEST_F(FabricWatchTest, WhatSomebodyElseChangesIsPutRightAndNothingElseIsTouched) {
  const FabricWatch watch(loop_, controller_, milliseconds(50));
  ASSERT_TRUE(wait_for_audits(2));
  EXPECT_EQ(controller_.counters().drifts, 0U);
  ASSERT_TRUE(controller_.last_audit());
  EXPECT_EQ(controller_.last_audit()->wrong, 0U);
  // Old enough to tell those that are new.
  ASSERT_TRUE(wait([this] {
    const auto now = flows();
    return std::ranges::all_of(now, [](const auto& each) { return each.second > 1; });
  }));
  const auto before = flows();
  const auto began = std::chrono::steady_clock::now();
  const auto transit = fmt::format("table={},", static_cast<int>(program::TableId::kTransit));
  std::vector<std::string> of_transit;
  for (const auto& [flow, age] : before) {
    if (flow.starts_with(transit)) of_transit.push_back(flow);
  }
  ASSERT_GE(of_transit.size(), 3U);
  tamper("del-flows", match_of(of_transit[0]));
  tamper("mod-flows", match_of(of_transit[1]) + ",actions=drop");
  tamper("add-flow", "table=0,priority=40000,actions=flood");
  ASSERT_TRUE(wait([this, &before] {
    const auto now = flows();
    return std::ranges::equal(
        now, before, {}, [](const auto& each) { return each.first; },
        [](const auto& each) { return each.first; });
  }));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
  for (const auto& [flow, age] : flows()) {
    const bool was_gone = flow == of_transit[0];
    EXPECT_EQ(age < before.at(flow) + elapsed.count() - 0.1, was_gone) << flow;
  }
  ASSERT_TRUE(wait_for_audits(2));
  EXPECT_GE(controller_.counters().drifts, 1U);
  EXPECT_LE(controller_.counters().drifts, 3U);
  EXPECT_EQ(controller_.last_audit()->wrong, 0U);
  ASSERT_FALSE(told().empty());
  EXPECT_NE(told().front().find("; corrected"), std::string::npos);
}

// A controller whose fabric is the kernel, as a process before it left it.
class LinuxFabricWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    start();
  }
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_TRUE(LinuxFabric::remove(pins_));
    umount2(pins_.c_str(), MNT_DETACH);
    std::filesystem::remove(pins_);
  }

  void start() {
    controller_.reset();
    fabric_.reset();
    auto fabric = LinuxFabric::start(loop_, {.ports = {}, .pin_directory = pins_});
    ASSERT_TRUE(fabric) << fabric.error().message;
    fabric_ = *std::move(fabric);
    controller_ = std::make_unique<Controller>(exchange_, *fabric_);
  }
  bool wait_for_audits(std::uint64_t count) {
    const std::uint64_t wanted = controller_->counters().audits + count;
    return loop_.run_until([&] { return controller_->counters().audits >= wanted; },
                           io::testing::kPatience);
  }
  io::BpfMap programs() const {
    return io::BpfMap::adopt(io::open_pinned(pins_ + "/programs").value(), "programs").value();
  }
  // Where the first table's program is, in either version.
  static std::uint32_t slot(std::uint32_t version) {
    return version * FABRIX_SLOTS + FABRIX_SLOT_COMMON;
  }
  std::size_t first_programs() const {
    const auto map = programs();
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < FABRIX_VERSIONS; ++i) {
      if (map.value_of<std::uint32_t>(slot(i)).value()) ++count;
    }
    return count;
  }

  std::string pins_ =
      (std::filesystem::temp_directory_path() / ("fabrix_watch_test_" + std::to_string(getpid())))
          .string();
  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  std::unique_ptr<LinuxFabric> fabric_;
  std::unique_ptr<Controller> controller_;
};

TEST_F(LinuxFabricWatchTest, WhatSomebodyElseTakesOutOfTheKernelIsPutBack) {
  controller_->settle(io::EventLoop::now());
  const FabricWatch watch(loop_, *controller_, milliseconds(20));
  ASSERT_TRUE(wait_for_audits(2));
  EXPECT_EQ(controller_->counters().drifts, 0U);
  for (std::uint32_t i = 0; i < FABRIX_VERSIONS; ++i) std::ignore = programs().erase_key(slot(i));
  ASSERT_EQ(first_programs(), 0U);
  ASSERT_TRUE(wait_for_audits(2));
  EXPECT_EQ(controller_->counters().drifts, 1U);
  EXPECT_EQ(controller_->last_audit()->wrong, 0U);
  EXPECT_GE(first_programs(), 1U);
}

TEST_F(LinuxFabricWatchTest, WhatTheProcessBeforeInstalledStaysUntilThereIsSomethingElse) {
  controller_->settle(io::EventLoop::now());
  const std::size_t before = first_programs();
  ASSERT_GE(before, 1U);
  start();
  controller_->check_fabric();
  ASSERT_TRUE(controller_->fabric_check().outcome);
  EXPECT_FALSE(*controller_->fabric_check().outcome);
  EXPECT_EQ(controller_->counters().audits, 0U);
  EXPECT_EQ(first_programs(), before);
}

TEST(FabricWatchSimulatedTest, ZeroIsNever) {
  World world;
  io::EventLoop loop;
  const FabricWatch watch(loop, world.controller(), milliseconds(0));
  EXPECT_FALSE(loop.run_until([&world] { return world.controller().counters().audits > 0; },
                              milliseconds(30)));
}

}  // namespace
}  // namespace fabrix::controller
