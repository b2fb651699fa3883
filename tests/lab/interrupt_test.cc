#include "lab/interrupt.h"

#include <csignal>

#include <gtest/gtest.h>

namespace fabrix::lab {
namespace {

TEST(InterruptTest, SignalsAreAQuestionWhileTheGuardLives) {
  {
    const InterruptGuard guard;
    EXPECT_FALSE(interrupted());
    std::raise(SIGINT);
    EXPECT_TRUE(interrupted());
  }
  EXPECT_FALSE(interrupted());
  const InterruptGuard guard;
  EXPECT_FALSE(interrupted()) << "another guard begins anew";
  std::raise(SIGTERM);
  EXPECT_TRUE(interrupted());
}

}  // namespace
}  // namespace fabrix::lab
