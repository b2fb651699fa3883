#include "io/command.h"

#include <csignal>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using std::chrono::milliseconds;

CommandOptions shell(const std::string& script) {
  CommandOptions options;
  options.process.argv = {"sh", "-c", script};
  return options;
}

TEST(CommandTest, ReturnsStatusAndOutput) {
  const auto result = run_command(shell("echo said; echo complained >&2; exit 3"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status.code, 3);
  EXPECT_EQ(result->out, "said\n");
  EXPECT_EQ(result->err, "complained\n");
}

TEST(CommandTest, CollectsMoreThanAPipeHoldsUpToTheBound) {
  auto options = shell("head -c 1000000 /dev/zero");
  EXPECT_EQ(run_command(options).value().out.size(), 1'000'000U);
  options.max_output = 10'000;
  EXPECT_EQ(run_command(options).value().out.size(), 10'000U);
}

TEST(CommandTest, GivesEnvironmentAndDirectory) {
  const testing::TemporaryDirectory directory;
  auto options = shell("echo $FABRIX_TEST $PATH; pwd");
  options.process.environment = {{"FABRIX_TEST", "value"}, {"PATH", "/usr/bin"}};
  options.process.working_directory = directory.path();
  EXPECT_EQ(run_checked(options).value(), "value /usr/bin\n" + directory.path() + "\n");
}

TEST(CommandTest, KillsWhatDoesNotEndInTime) {
  auto options = shell("trap '' TERM; sleep 1000 & wait");
  options.timeout = milliseconds(50);
  const auto result = run_command(options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "sh: not done in 50 ms");
}

TEST(CommandTest, DoesNotWaitForWhatItsChildLeavesBehind) {
  auto options = shell("sleep 5 & echo $!");
  const auto start = std::chrono::steady_clock::now();
  const auto left_behind = run_checked(options);
  ASSERT_TRUE(left_behind);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  kill(std::stoi(*left_behind), SIGKILL);
}

TEST(CommandTest, CheckedCommandsMustSucceed) {
  EXPECT_EQ(run_checked(shell("echo fine")).value(), "fine\n");
  const auto failed = run_checked(shell("echo bad >&2; echo worse >&2; exit 2"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "sh: exited with 2: bad");
}

TEST(CommandTest, StartsWithDefaultSignalsAndNoneOfOurDescriptors) {
  const auto old = std::signal(SIGPIPE, SIG_IGN);
  const auto descriptors =
      run_checked(shell("ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status"));
  std::signal(SIGPIPE, old);
  // 0, 1, 2 and that of the directory being listed.
  EXPECT_EQ(descriptors.value(), "4\nSigIgn:\t0000000000000000\n");
}

}  // namespace
}  // namespace fabrix::io
