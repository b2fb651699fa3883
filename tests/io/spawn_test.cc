#include "io/spawn.h"

#include <csignal>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

ExitStatus run(std::vector<std::string> argv) {
  ProcessOptions options;
  options.argv = std::move(argv);
  const auto process = spawn(options, {});
  EXPECT_TRUE(process) << process.error().message;
  return process ? reap(*process) : ExitStatus{.code = -1, .signal = -1};
}

TEST(SpawnTest, TellsHowAProcessEnded) {
  EXPECT_EQ(run({"true"}), (ExitStatus{.code = 0, .signal = 0}));
  EXPECT_EQ(run({"sh", "-c", "exit 7"}), (ExitStatus{.code = 7, .signal = 0}));
  EXPECT_EQ(run({"/bin/sh", "-c", "kill -9 $$"}), (ExitStatus{.code = 0, .signal = SIGKILL}));
  EXPECT_EQ(to_string(ExitStatus{.code = 7, .signal = 0}), "exited with 7");
  EXPECT_EQ(to_string(ExitStatus{.code = 0, .signal = 9}), "killed by signal 9");
}

TEST(SpawnTest, SaysWhyAProgramCannotStart) {
  ProcessOptions options;
  EXPECT_FALSE(spawn(options, {}));
  options.argv = {"fabrix-no-such-program"};
  auto process = spawn(options, {});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().message,
            "fabrix-no-such-program: cannot execute: No such file or directory");
  options.argv = {"true"};
  options.working_directory = "/nonexistent";
  process = spawn(options, {});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().message, "true: cannot change directory: No such file or directory");
  options.network_namespace = "fxt-no-such-namespace";
  EXPECT_FALSE(spawn(options, {}));
}

TEST(SpawnTest, SignalsTheProcessAndItsGroup) {
  ProcessOptions options;
  options.argv = {"sleep", "1000"};
  const auto first = spawn(options, {}).value();
  EXPECT_TRUE(send_signal(first, SIGTERM));
  EXPECT_EQ(reap(first).signal, SIGTERM);
  EXPECT_FALSE(send_signal(first, SIGTERM));
  const auto second = spawn(options, {}).value();
  send_signal_to_group(second, SIGKILL);
  EXPECT_EQ(reap(second).signal, SIGKILL);
}

}  // namespace
}  // namespace fabrix::io
