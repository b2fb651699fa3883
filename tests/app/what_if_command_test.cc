// `fabrix what-if` against a real fabrixd.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;

class WhatIfCommandTest : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  io::EventLoop loop_;
  testing::RunningDaemon daemon_{loop_, scratch_,
                                 scratch_.write("exchange.yaml", testing::loopback_exchange())};
};

TEST_F(WhatIfCommandTest, SaysWhatAPolicyWouldDoAndDoesNothing) {
  const std::string file = scratch_.write("B.policy", "outbound = match(dstport=80) >> drop\n");
  const auto run = daemon_.ask({"what-if", "policy", "--participant", "B", file});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("capacity"));
  EXPECT_THAT(run.out, HasSubstr("verdict     right"));
}

TEST_F(WhatIfCommandTest, NotesWhoAnnouncesNothingNow) {
  const std::string file = scratch_.write("B.policy", "outbound = match(dstport=80) >> fwd(C)\n");
  const auto run = daemon_.ask({"what-if", "policy", "--participant", "B", file});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nnote        C announces nothing now\n"));
}

TEST_F(WhatIfCommandTest, APolicyWithErrorsIsToldAsPolicyCheckDoes) {
  const std::string file = scratch_.write("B.policy", "outbound = match(dstprt=80) >> drop\n");
  const auto run = daemon_.ask({"what-if", "policy", "--participant", "B", file});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.err, HasSubstr("unknown field 'dstprt'"));
}

TEST_F(WhatIfCommandTest, WhatIsNotAnnouncedCannotBeWithdrawn) {
  const auto run = daemon_.ask({"what-if", "withdraw", "140.0.0.0/24", "--from", "B"});
  EXPECT_EQ(run.status.code, 3);
  EXPECT_THAT(run.err, HasSubstr("announces no route"));
}

}  // namespace
}  // namespace fabrix::app
