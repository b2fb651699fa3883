#include "controller/openflow_server.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/controller.h"
#include "fabric/flow_translation.h"
#include "io/connector.h"
#include "tests/controller/world.h"
#include "tests/io/world.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::controller {
namespace {

using tests::PrivateOvs;

// A controller whose fabric is a real Open vSwitch.
class OpenFlowServerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    start_server();
    ASSERT_TRUE(ovs_.bridge("ix", path())) << ovs_.error();
    controller_.on_change = [this] {
      loop_.post([this] { controller_.settle(io::EventLoop::now()); });
    };
    controller_.settle(io::EventLoop::now());
    ASSERT_TRUE(wait_for_sync());
  }

  void start_server() {
    auto server = OpenFlowServer::start(loop_, fabric_, io::UnixEndpoint{path()});
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }

  std::string path() const { return ovs_.run_directory() + "/ix.ctl"; }

  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }

  // The switch has what the controller wants, and the controller wants nothing else.
  bool wait_for_sync() {
    return wait([this] { return fabric_.in_sync() && !controller_.needs_settling(); });
  }

  // The flows of the switch, sorted, without what counts or ages.
  std::vector<std::string> flows() const {
    const auto dump = tests::run_program(
        {"ovs-ofctl", "-O", "OpenFlow14", "--no-stats", "dump-flows", ovs_.management("ix")});
    std::istringstream lines(dump.output);
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) {
      if (line.find("actions=") != std::string::npos) all.push_back(line);
    }
    std::ranges::sort(all);
    return all;
  }

  std::size_t wanted() const {
    return fabric::flows_for(*controller_.installed(), ports_).value().size();
  }

  void set_policy(const std::string& text) {
    ASSERT_TRUE(controller_.set_policy(exchange_.find_participant("A")->id, text, "A.policy"));
    ASSERT_TRUE(wait_for_sync());
  }

  static std::vector<net::PortNo> ports_of(const exchange::Exchange& exchange) {
    std::vector<net::PortNo> ports{exchange.route_server.port};
    for (const auto& router : exchange.routers) ports.push_back(router.port);
    return ports;
  }

  PrivateOvs ovs_;
  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  std::vector<net::PortNo> ports_ = ports_of(exchange_);
  fabric::OpenFlowFabric fabric_{ports_};
  Controller controller_{exchange_, fabric_};
  std::unique_ptr<OpenFlowServer> server_;
};

TEST_F(OpenFlowServerTest, TheSwitchHasWhatTheProgramSays) {
  EXPECT_EQ(flows().size(), wanted());
  const auto plain = flows();
  set_policy("outbound = match(dstport=80) >> fwd(B)");
  EXPECT_GT(flows().size(), plain.size());
  EXPECT_EQ(flows().size(), wanted());
  controller_.remove_policy(exchange_.find_participant("A")->id);
  ASSERT_TRUE(wait_for_sync());
  EXPECT_EQ(flows(), plain);
}

TEST_F(OpenFlowServerTest, ASwitchThatStartsAgainGetsItsFlowsBack) {
  set_policy("outbound = match(dstport=80) >> fwd(B)");
  const auto before = flows();
  ovs_.kill_switch();
  ASSERT_TRUE(wait([this] { return !fabric_.in_sync(); }));
  ASSERT_TRUE(ovs_.restart_switch());
  ASSERT_TRUE(wait_for_sync());
  EXPECT_EQ(flows(), before);
}

TEST_F(OpenFlowServerTest, PeopleAreToldOfASwitchThatIsGoneAndOfItsReturn) {
  const auto told = [this](std::string_view text) {
    return std::ranges::any_of(controller_.notices(),
                               [text](const auto& each) { return each.text == text; });
  };
  constexpr std::string_view kGone = "the switch is gone: if it runs, it forwards as it did";
  constexpr std::string_view kBack = "the switch is connected again";
  EXPECT_FALSE(told(kGone));
  EXPECT_FALSE(told(kBack));
  ovs_.kill_switch();
  EXPECT_TRUE(wait([&] { return told(kGone); }));
  EXPECT_FALSE(told(kBack));
  ASSERT_TRUE(ovs_.restart_switch());
  EXPECT_TRUE(wait([&] { return told(kBack); }));
  ASSERT_TRUE(wait_for_sync());
}

TEST_F(OpenFlowServerTest, WhatWasChangedBehindTheControllersBackIsPutRightOnReconnect) {
  const auto before = flows();
  server_.reset();
  EXPECT_EQ(flows(), before) << "the switch goes on without us";
  const std::string target = ovs_.management("ix");
  EXPECT_EQ(
      tests::run_program({"ovs-ofctl", "-O", "OpenFlow14", "del-flows", target, "table=4"}).status,
      0);
  EXPECT_EQ(tests::run_program({"ovs-ofctl", "-O", "OpenFlow14", "add-flow", target,
                                "table=0,priority=40000,actions=flood"})
                .status,
            0);
  ASSERT_NE(flows(), before);
  start_server();
  ASSERT_TRUE(wait_for_sync());
  EXPECT_EQ(flows(), before);
}

TEST_F(OpenFlowServerTest, AnotherControllerOfTheSameExchangeTakesOverWithoutAWipe) {
  set_policy("outbound = match(dstport=80) >> fwd(B)");
  const auto before = flows();
  server_.reset();
  EXPECT_EQ(flows(), before);
  // What happens meanwhile is installed when the switch is back.
  controller_.remove_policy(exchange_.find_participant("A")->id);
  controller_.settle(io::EventLoop::now());
  start_server();
  ASSERT_TRUE(wait_for_sync());
  EXPECT_EQ(flows().size(), wanted());
  EXPECT_LT(flows().size(), before.size());
}

TEST_F(OpenFlowServerTest, PortsThatTheSwitchLacksAreDownUntilTheyCome) {
  const auto* const router = exchange_.find_router("b1");
  EXPECT_FALSE(controller_.world().port_up[router->id.index()]);
  ASSERT_TRUE(tests::run_program({"ip", "-n", ovs_.netns(), "link", "add", "b1", "up", "type",
                                  "veth", "peer", "name", "b1-far"})
                  .status == 0);
  ASSERT_TRUE(
      tests::run_program({"ip", "-n", ovs_.netns(), "link", "set", "b1-far", "up"}).status == 0);
  ASSERT_TRUE(ovs_.add_port("ix", "b1", router->port.value, "system")) << ovs_.error();
  EXPECT_TRUE(wait([&] { return controller_.world().port_up[router->id.index()]; }));
  ASSERT_TRUE(ovs_.delete_port("ix", "b1"));
  EXPECT_TRUE(wait([&] { return !controller_.world().port_up[router->id.index()]; }));
}

TEST_F(OpenFlowServerTest, SomebodyWhoSpeaksNoOpenFlowIsHungUpOnAndTheSwitchComesBack) {
  std::optional<io::ByteStream> stranger;
  bool over = false;
  const io::Connector connector(
      loop_, io::UnixEndpoint{path()}, {}, [&](Result<io::ByteStream> connected) {
        ASSERT_TRUE(connected);
        stranger = *std::move(connected);
        stranger->start(
            {.on_data = {}, .on_end = [&](const auto&) { over = true; }, .on_drained = {}});
        const auto text = std::string(64, '\0');
        std::ignore = stranger->write(io::testing::bytes_of(text));
      });
  ASSERT_TRUE(wait([&] { return over; }));
  EXPECT_TRUE(wait_for_sync());
  EXPECT_EQ(flows().size(), wanted());
}

}  // namespace
}  // namespace fabrix::controller
