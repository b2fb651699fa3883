#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;

// That they reach a daemon is tested in fabrixd_test.cc.
TEST(PolicyChangeTest, ChangesNeedADaemon) {
  const testing::Scratch scratch;
  const auto good = scratch.write("good.policy", "outbound = match(dstport=80) >> fwd(B)\n");
  const std::string nowhere = scratch / "none.sock";
  const auto set = fabrix({"policy", "set", "--participant", "A", "--socket", nowhere, good});
  EXPECT_EQ(set.status.code, 5);
  EXPECT_THAT(set.err, HasSubstr("no daemon answers at " + nowhere));
  EXPECT_EQ(fabrix({"policy", "remove", "--participant", "A", "--socket", nowhere}).status.code, 5);
  EXPECT_EQ(fabrix({"policy", "set", "--participant", "A", scratch / "none"}).status.code, 3);
}

}  // namespace
}  // namespace fabrix::app
