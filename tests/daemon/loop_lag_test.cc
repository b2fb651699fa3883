#include "daemon/loop_lag.h"

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

TEST(LoopLag, SeesWhatHoldsUpTheLoop) {
  io::EventLoop loop;
  const LoopLag lag(loop);
  loop.post([] {
    const auto until = io::EventLoop::now() + std::chrono::milliseconds(200);
    while (io::EventLoop::now() < until) {
    }
  });
  const bool is_seen =
      loop.run_until([&] { return lag.metrics().lag.sum > 0; }, io::testing::kPatience);
  ASSERT_TRUE(is_seen);
  // It was due after 100 of the 200 ms.
  EXPECT_GT(lag.metrics().longest_lag, 0.09);
}

}  // namespace
}  // namespace fabrix::daemon
