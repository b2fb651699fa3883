// `fabrix script` against a real `fabrix sflow analyze`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/running_analyzer.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::RunningAnalyzer;

TEST(ScriptCommand, ExplainsItself) {
  EXPECT_THAT(fabrix({"script", "--help"}).out, HasSubstr("fabrix script run|stop|log NAME"));
  EXPECT_EQ(fabrix({"script"}).status.code, 2);
  EXPECT_EQ(fabrix({"script", "begin"}).status.code, 2);
  EXPECT_EQ(fabrix({"script", "log"}).status.code, 2);
  EXPECT_EQ(fabrix({"script", "list", "--rest", "x"}).status.code, 2);
}

TEST(ScriptCommand, ListsStopsAndRuns) {
  io::EventLoop loop;
  const testing::Scratch scratch;
  std::string rest;
  {
    RunningAnalyzer analyzer(loop, {"--script", scratch.write("a.js", "logInfo('up');") + "," +
                                                    scratch.write("b.js", "throw 'it is wrong'")});
    rest = analyzer.rest();
    analyzer.ask_until("GET /scripts/a.js/json", R"("state":"running")");
    analyzer.ask_until("GET /scripts/b.js/json", "it is wrong");
    EXPECT_THAT(fabrix({"script", "list", "--rest", rest}).out, HasSubstr("it is wrong"));
    EXPECT_THAT(fabrix({"script", "list", "--rest", rest, "--json"}).out,
                HasSubstr(R"("a.js":{"file":)"));
    EXPECT_THAT(fabrix({"script", "log", "a.js", "--rest", rest}).out,
                MatchesRegex(R"([-0-9T:]+\+0000 INFO: up.)"));
    EXPECT_EQ(fabrix({"script", "stop", "a.js", "--rest", rest}).status.code, 0);
    EXPECT_THAT(analyzer.ask("GET /scripts/a.js/json"), HasSubstr(R"("state":"stopped")"));
    EXPECT_EQ(fabrix({"script", "run", "a.js", "--rest", rest}).status.code, 0);
    EXPECT_THAT(analyzer.ask_until("GET /scripts/a.js/json", R"("state":"running")"),
                HasSubstr(R"("starts":2)"));
    EXPECT_EQ(fabrix({"script", "log", "c.js", "--rest", rest}).status.code, 3);
  }
  EXPECT_EQ(fabrix({"script", "list", "--rest", rest}).status.code, 5);
}

}  // namespace
}  // namespace fabrix::app
