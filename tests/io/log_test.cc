#include "io/log.h"

#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::io {
namespace {

class LogTest : public ::testing::Test {
 protected:
  void TearDown() override { set_log_level(LogLevel::kInfo); }

  static std::string logged(LogLevel level, std::string_view message) {
    ::testing::internal::CaptureStderr();
    log(level, "session", message);
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, WritesTimeLevelComponentAndMessage) {
  const std::regex line(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z info    session      peer up peer=64500\n)");
  const std::string text = logged(LogLevel::kInfo, "peer up peer=64500");
  EXPECT_TRUE(std::regex_match(text, line)) << text;
}

TEST_F(LogTest, DropsWhatIsBelowItsLevel) {
  EXPECT_EQ(logged(LogLevel::kDebug, "x"), "");
  set_log_level(LogLevel::kDebug);
  EXPECT_NE(logged(LogLevel::kDebug, "x"), "");
  EXPECT_TRUE(logs(LogLevel::kDebug));
  EXPECT_FALSE(logs(LogLevel::kTrace));
  set_log_level(LogLevel::kOff);
  EXPECT_EQ(logged(LogLevel::kError, "x"), "");
}

TEST_F(LogTest, KeepsEachMessageOnItsLine) {
  const std::string text = logged(LogLevel::kInfo, "said text=\"a\nb\x1b[0m\x7f{}\"");
  EXPECT_NE(text.find("said text=\"a\\x0ab\\x1b[0m\\x7f{}\"\n"), std::string::npos) << text;
}

TEST_F(LogTest, LevelsHaveNames) {
  for (const auto level : {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning,
                           LogLevel::kError, LogLevel::kOff}) {
    EXPECT_EQ(parse_log_level(to_string(level)), level);
    set_log_level(level);
    EXPECT_EQ(log_level(), level);
  }
  EXPECT_EQ(parse_log_level("loud"), std::nullopt);
}

}  // namespace
}  // namespace fabrix::io
