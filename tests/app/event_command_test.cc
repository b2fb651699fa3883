// `fabrix event` and `show fsm` against a real fabrixd.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/member.h"
#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;
using testing::RunningDaemon;

class EventCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string file = scratch_.write("gate.policy",
                                            "event load : {low, high}\n"
                                            "fsm gate per dstip {\n"
                                            "var load : {low, high}\n"
                                            "on load { load = value }\n"
                                            "policy = case { load == high -> drop\n"
                                            "else -> identity } }\n"
                                            "outbound = gate\n");
    const auto set = daemon_.ask({"policy", "set", "--participant", "B", file});
    EXPECT_EQ(set.status.code, 0) << set.out << set.err;
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  RunningDaemon daemon_{loop_, scratch_,
                        scratch_.write("exchange.yaml", testing::loopback_exchange())};
};

TEST_F(EventCommandTest, TellsWhatChanged) {
  const auto run = daemon_.ask({"event", "load", "dstip=10.0.0.1", "value=high"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out, "gate dstip=10.0.0.1: load=low -> load=high\n");
  EXPECT_EQ(daemon_.ask({"event", "load", "dstip=10.0.0.1", "value=high"}).out,
            "nothing changed\n");
  const auto shown = daemon_.ask({"show", "fsm", "gate"});
  EXPECT_THAT(shown.out, HasSubstr("gate of B, per dstip: 2 states, at first load=low\n"));
  EXPECT_THAT(shown.out, HasSubstr("  dstip=10.0.0.1: load=high"));
  EXPECT_THAT(daemon_.ask({"show", "fsm", "--json"}).out, HasSubstr(R"("state":"load=high")"));
}

TEST_F(EventCommandTest, RefusesWhatMakesNoSense) {
  const auto unknown = daemon_.ask({"event", "load", "dstip=10.0.0.1", "value=huge"});
  EXPECT_EQ(unknown.status.code, 65);
  EXPECT_THAT(unknown.err, HasSubstr("'huge' is no value of event 'load': low, high"));
  EXPECT_EQ(daemon_.ask({"event", "loud", "value=high"}).status.code, 3);
  EXPECT_EQ(daemon_.ask({"event", "load", "high"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"event", "load", "value=high", "value=low"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"event"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"show", "fsm", "gat"}).status.code, 3);
}

}  // namespace
}  // namespace fabrix::app
