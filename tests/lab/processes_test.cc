#include "lab/processes.h"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/namespace.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

class ProcessesTest : public testing::LabWorld {
 protected:
  // A process in the namespace that waits to be ended.
  static pid_t start(const std::string& name, void (*disposition)(int)) {
    const auto scope = io::NamespaceScope::enter(name);
    EXPECT_TRUE(scope) << scope.error().message;
    // Before it is born, or it may be ended before it says what it does about that.
    const auto before = std::signal(SIGTERM, disposition);
    const pid_t pid = fork();
    // NOLINTNEXTLINE(bugprone-infinite-loop): until it is killed
    while (pid == 0) pause();
    std::signal(SIGTERM, before);
    return pid;
  }

  static int signal_that_ended(pid_t pid) {
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
};

TEST_F(ProcessesTest, EndsWhatLivesInTheNamespacesAndNothingElse) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const std::string ours = "fx-" + name_ + "-a";
  const std::string other = "fx-" + name_ + "-b";
  for (const std::string& name : {ours, other}) ASSERT_TRUE(io::create_namespace(name));
  const pid_t obedient = start(ours, SIG_DFL);
  const pid_t stubborn = start(ours, SIG_IGN);
  const pid_t bystander = start(other, SIG_DFL);
  const std::vector<std::string> names{ours, "fx-" + name_ + "-missing"};
  EXPECT_EQ(processes_in(names).size(), 2U);

  const auto ended = end_processes_in(names, std::chrono::milliseconds(200));
  EXPECT_TRUE(ended) << ended.error().message;
  EXPECT_TRUE(processes_in(names).empty());
  EXPECT_EQ(signal_that_ended(obedient), SIGTERM);
  EXPECT_EQ(signal_that_ended(stubborn), SIGKILL);
  EXPECT_EQ(kill(bystander, 0), 0);

  EXPECT_TRUE(end_processes_in(std::vector{other}));
  EXPECT_EQ(signal_that_ended(bystander), SIGTERM);
  for (const std::string& name : {ours, other}) EXPECT_TRUE(io::delete_namespace(name));
}

TEST_F(ProcessesTest, NoNamespaceHoldsNoProcess) {
  EXPECT_TRUE(processes_in({}).empty());
  EXPECT_TRUE(end_processes_in({}));
}

}  // namespace
}  // namespace fabrix::lab
