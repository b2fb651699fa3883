#include "speaker/neighbor.h"

#include <gtest/gtest.h>

namespace fabrix::speaker {
namespace {

TEST(Neighbor, StatesHaveNames) {
  EXPECT_EQ(to_string(NeighborState::kIdle), "idle");
  EXPECT_EQ(to_string(NeighborState::kOpening), "opening");
  EXPECT_EQ(to_string(NeighborState::kEstablished), "established");
}

}  // namespace
}  // namespace fabrix::speaker
