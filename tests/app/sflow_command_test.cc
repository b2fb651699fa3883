#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SflowCommand, ExplainsItselfAndItsVerbs) {
  EXPECT_THAT(fabrix({"sflow", "--help"}).out, StartsWith("usage: fabrix sflow decode"));
  for (const auto* verb : {"decode", "flows", "analyze", "replay", "forward"}) {
    const auto run = fabrix({"sflow", verb, "--help"});
    EXPECT_EQ(run.status.code, 0);
    EXPECT_THAT(run.out, StartsWith(std::string("usage: fabrix sflow ") + verb));
  }
  EXPECT_THAT(fabrix({"--help"}).out, HasSubstr("  sflow "));
}

TEST(SflowCommand, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(fabrix({"sflow"}).status.code, 2);
  const auto run = fabrix({"sflow", "encode"});
  EXPECT_EQ(run.status.code, 2);
  EXPECT_THAT(run.err, HasSubstr("decode"));
}

}  // namespace
}  // namespace fabrix::app
