#include "analyzer/long_poll.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

using std::chrono::seconds;

// A call of this target.
struct Asked {
  explicit Asked(std::string_view target) { request.target = http::parse_target(target).value(); }
  Call call() { return {.engine = engine, .request = request, .names = {}}; }

  telemetry::Engine engine;
  http::Request request;
};

TEST(LongPoll, AnswersAtOnceWhenItCan) {
  Asked asked("/x");
  EXPECT_EQ(body_of(long_poll(
                asked.call(), [] { return std::optional<std::string>("[1]"); }, seconds(5))),
            "[1]");
  EXPECT_EQ(body_of(long_poll(
                asked.call(), [] { return std::optional<std::string>(); }, seconds(0))),
            "[]");
}

TEST(LongPoll, ReadsItsParameters) {
  Asked asked("/x?timeout=5&eventID=7&maxEvents=9");
  EXPECT_EQ(timeout_of(asked.call()), seconds(5));
  EXPECT_EQ(last_seen(asked.call(), "eventID", 8), 7U);
  EXPECT_EQ(last_seen(asked.call(), "eventID", 7), std::nullopt);
  EXPECT_EQ(count_of(asked.call(), "maxEvents", 100, 1000), 9U);
  EXPECT_EQ(count_of(asked.call(), "maxEvents", 100, 5), 5U);
  EXPECT_EQ(count_of(asked.call(), "maxFlows", 100, 1000), 100U);
  Asked odd("/x?timeout=99999999999999&eventID=-1&maxEvents=x");
  EXPECT_EQ(timeout_of(odd.call()), kLongestPoll);
  EXPECT_EQ(last_seen(odd.call(), "eventID", 8), std::nullopt);
  EXPECT_EQ(count_of(odd.call(), "maxEvents", 100, 1000), 100U);
  Asked none("/x?timeout=-1");
  EXPECT_EQ(timeout_of(none.call()), seconds(0));
}

}  // namespace
}  // namespace fabrix::analyzer
