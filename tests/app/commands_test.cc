#include "app/commands.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<std::string> kNames{"status", "sessions", "show"};

TEST(CompleteTest, TakesNamesAndUnambiguousBeginnings) {
  EXPECT_EQ(*complete("status", kNames), "status");
  EXPECT_EQ(*complete("se", kNames), "sessions");
  EXPECT_EQ(*complete("show", {"show", "shower"}), "show");
}

TEST(CompleteTest, SaysWhatMayBeMeant) {
  EXPECT_EQ(complete("s", kNames).error().message, "'s' may be status or sessions or show");
  EXPECT_EQ(complete("statsu", kNames).error().message,
            "nothing is called 'statsu'; did you mean status?");
  EXPECT_EQ(complete("xyz", kNames).error().message, "nothing is called 'xyz'");
  EXPECT_FALSE(complete("", kNames));
}

TEST(FabrixTest, ListsItsCommands) {
  for (const std::string word : {"--help", "-h", "help"}) {
    const auto run = fabrix({word});
    EXPECT_EQ(run.status.code, 0);
    EXPECT_THAT(run.out, HasSubstr("usage: fabrix COMMAND"));
    for (const std::string name :
         {"lab", "simulate", "policy", "trace", "show", "monitor", "session"}) {
      EXPECT_THAT(run.out, HasSubstr("\n  " + name + " "));
    }
  }
  const auto bare = fabrix({});
  EXPECT_EQ(bare.status.code, 2);
  EXPECT_EQ(bare.out, "");
  EXPECT_THAT(bare.err, HasSubstr("usage: fabrix COMMAND"));
}

TEST(FabrixTest, SaysHowEachCommandIsUsed) {
  for (const std::string name : {"simulate", "policy", "trace", "show"}) {
    SCOPED_TRACE(name);
    const auto run = fabrix({name, "--help"});
    EXPECT_EQ(run.status.code, 0);
    EXPECT_THAT(run.out, StartsWith("usage: fabrix " + name + " "));
    EXPECT_EQ(run.err, "");
    const auto bare = fabrix({name});
    EXPECT_EQ(bare.status.code, 2);
    EXPECT_EQ(bare.err, run.out);
    const auto wrong = fabrix({name, "--helb"});
    EXPECT_EQ(wrong.status.code, 2);
    EXPECT_EQ(wrong.err, "fabrix: unknown option --helb; did you mean --help?\n");
  }
}

TEST(FabrixTest, SaysItsErrorsInJsonToWhoWantsJson) {
  const auto error = [](const io::CommandOutput& run) {
    EXPECT_EQ(run.out, "");
    return testing::parse_json(run.err).at("error");
  };
  const auto unreachable = fabrix({"show", "status", "--json"});
  EXPECT_EQ(unreachable.status.code, 5);
  EXPECT_EQ(error(unreachable).at("code").to_number<int>(), 5);
  EXPECT_EQ(error(unreachable).at("kind").as_string(), "unreachable");
  EXPECT_EQ(fabrix({"show", "status", "json"}).err, unreachable.err);
  EXPECT_EQ(fabrix({"show", "-j", "status"}).err, unreachable.err);

  const auto usage = fabrix({"trace", "--json"});
  EXPECT_EQ(usage.status.code, 2);
  EXPECT_THAT(std::string(error(usage).at("message").as_string()),
              StartsWith("usage: fabrix trace"));
  EXPECT_EQ(error(fabrix({"shw", "--json"})).at("kind").as_string(), "usage");

  const testing::Scratch scratch;
  const auto config = scratch.write("exchange.yaml", "version: 1\nexchnge: {}\n");
  const auto script = scratch.write("script", "");
  const auto bad = fabrix({"simulate", "--json", config, script});
  EXPECT_EQ(bad.status.code, 78);
  EXPECT_EQ(error(bad).at("kind").as_string(), "bad-config");
  EXPECT_FALSE(error(bad).at("diagnostics").as_array().empty());
}

TEST(FabrixTest, NamesWhatWasProbablyMeant) {
  const auto run = fabrix({"simulat3"});
  EXPECT_EQ(run.status.code, 2);
  EXPECT_EQ(run.err,
            "fabrix: nothing is called 'simulat3'; did you mean simulate? (fabrix --help lists the "
            "commands)\n");
  EXPECT_THAT(fabrix({"s"}).err, HasSubstr("usage: fabrix show WHAT")) << "as birdc has it";
}

TEST(FabrixTest, DoesNotCallLostOutputASuccess) {
  const auto run =
      testing::run({"/bin/sh", "-c", std::string(FABRIX_EXE) + " show --help > /dev/full"});
  EXPECT_EQ(run.status.code, 1);
  EXPECT_THAT(run.err, HasSubstr("the output could not be written"));
}

}  // namespace
}  // namespace fabrix::app
