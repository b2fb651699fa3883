#include "analyzer/script_commands.h"

#include <optional>
#include <string>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/world.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

const std::string kShell = "/bin/sh";

class ScriptCommandsTest : public ::testing::Test {
 protected:
  std::string run(ScriptCommands& commands, const std::vector<std::string>& words) {
    std::optional<std::string> heard;
    const auto started = commands.run(words, [&](const Result<json::value>& result) {
      heard = result ? json::serialize(*result) : "failed: " + result.error().message;
    });
    if (!started) return "refused: " + started.error().message;
    EXPECT_TRUE(loop_.run_until([&] { return heard.has_value(); }, http::testing::kPatience));
    return heard.value_or("");
  }

  io::EventLoop loop_;
};

TEST_F(ScriptCommandsTest, RunsWhatIsAllowedAndTellsWhatItSaid) {
  ScriptCommands commands(loop_, {kShell});
  EXPECT_EQ(run(commands, {kShell, "-c", "echo out; echo err >&2; exit 3"}),
            R"({"status":3,"stdout":"out\n","stderr":"err\n"})");
  EXPECT_EQ(run(commands, {kShell, "-c", "kill -9 $$"}), "failed: killed by signal 9");
  EXPECT_EQ(run(commands, {"/bin/cat"}), "refused: '/bin/cat' is not allowed");
  EXPECT_EQ(run(commands, {"sh"}), "refused: 'sh' is not allowed");
  EXPECT_EQ(run(commands, {}), "refused: '' is not allowed");
}

TEST_F(ScriptCommandsTest, SaysThatAProgramIsNotThere) {
  ScriptCommands commands(loop_, {"/no/such/program"});
  EXPECT_THAT(run(commands, {"/no/such/program"}), HasSubstr("No such file"));
  EXPECT_THAT(run(commands, {"/no/such/program"}), HasSubstr("No such file"));
}

TEST_F(ScriptCommandsTest, EndsWhatTakesTooLongOrSaysTooMuch) {
  ScriptCommands slow(loop_, {kShell}, {.longest = std::chrono::milliseconds(50)});
  EXPECT_EQ(run(slow, {kShell, "-c", "trap '' TERM; while :; do sleep 60; done"}),
            "failed: it ran for 50 ms");
  ScriptCommands brief(loop_, {kShell}, {.most_output = 1000});
  EXPECT_EQ(run(brief, {kShell, "-c", "while :; do echo more; done"}),
            "failed: it said more than 1000 octets");
}

TEST_F(ScriptCommandsTest, RunsOneAtATimeAndSoManyInTheLongRun) {
  ScriptCommands commands(loop_, {kShell});
  bool is_told = false;
  ASSERT_TRUE(commands.run({kShell, "-c", "sleep 60"},
                           [&](const Result<json::value>&) { is_told = true; }));
  EXPECT_EQ(run(commands, {kShell, "-c", ":"}), "refused: a command is running");
  commands.clear();
  EXPECT_FALSE(is_told);
  std::string last;
  for (int i = 0; i < 1000 && !last.starts_with("refused"); ++i) {
    commands.clear();
    const auto started = commands.run({kShell, "-c", ":"}, [](const Result<json::value>&) {});
    if (!started) last = "refused: " + started.error().message;
  }
  EXPECT_EQ(last, "refused: too many commands a second");
}

}  // namespace
}  // namespace fabrix::analyzer
