#include "io/event_loop.h"

#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::kPatience;

TEST(EventLoopTest, RunsWhatIsPostedInOrderAndNotAtOnce) {
  EventLoop loop;
  std::string order;
  loop.post([&] { order += "a"; });
  loop.post([&] {
    order += "b";
    loop.post([&] { order += "d"; });
    order += "c";
  });
  EXPECT_EQ(order, "");
  EXPECT_TRUE(loop.run_until([&] { return order.size() == 4; }, kPatience));
  EXPECT_EQ(order, "abcd");
}

TEST(EventLoopTest, RunsUntilStoppedAndCanRunAgain) {
  EventLoop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      ++runs;
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(EventLoopTest, TakesWorkAndStopFromAnotherThread) {
  EventLoop loop;
  int value = 0;
  std::jthread other([&] {
    loop.post([&] { value = 7; });
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  EXPECT_EQ(value, 7);
}

TEST(EventLoopTest, GivesUpAtTheLimit) {
  EventLoop loop;
  EXPECT_FALSE(loop.run_until([] { return false; }, milliseconds(5)));
  EXPECT_TRUE(loop.run_until([] { return true; }, milliseconds(0)));
}

TEST(TimerTest, ExpireInOrderOfTheirDeadlines) {
  EventLoop loop;
  std::string order;
  Timer late(loop, [&] { order += "late"; });
  Timer early(loop, [&] { order += "early "; });
  late.start(milliseconds(10));
  early.start(milliseconds(1));
  EXPECT_TRUE(late.is_running());
  EXPECT_TRUE(loop.run_until([&] { return order.size() > 6; }, kPatience));
  EXPECT_EQ(order, "early late");
  EXPECT_FALSE(late.is_running());
}

TEST(TimerTest, IsSilentOnceCancelledOrDestroyed) {
  EventLoop loop;
  int expired = 0;
  int done = 0;
  Timer cancelled(loop, [&] { ++expired; });
  cancelled.start(milliseconds(0));
  auto destroyed = std::make_unique<Timer>(loop, [&] { ++expired; });
  destroyed->start(milliseconds(0));
  Timer last(loop, [&] { ++done; });
  last.start(milliseconds(2));
  cancelled.cancel();
  destroyed.reset();
  EXPECT_TRUE(loop.run_until([&] { return done == 1; }, kPatience));
  EXPECT_EQ(expired, 0);
  EXPECT_FALSE(cancelled.is_running());
}

// The expiry of both is in Asio's queue when the first runs: the second must still be stopped.
TEST(TimerTest, CanBeCancelledWhenItsTimeHasCome) {
  EventLoop loop;
  int expired = 0;
  const auto now = Clock::now();
  std::optional<Timer> second;
  Timer first(loop, [&] {
    ++expired;
    second.reset();
  });
  second.emplace(loop, [&] {
    ++expired;
    first.cancel();
  });
  first.start_at(now);
  second->start_at(now);
  EXPECT_FALSE(loop.run_until([&] { return expired > 1; }, milliseconds(5)));
  EXPECT_EQ(expired, 1);
}

TEST(TimerTest, RestartsAndMayDestroyItself) {
  EventLoop loop;
  int expired = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, [&] {
    if (++expired < 3) return timer->start(milliseconds(0));
    timer.reset();
  });
  timer->start(hours(1));
  timer->start(milliseconds(0));
  EXPECT_TRUE(loop.run_until([&] { return timer == nullptr; }, kPatience));
  EXPECT_EQ(expired, 3);
}

TEST(SignalWatchTest, TellsEachSignal) {
  EventLoop loop;
  std::vector<int> signals;
  const SignalWatch watch(loop, {SIGHUP, SIGUSR1}, [&](int signal) { signals.push_back(signal); });
  raise(SIGHUP);
  EXPECT_TRUE(loop.run_until([&] { return signals.size() == 1; }, kPatience));
  raise(SIGUSR1);
  EXPECT_TRUE(loop.run_until([&] { return signals.size() == 2; }, kPatience));
  EXPECT_EQ(signals, (std::vector<int>{SIGHUP, SIGUSR1}));
}

}  // namespace
}  // namespace fabrix::io
