// `fabrix traffic` against a real `fabrix sflow analyze`, which has no exchange; fabrixd's is in
// fabrixd_join_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/running_analyzer.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::RunningAnalyzer;

TEST(TrafficCommand, ExplainsItself) {
  EXPECT_THAT(fabrix({"traffic", "--help"}).out, HasSubstr("fabrix traffic [VIEW]"));
  EXPECT_EQ(fabrix({"traffic", "matrix", "sizes"}).status.code, 2);
  EXPECT_EQ(fabrix({"traffic", "--rest", "x"}).status.code, 2);
}

TEST(TrafficCommand, AsksTheEngine) {
  io::EventLoop loop;
  std::string rest;
  {
    const RunningAnalyzer analyzer(loop);
    rest = analyzer.rest();
    EXPECT_EQ(fabrix({"traffic", "--rest", rest}).out, "none\n");
    EXPECT_THAT(fabrix({"traffic", "views", "--rest", rest}).out, HasSubstr("matrix"));
    EXPECT_THAT(fabrix({"traffic", "sizes", "--json", "--rest", rest}).out,
                HasSubstr(R"("view":"sizes")"));
    const auto nowhere = fabrix({"traffic", "colours", "--rest", rest});
    EXPECT_EQ(nowhere.status.code, 3);
    EXPECT_THAT(nowhere.err, HasSubstr("there is no view 'colours'"));
    const auto some = fabrix({"traffic", "--rows", "some", "--rest", rest});
    EXPECT_EQ(some.status.code, 2);
    EXPECT_THAT(some.err, HasSubstr("maxRows is a whole number"));
  }
  EXPECT_EQ(fabrix({"traffic", "--rest", rest}).status.code, 5);
}

}  // namespace
}  // namespace fabrix::app
