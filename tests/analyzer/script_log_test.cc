#include "analyzer/script_log.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::seconds(1474150756)};
const auto kNow = std::chrono::steady_clock::time_point() + std::chrono::hours(1);

TEST(ScriptLog, HasTheFormOfSflowRt) {
  ScriptLog log;
  EXPECT_EQ(log.add("INFO", "it\nworks\x1b[0m", kTime, kNow), "it works [0m");
  // As its documentation shows it.
  EXPECT_EQ(log.text(), "2016-09-17T22:19:16+0000 INFO: it works [0m\n");
  log.add("SEVERE", std::string(5000, 'x'), kTime, kNow);
  EXPECT_EQ(log.text().size(), 44U + 33U + ScriptLog::kMaxLine + 1U);
}

TEST(ScriptLog, KeepsTheLatestLinesAndCountsTooMany) {
  ScriptLog log;
  for (std::size_t i = 0; i < ScriptLog::kMaxLines; ++i) {
    EXPECT_TRUE(log.add("FINE", std::to_string(i), kTime, kNow)) << i;
  }
  EXPECT_FALSE(log.add("FINE", "too many", kTime, kNow));
  EXPECT_EQ(log.dropped(), 1U);
  EXPECT_TRUE(log.add("FINE", "later", kTime, kNow + std::chrono::seconds(1)));
  const std::string text = log.text();
  EXPECT_EQ(std::ranges::count(text, '\n'), ScriptLog::kMaxLines);
  EXPECT_EQ(text.find(" FINE: 0\n"), std::string::npos);
  EXPECT_NE(text.find(" FINE: later\n"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::analyzer
