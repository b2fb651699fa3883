#include "openflow/error_text.h"

#include <gtest/gtest.h>

namespace fabrix::openflow {
namespace {

std::string text(std::uint16_t type, std::uint16_t code) {
  return describe(ErrorMessage{.type = type, .code = code, .data = {}});
}

TEST(ErrorTextTest, NamesWhatOpenFlowNames) {
  EXPECT_EQ(text(4, 9), "bad match: prerequisite missing");
  EXPECT_EQ(text(5, 1), "flow mod failed: table full");
  EXPECT_EQ(text(11, 0), "role request failed: stale generation id");
  EXPECT_EQ(text(17, 13), "bundle failed: a message failed");
  EXPECT_EQ(text(2, 4), "bad action: invalid output port");
  EXPECT_EQ(text(3, 2), "bad instruction: no such table");
}

TEST(ErrorTextTest, FallsBackOnNumbers) {
  EXPECT_EQ(text(5, 99), "flow mod failed: code 99");
  EXPECT_EQ(text(6, 13), "group mod failed: bad watch");
  EXPECT_EQ(text(12, 3), "meter mod failed: code 3");
  EXPECT_EQ(text(0xffff, 2300), "error type 65535 code 2300");
}

}  // namespace
}  // namespace fabrix::openflow
