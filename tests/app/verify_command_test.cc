// `fabrix verify` against a real fabrixd, and offline.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;

class VerifyCommandTest : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  std::string exchange_ = scratch_.write("exchange.yaml", testing::loopback_exchange());
};

TEST_F(VerifyCommandTest, WithoutASwitchWhatIsInstalledIsUnknown) {
  io::EventLoop loop;
  testing::RunningDaemon daemon(loop, scratch_, exchange_);
  const auto run = daemon.ask({"verify"});
  EXPECT_EQ(run.status.code, 1) << run.err;
  EXPECT_THAT(run.out, HasSubstr("installed   unknown: no switch is connected"));
  EXPECT_THAT(run.out, HasSubstr("intended    right"));
}

TEST_F(VerifyCommandTest, AReplayNeedsNoDaemon) {
  const auto run = testing::fabrix(
      {"verify", "--replay", scratch_.write("none.mrt", ""), "--exchange", exchange_});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("refused     0"));
}

TEST_F(VerifyCommandTest, AReplayNeedsAnExchange) {
  EXPECT_EQ(testing::fabrix({"verify", "--replay", "x.mrt"}).status.code, 2);
}

}  // namespace
}  // namespace fabrix::app
