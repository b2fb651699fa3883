#include "verify/reason.h"

#include <set>

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

TEST(ReasonTest, EachIsToldInItsOwnWords) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= static_cast<int>(Reason::kUnannounced); ++i) {
    EXPECT_TRUE(texts.insert(describe(static_cast<Reason>(i))).second) << i;
  }
  EXPECT_EQ(describe(Reason::kDelivered), "delivered");
  EXPECT_EQ(describe(Reason::kUnannounced), "the source address is none that the sender announces");
}

}  // namespace
}  // namespace fabrix::verify
