#include "script/process.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/script/world.h"

namespace fabrix::script {
namespace {

class ProcessTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Process>> start(const std::string& program) {
    return Process::start(loop_, program, 64,
                          {.on_message = [this](const std::string& m) { heard_.push_back(m); },
                           .on_end = [this](const std::string& how) { ended_ = how; }});
  }
  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, testing::kPatience); }

  io::EventLoop loop_;
  std::vector<std::string> heard_;
  std::optional<std::string> ended_;
};

TEST_F(ProcessTest, SpeaksInMessages) {
  const auto process = start(FABRIX_SCRIPT_EXE).value();
  process->hold();
  process->send(R"x({"do":"load","file":"x.js","source":"logInfo(1)","properties":{}})x");
  process->go_on();
  ASSERT_TRUE(wait([&] { return heard_.size() == 2; }));
  EXPECT_EQ(heard_[0], R"({"tell":"log","args":["INFO","1"]})");
  EXPECT_EQ(heard_[1], R"({"done":null})");
  EXPECT_GT(process->cpu_time().count(), 0);
  process->kill();
  ASSERT_TRUE(wait([&] { return ended_.has_value(); }));
  EXPECT_EQ(*ended_, "killed by signal 9");
  EXPECT_EQ(process->cpu_time().count(), 0);
  process->kill();
}

TEST_F(ProcessTest, EndsWhoSpeaksOtherwise) {
  const auto process = start("/usr/bin/yes").value();
  ASSERT_TRUE(wait([&] { return ended_.has_value(); }));
  EXPECT_EQ(*ended_, "killed by signal 9");
  EXPECT_TRUE(heard_.empty());
}

TEST_F(ProcessTest, TellsHowItEnded) {
  const auto process = start("/bin/false").value();
  ASSERT_TRUE(wait([&] { return ended_.has_value(); }));
  EXPECT_EQ(*ended_, "exited with 1");
  EXPECT_FALSE(start("/nowhere/fabrix-script"));
}

}  // namespace
}  // namespace fabrix::script
