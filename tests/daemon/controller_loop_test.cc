#include "daemon/controller_loop.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/api/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

class ControllerLoopTest : public ::testing::Test {
 protected:
  // Whatever has been posted so far is done.
  void run_posted() {
    bool done = false;
    loop_.post([&done] { done = true; });
    ASSERT_TRUE(loop_.run_until([&done] { return done; }, io::testing::kPatience));
  }

  // Port 80's packets, which went to B, or another port's.
  void change_policy(int port) {
    EXPECT_TRUE(world_.controller.set_policy(
        world_.exchange.find_participant("A")->id,
        "outbound = match(dstport=" + std::to_string(port) + ") >> fwd(C)\n", "A.policy"));
  }

  io::EventLoop loop_;
  api::testing::World world_;
};

TEST_F(ControllerLoopTest, ABurstBecomesOneRound) {
  const ControllerLoop controller_loop(loop_, world_.controller);
  change_policy(81);
  change_policy(82);
  EXPECT_TRUE(world_.controller.needs_settling());
  run_posted();
  EXPECT_FALSE(world_.controller.needs_settling());
  change_policy(83);
  run_posted();
  EXPECT_FALSE(world_.controller.needs_settling());
}

TEST_F(ControllerLoopTest, LeavesTheControllerAloneWhenItIsGone) {
  {
    const ControllerLoop controller_loop(loop_, world_.controller);
    change_policy(81);
  }
  run_posted();
  EXPECT_TRUE(world_.controller.needs_settling());
  EXPECT_FALSE(world_.controller.on_wait);
  change_policy(82);
  run_posted();
  EXPECT_TRUE(world_.controller.needs_settling());
}

// That notes what it is asked to count.
class CountingFabric : public fabric::SimulatedFabric {
 public:
  void read_query_counts() override { ++queries; }
  void read_drop_counts() override { ++drops; }

  int queries = 0;
  int drops = 0;
};

TEST_F(ControllerLoopTest, ReadsWhatIsCountedAgainAndAgain) {
  CountingFabric fabric;
  controller::Controller controller(world_.exchange, fabric);
  ASSERT_TRUE(controller.set_policy(world_.exchange.find_participant("A")->id,
                                    "outbound = match(dstport=80) >> count_packets(1s)\n",
                                    "A.policy"));
  const ControllerLoop controller_loop(loop_, controller);
  EXPECT_TRUE(loop_.run_until([&] { return fabric.queries >= 2 && fabric.drops >= 1; },
                              io::testing::kPatience));
}

}  // namespace
}  // namespace fabrix::daemon
