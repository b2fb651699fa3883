#include "lab/shell.h"

#include <gtest/gtest.h>

#include "io/namespace.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

using Words = std::vector<std::string>;

TEST(ShellWordsTest, QuotesHoldWordsTogether) {
  EXPECT_EQ(shell_words(""), Words{});
  EXPECT_EQ(shell_words("  a1  ping\t-c1 b1 "), (Words{"a1", "ping", "-c1", "b1"}));
  EXPECT_EQ(shell_words("trace a1 'tcp x -> y'"), (Words{"trace", "a1", "tcp x -> y"}));
  EXPECT_EQ(shell_words("a\"b c\"d ''"), (Words{"ab cd", ""}));
}

class ShellTest : public testing::LabWorld {
 protected:
  std::string output_of(const std::string& line) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(Shell(lab_).execute(line), Shell::Next::kGoOn);
    return ::testing::internal::GetCapturedStdout();
  }

  Lab lab_{testing::small_lab(),
           {.name = "none",
            .folder = "",
            .fabrixd = "",
            .ask = [](const std::string&, const boost::json::object&) {
              return Result<boost::json::value>(
                  boost::json::value(boost::json::object{{"text", "the trace\n"}}));
            }}};
};

TEST_F(ShellTest, KnowsMininetsWords) {
  EXPECT_EQ(output_of("nodes"), "available nodes are:\nix rs a1 b1\n");
  EXPECT_EQ(output_of("links"), "rs-ix0<->ix-p4094\na1-ix0<->ix-p1\nb1-ix0<->ix-p2\n");
  EXPECT_NE(output_of("net").find("b1 ix0:ix-p2\n"), std::string::npos);
  EXPECT_NE(output_of("dump").find("<frr a1: 08:00:27:89:3b:9f 172.0.0.1,"), std::string::npos);
  EXPECT_NE(output_of("help").find("pingall"), std::string::npos);
}

TEST_F(ShellTest, TracesPacketsWithAndWithoutQuotes) {
  EXPECT_EQ(output_of("trace a1 tcp 100.0.0.1 -> 140.0.0.1:80"), "the trace\n");
  EXPECT_EQ(output_of("trace a1 'tcp 100.0.0.1 -> 140.0.0.1:80'"), "the trace\n");
  EXPECT_NE(output_of("trace a1"), "the trace\n");
}

TEST_F(ShellTest, SaysWhatItDoesNotUnderstand) {
  EXPECT_EQ(output_of("frobnicate"), "*** Unknown command: frobnicate (help lists all)\n");
  EXPECT_EQ(output_of("link"), "usage: link ROUTER down|up\n");
  EXPECT_EQ(output_of("iperf a1"), "usage: iperf ROUTER ROUTER\n");
  EXPECT_EQ(output_of("   "), "");
}

TEST_F(ShellTest, ExitLeaves) {
  EXPECT_EQ(Shell(lab_).execute("exit"), Shell::Next::kExit);
  EXPECT_EQ(Shell(lab_).execute(" quit "), Shell::Next::kExit);
}

TEST_F(ShellTest, RunsCommandsInRoutersAndNamesStandForAddresses) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  Lab lab(testing::small_lab(), {.name = name_, .folder = "", .fabrixd = "", .ask = {}});
  ASSERT_TRUE(io::create_namespace(lab.namespace_of("a1")));
  ::testing::internal::CaptureStdout();
  Shell(lab).execute("a1 echo to b1 and 'b1'");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "to 140.0.0.1 and 140.0.0.1\n");
  EXPECT_TRUE(io::delete_namespace(lab.namespace_of("a1")));
}

}  // namespace
}  // namespace fabrix::lab
