#include "controller/punt_budget.h"

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;

class PuntBudgetTest : public ::testing::Test {
 protected:
  // How many of so many frames of the port are looked at.
  std::uint32_t ask(std::uint32_t port, std::uint32_t frames) {
    std::uint32_t taken = 0;
    for (std::uint32_t i = 0; i < frames; ++i) taken += budget_.take({port}, now_) ? 1U : 0U;
    return taken;
  }
  // The same of ports from 1 to that one, frame by frame in turn; what the last got.
  std::uint32_t flood(std::uint32_t ports, std::uint32_t frames) {
    std::uint32_t of_last = 0;
    for (std::uint32_t i = 0; i < frames; ++i) {
      for (std::uint32_t port = 1; port <= ports; ++port) {
        const bool taken = budget_.take({port}, now_);
        if (taken && port == ports) ++of_last;
      }
    }
    return of_last;
  }
  void next_window() { now_ += PuntBudget::kWindow; }

  PuntBudget budget_;
  PuntBudget::TimePoint now_{std::chrono::seconds(1000)};
};

TEST_F(PuntBudgetTest, AllTogetherAreBoundedWhoeverAsks) {
  for (const std::uint32_t ports : {1U, 3U, 20U, 200U, 4000U}) {
    SCOPED_TRACE(ports);
    for (int window = 0; window < 10; ++window) {
      const std::uint64_t before = budget_.taken();
      flood(ports, 1000 / ports + 1);
      EXPECT_LE(budget_.taken() - before, PuntBudget::kPerWindow);
      next_window();
    }
  }
  EXPECT_GT(budget_.refused(), 0U);
}

TEST_F(PuntBudgetTest, APortGetsWhatItMaySendWhileOthersAreFew) {
  for (int window = 0; window < 5; ++window) {
    EXPECT_EQ(flood(8, PuntBudget::kOfOnePort), PuntBudget::kOfOnePort);
    next_window();
  }
  EXPECT_EQ(budget_.refused(), 0U);
}

TEST_F(PuntBudgetTest, AFloodIsSharedEvenly) {
  flood(40, 100);
  next_window();
  for (std::uint32_t port = 1; port <= 40; ++port) EXPECT_EQ(ask(port, 100), 10U);
}

TEST_F(PuntBudgetTest, WhoAsksNowAndThenIsHeardDuringAFlood) {
  flood(200, 10);
  for (int window = 0; window < 10; ++window) {
    next_window();
    flood(200, 10);
    EXPECT_EQ(ask(1000 + static_cast<std::uint32_t>(window), 3), 3U);
  }
}

TEST_F(PuntBudgetTest, APauseIsForgotten) {
  flood(200, 10);
  now_ += milliseconds(250);
  EXPECT_EQ(ask(1, PuntBudget::kOfOnePort), PuntBudget::kOfOnePort);
  const std::uint64_t refused = budget_.refused();
  EXPECT_EQ(flood(400, 1), 1U) << "a restart: many ask at once, each for little";
  EXPECT_EQ(budget_.refused(), refused);
}

}  // namespace
}  // namespace fabrix::controller
