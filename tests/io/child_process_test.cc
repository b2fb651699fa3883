#include "io/child_process.h"

#include <csignal>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_descriptor.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::kPatience;

class ChildProcessTest : public testing::NamespaceTest {
 protected:
  ChildOptions shell(const std::string& script) {
    ChildOptions options;
    options.process.argv = {"sh", "-c", script};
    options.out = OutputCallback([this](auto bytes) { out_ += testing::text_of(bytes); });
    options.err = OutputCallback([this](auto bytes) { err_ += testing::text_of(bytes); });
    return options;
  }

  ChildProcess start(const ChildOptions& options) {
    auto child = ChildProcess::start(
        loop_, options, [this](const ExitStatus& status) { ended_.push_back(status); });
    EXPECT_TRUE(child) << child.error().message;
    return *std::move(child);
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }
  bool wait_for_end() {
    return wait([&] { return !ended_.empty(); });
  }

  EventLoop loop_;
  std::string out_;
  std::string err_;
  std::vector<ExitStatus> ended_;
};

TEST_F(ChildProcessTest, TellsOutputAndThenTheEnd) {
  const ChildProcess child = start(shell("echo out; echo err >&2; exit 5"));
  EXPECT_TRUE(child.is_running());
  ASSERT_TRUE(wait_for_end());
  EXPECT_EQ(out_, "out\n");
  EXPECT_EQ(err_, "err\n");
  EXPECT_EQ(ended_, (std::vector{ExitStatus{.code = 5, .signal = 0}}));
  EXPECT_EQ(child.exit_status(), ended_.front());
  EXPECT_FALSE(child.is_running());
}

TEST_F(ChildProcessTest, AppendsOutputToFiles) {
  const testing::TemporaryDirectory directory;
  auto options = shell("echo one; echo two >&2");
  options.out = OutputToFile{directory / "log"};
  options.err = OutputToFile{directory / "log"};
  const ChildProcess child = start(options);
  ASSERT_TRUE(wait_for_end());
  EXPECT_EQ(read_file(directory / "log").value(), "one\ntwo\n");
}

TEST_F(ChildProcessTest, EndsAtSigterm) {
  ChildProcess child = start(shell("echo up; exec sleep 1000"));
  ASSERT_TRUE(wait([&] { return out_ == "up\n"; }));
  child.terminate(hours(1));
  ASSERT_TRUE(wait_for_end());
  EXPECT_EQ(ended_.front().signal, SIGTERM);
}

TEST_F(ChildProcessTest, KillsAStubbornChildAndItsChildren) {
  ChildProcess child = start(shell("trap '' TERM; sleep 1000 & echo $!; wait"));
  ASSERT_TRUE(wait([&] { return out_.ends_with('\n'); }));
  const pid_t grandchild = std::stoi(out_);
  const FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, grandchild, 0)));
  ASSERT_TRUE(pidfd.valid());
  child.terminate(milliseconds(20));
  ASSERT_TRUE(wait_for_end());
  EXPECT_EQ(ended_.front().signal, SIGKILL);
  // It was sent its signal too, but may take a moment longer to die than the child.
  pollfd death{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&death, 1, static_cast<int>(milliseconds(kPatience).count())), 1);
}

TEST_F(ChildProcessTest, DoesNotOutliveItsOwner) {
  pid_t pid = -1;
  {
    const ChildProcess child = start(shell("exec sleep 1000"));
    pid = child.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_NE(kill(pid, 0), 0);
  EXPECT_FALSE(loop_.run_until([&] { return !ended_.empty(); }, milliseconds(5)));
}

TEST_F(ChildProcessTest, ReplacingAChildEndsTheFirst) {
  ChildProcess child = start(shell("exec sleep 1000"));
  const pid_t first = child.pid();
  child = start(shell("echo second"));
  EXPECT_NE(kill(first, 0), 0);
  ASSERT_TRUE(wait_for_end());
  EXPECT_EQ(out_, "second\n");
}

TEST_F(ChildProcessTest, SaysWhyItCannotStart) {
  ChildOptions options;
  options.process.argv = {"fabrix-no-such-program"};
  EXPECT_FALSE(ChildProcess::start(loop_, options, {}));
  options.process.argv = {"true"};
  options.out = OutputToFile{"/nonexistent/log"};
  EXPECT_FALSE(ChildProcess::start(loop_, options, {}));
}

TEST_F(ChildProcessTest, RunsInANetworkNamespace) {
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  ASSERT_TRUE(create_veth(netlink, {.name = "left"}, {.name = "right"}));
  auto options = shell("cat /proc/net/dev");
  options.process.network_namespace = home.name();
  const ChildProcess child = start(options);
  ASSERT_TRUE(wait_for_end());
  EXPECT_NE(out_.find("left:"), std::string::npos) << out_;
  EXPECT_NE(out_.find("right:"), std::string::npos) << out_;
  const auto outside = read_file("/proc/thread-self/net/dev").value();
  EXPECT_EQ(outside.find("right:"), std::string::npos) << outside;
}

TEST_F(ChildProcessTest, MayBeDestroyedByItsOwnCallbacks) {
  std::optional<ChildProcess> child;
  auto options = shell("echo a; sleep 1000");
  bool heard = false;
  options.out = OutputCallback([&](auto) {
    child.reset();
    heard = true;
  });
  child.emplace(start(options));
  ASSERT_TRUE(wait([&] { return heard; }));
  EXPECT_TRUE(ended_.empty());
}

}  // namespace
}  // namespace fabrix::io
