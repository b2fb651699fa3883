// What the controller does with ports: their standing, over reconfigurations too, and their drops.
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "controller/controller.h"
#include "fabric/simulated.h"
#include "net/packet.h"
#include "program/drop.h"
#include "tests/controller/two_members.h"

namespace fabrix::controller {
namespace {

using exchange::Standing;

class ControllerPortsTest : public ::testing::Test {
 protected:
  ControllerPortsTest() { settle(); }

  void settle() {
    controller_.settle(Controller::Clock::now());
    EXPECT_EQ(controller_.counters().refused, 0U);
  }
  void set(Standing standing) {
    controller_.set_standing(b().id, standing, "loops");
    settle();
  }
  const exchange::Router& b() const { return *controller_.exchange().find_router("b1"); }

  // From A to B.
  program::Outcome send(const char* text) {
    net::Packet packet = net::parse_packet(text).value();
    packet.in_port = {1};
    packet.src_mac = controller_.exchange().find_router("a1")->mac;
    packet.dst_mac = b().mac;
    return fabric_.send(packet);
  }

  exchange::Exchange exchange_ = two_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
};

TEST_F(ControllerPortsTest, NothingReachesAPortThatIsNotOpenUntilItIsReleased) {
  EXPECT_EQ(send("tcp 100.0.0.1:1 -> 140.0.0.1:80").output, net::PortNo{2});
  for (const Standing standing : {Standing::kQuarantined, Standing::kShutDown}) {
    set(standing);
    EXPECT_FALSE(send("tcp 100.0.0.1:1 -> 140.0.0.1:80").output);
    ASSERT_NE(controller_.port_order(b().id), nullptr);
    EXPECT_EQ(controller_.port_order(b().id)->reason, "loops");
  }
  set(Standing::kOpen);
  EXPECT_EQ(controller_.port_order(b().id), nullptr);
  EXPECT_EQ(send("tcp 100.0.0.1:1 -> 140.0.0.1:80").output, net::PortNo{2});
}

// A fabric that takes its time, or refuses.
class SlowFabric : public fabric::SimulatedFabric {
 public:
  void install(program::ProgramPtr program, Done done) override {
    SimulatedFabric::install(std::move(program), [](const Result<void>&) {});
    waiting.push_back(std::move(done));
  }
  void answer(const Result<void>& outcome) { std::exchange(waiting, {}).front()(outcome); }

  std::vector<Done> waiting;
};

TEST(ControllerPortsInForceTest, AStandingIsInForceWhenTheFabricHasSaidSo) {
  const exchange::Exchange exchange = two_members();
  SlowFabric fabric;
  Controller controller(exchange, fabric);
  const net::RouterId b = controller.exchange().find_router("b1")->id;
  const net::RouterId a = controller.exchange().find_router("a1")->id;
  EXPECT_FALSE(controller.is_in_force(b)) << "nothing is";
  controller.settle(Controller::Clock::now());
  fabric.answer({});
  EXPECT_TRUE(controller.is_in_force(b));

  controller.set_standing(b, Standing::kQuarantined, "");
  EXPECT_FALSE(controller.is_in_force(b));
  EXPECT_TRUE(controller.is_in_force(a));
  controller.settle(Controller::Clock::now());
  controller.set_standing(b, Standing::kShutDown, "");
  fabric.answer({});
  EXPECT_FALSE(controller.is_in_force(b)) << "quarantine is";
  controller.settle(Controller::Clock::now());
  EXPECT_FALSE(controller.is_in_force(b));
  fabric.answer({});
  EXPECT_TRUE(controller.is_in_force(b));

  controller.set_standing(b, Standing::kOpen, "");
  controller.settle(Controller::Clock::now());
  fabric.answer(fail(Error{"table full"}));
  EXPECT_FALSE(controller.is_in_force(b));
}

TEST_F(ControllerPortsTest, ChangesAreProvedAgainstTheProgramBefore) {
  set(Standing::kQuarantined);
  set(Standing::kShutDown);
  set(Standing::kQuarantined);
  set(Standing::kOpen);
  EXPECT_GE(controller_.counters().installs, 5U);
}

TEST_F(ControllerPortsTest, AReconfigurationLeavesItAsItIs) {
  set(Standing::kQuarantined);
  controller_.reconfigure(two_members());
  settle();
  EXPECT_EQ(b().standing, Standing::kQuarantined);
  EXPECT_FALSE(send("tcp 100.0.0.1:1 -> 140.0.0.1:80").output);
  set(Standing::kOpen);
  EXPECT_EQ(send("tcp 100.0.0.1:1 -> 140.0.0.1:80").output, net::PortNo{2});
}

TEST_F(ControllerPortsTest, APortThatComesUpStaysInQuarantine) {
  set(Standing::kQuarantined);
  controller_.set_port(b().id, false);
  controller_.set_port(b().id, true);
  settle();
  EXPECT_FALSE(controller_.world().port_up[b().id.index()]);
  EXPECT_TRUE(controller_.is_port_up(b().port));
}

TEST_F(ControllerPortsTest, DropsAreReadAndKept) {
  send("udp 100.0.0.1:68 -> 172.0.0.2:67");
  send("tcp 172.0.0.2:1 -> 140.0.0.1:80");
  EXPECT_TRUE(controller_.drops().empty());
  controller_.read_drops();
  ASSERT_EQ(controller_.drops().size(), 2U);
  EXPECT_EQ(controller_.drops()[0].drop.reason, program::DropReason::kDhcp);
  EXPECT_EQ(controller_.drops()[1].drop.reason, program::DropReason::kSourceAddress);
  set(Standing::kQuarantined);
  controller_.read_drops();
  EXPECT_EQ(controller_.drops().size(), 2U);
}

}  // namespace
}  // namespace fabrix::controller
