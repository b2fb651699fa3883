#include "controller/port_guard.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "net/packet.h"
#include "tests/controller/two_members.h"

namespace fabrix::controller {
namespace {

using exchange::LockAction;
using exchange::Standing;
using std::chrono::milliseconds;

class PortGuardTest : public ::testing::Test {
 protected:
  PortGuardTest() { controller_.settle(Controller::Clock::now()); }

  const exchange::Router& b() const { return *controller_.exchange().find_router("b1"); }

  // Foreign frames at B's port, until it is closed; false: it is not, for too long.
  bool insist() {
    const auto is_closed = [this] {
      net::Packet packet = net::parse_packet("tcp 140.0.0.1:1 -> 100.0.0.1:80").value();
      packet.in_port = b().port;
      packet.src_mac = net::MacAddress::from_u64(0x080027999999);
      fabric_.send(packet);
      controller_.read_drops();
      return b().standing != Standing::kOpen;
    };
    return loop_.run_until(is_closed, std::chrono::seconds(60));
  }

  std::size_t warnings_of_b() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(controller_.notices(), [](const Notice& notice) {
          return notice.severity == Severity::kWarning &&
                 notice.text.starts_with("port of b1 is shut down, MAC lock: ");
        }));
  }

  io::EventLoop loop_;
  exchange::Exchange exchange_ = two_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
};

exchange::PortLocks all(LockAction action) {
  return {.all = {.action = action, .per_second = 1, .seconds = 1}, .own = {}};
}

TEST_F(PortGuardTest, ClosesAPortWhereForeignMacsKeepComingUntilItIsReleased) {
  PortGuard guard(loop_, controller_, all(LockAction::kShutdown), milliseconds(20));
  std::vector<net::RouterId> closed;
  guard.on_closed = [&](net::RouterId router) { closed.push_back(router); };
  for (int i = 1; i <= 2; ++i) {
    SCOPED_TRACE(i);
    ASSERT_TRUE(insist());
    EXPECT_EQ(b().standing, Standing::kShutDown);
    EXPECT_EQ(closed, std::vector(static_cast<std::size_t>(i), b().id));
    ASSERT_NE(controller_.port_order(b().id), nullptr);
    EXPECT_TRUE(controller_.port_order(b().id)->reason.starts_with("MAC lock: "))
        << controller_.port_order(b().id)->reason;
    EXPECT_EQ(controller_.locks_of(b().id), static_cast<std::uint64_t>(i));
    EXPECT_EQ(warnings_of_b(), static_cast<std::size_t>(i));
    controller_.set_standing(b().id, Standing::kOpen, "");
    controller_.settle(Controller::Clock::now());
  }
  EXPECT_EQ(controller_.exchange().find_router("a1")->standing, Standing::kOpen);
  EXPECT_EQ(controller_.locks_of(controller_.exchange().find_router("a1")->id), 0U);
}

TEST_F(PortGuardTest, DoesWhatTheLockSaysNow) {
  PortGuard guard(loop_, controller_, all(LockAction::kNone), milliseconds(20));
  guard.configured(all(LockAction::kQuarantine));
  EXPECT_EQ(guard.locks(), all(LockAction::kQuarantine));
  ASSERT_TRUE(insist());
  EXPECT_EQ(b().standing, Standing::kQuarantined);
}

}  // namespace
}  // namespace fabrix::controller
