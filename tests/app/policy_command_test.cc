#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;

TEST(PolicyCommandTest, HelpNamesEveryVerb) {
  const auto help = fabrix({"policy", "--help"});
  EXPECT_EQ(help.status.code, 0);
  for (const std::string verb : {"check", "fmt", "explain", "diff", "set", "remove"}) {
    EXPECT_THAT(help.out, HasSubstr("fabrix policy " + verb));
  }
}

TEST(PolicyCommandTest, AnUnknownVerbIsMisuse) {
  EXPECT_EQ(fabrix({"policy"}).status.code, 2);
  const auto run = fabrix({"policy", "chek"});
  EXPECT_EQ(run.status.code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean check?"));
}

}  // namespace
}  // namespace fabrix::app
