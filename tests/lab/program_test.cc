#include "lab/program.h"

#include <string>

#include <gtest/gtest.h>

#include "io/file.h"
#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

using testing::eventually;

TEST(ProgramTest, IsFoundInTheFoldersOfPackages) {
  const auto shell = find_program("env");
  ASSERT_TRUE(shell) << shell.error().message;
  EXPECT_TRUE(shell->ends_with("/env"));
  EXPECT_EQ(find_program("/any/path").value(), "/any/path");
  const auto missing = find_program("no-such-program");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "no-such-program is not installed");
}

TEST(ProgramTest, IsNamedForEachKindOfDaemon) {
  EXPECT_EQ(programs_of(DaemonKind::kBird).front(), "bird");
  EXPECT_EQ(programs_of(DaemonKind::kFrr).size(), 3U);
  EXPECT_EQ(programs_of(DaemonKind::kOpenBgpd).front(), "bgpd");
  EXPECT_EQ(programs_of(DaemonKind::kGoBgp).front(), "gobgpd");
}

TEST(ProgramTest, RunsToItsEndAndSaysWhatItSaid) {
  EXPECT_EQ(run_program({"env", {"printf", "%s", "hello"}, {}}).value(), "hello");
  EXPECT_FALSE(run_program({"env", {"false"}, {}}));
  EXPECT_FALSE(run_program({"no-such-program", {}, {}}));
}

// proc(5): the first field of stat is the process id, the sixth its session.
TEST(ProgramTest, GoesOnDetachedInASessionOfItsOwnWithItsOutputInAFile) {
  const testing::WorldDirectory directory;
  const std::string log = directory / "log";
  const std::string script = "set -- $(cat /proc/$$/stat); test $1 = $6 && echo leader";
  const auto started = start_detached({"/bin/sh", {"-c", script}, {}}, log);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_TRUE(eventually([&] { return io::read_file(log).value_or("") == "leader\n"; }))
      << io::read_file(log).value_or("");
}

TEST(ProgramTest, IsAskedAgainUntilItAnswers) {
  int asked = 0;
  const auto answered = wait_for_success([&]() -> Result<void> {
    if (++asked < 3) return fail(Error{"not yet"});
    return {};
  });
  EXPECT_TRUE(answered);
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace fabrix::lab
