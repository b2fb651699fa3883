#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::source_file;

// Real runs are ctest's lab.run.*; here is what needs no network.
class LabCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("FABRIX_LABS", source_file("labs").c_str(), 1);
    setenv("FABRIX_RUN", "/nowhere/fabrix", 1);
  }
  void TearDown() override {
    unsetenv("FABRIX_LABS");
    unsetenv("FABRIX_RUN");
  }
};

TEST_F(LabCommandTest, ListsLabsWithTheirDescriptions) {
  const auto run = fabrix({"lab", "list"});
  EXPECT_EQ(run.status.code, 0);
  for (const char* name :
       {"walkthrough", "assignment", "dual-stack", "ipv6-lan", "middlebox", "mixed", "scenarios"}) {
    EXPECT_THAT(run.out, HasSubstr(name));
  }
  EXPECT_THAT(run.out, HasSubstr("the walkthrough over IPv4 and IPv6"));
}

TEST_F(LabCommandTest, SaysHowItIsUsed) {
  EXPECT_THAT(fabrix({"lab", "--help"}).out, HasSubstr("usage: fabrix lab list"));
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"lab"}, {"lab", "run"}, {"lab", "run", "../x"}, {"lab", "run", "a", "b"}}) {
    const auto run = fabrix(words);
    EXPECT_EQ(run.status.code, 2);
    EXPECT_THAT(run.err, HasSubstr("usage: fabrix lab list"));
  }
  EXPECT_THAT(fabrix({"lab", "rnu", "walkthrough"}).err, HasSubstr("did you mean run?"));
}

TEST_F(LabCommandTest, NamesTheLabThatWasProbablyMeant) {
  const auto run = fabrix({"lab", "run", "walkthruogh"});
  EXPECT_EQ(run.status.code, 3);
  EXPECT_THAT(run.err, HasSubstr("did you mean 'walkthrough'?"));
}

TEST_F(LabCommandTest, WhatIsNotRunningCannotBeAsked) {
  for (const char* verb : {"check", "shell", "logs"}) {
    const auto run = fabrix({"lab", verb, "walkthrough"});
    EXPECT_EQ(run.status.code, 3) << verb;
    EXPECT_THAT(run.err, HasSubstr("lab walkthrough is not running")) << verb;
  }
  EXPECT_EQ(fabrix({"lab", "exec", "no-such-lab", "a1", "true"}).status.code, 3);
}

TEST_F(LabCommandTest, MistakesInADefinitionEndItBeforeAnythingStarts) {
  std::string pattern = std::filesystem::temp_directory_path() / "fxlab.XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path folder = std::filesystem::path(pattern) / "bad";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(source_file("labs/walkthrough/exchange.yaml"),
                             folder / "exchange.yaml");
  std::ofstream(folder / "lab.yaml") << "version: 1\nlab: {description: x}\nrouters: {z9: {}}\n";
  setenv("FABRIX_LABS", pattern.c_str(), 1);
  const auto run = fabrix({"lab", "run", "bad"});
  EXPECT_EQ(run.status.code, 78);
  EXPECT_THAT(run.err, HasSubstr("lab.yaml:3:11"));
  EXPECT_THAT(run.err, HasSubstr("unknown key 'z9'"));
  std::filesystem::remove_all(pattern);
}

TEST_F(LabCommandTest, RefusesAFabricThatThereIsNot) {
  const auto run = fabrix({"lab", "run", "walkthrough", "--fabric", "ovs"});
  EXPECT_EQ(run.status.code, 2);
  EXPECT_THAT(run.err, HasSubstr("no fabric is called 'ovs': write linux or openflow"));
}

TEST_F(LabCommandTest, RefusesAnotherFabricThanALabIsAbout) {
  const auto run = fabrix({"lab", "run", "leaf-spine", "--fabric", "linux"});
  EXPECT_EQ(run.status.code, 2);
  EXPECT_THAT(run.err, HasSubstr("what this lab expects is about openflow"));
}

TEST_F(LabCommandTest, InternalCommandsAreNotForPeople) {
  EXPECT_EQ(fabrix({"internal"}).status.code, 2);
  EXPECT_EQ(fabrix({"internal", "nothing"}).status.code, 2);
}

}  // namespace
}  // namespace fabrix::app
