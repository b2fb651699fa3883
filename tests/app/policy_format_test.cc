#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PolicyFormatTest : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  std::string rough_ = scratch_.write("rough.policy", "outbound=match( dstport = 80 )>>fwd(B)\n");
  std::string good_ = scratch_.write("good.policy", "outbound = match(dstport=80) >> fwd(B)\n");
  std::string bad_ = scratch_.write("bad.policy", "outbound=(match(dstport=80)\n");
};

TEST_F(PolicyFormatTest, LaysFilesOutInPlaceAndSaysWhich) {
  const auto run = fabrix({"policy", "fmt", rough_, good_});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out, rough_ + ": laid out\n");
  EXPECT_EQ(content(rough_), content(good_));
  EXPECT_EQ(fabrix({"policy", "fmt", rough_}).out, "");
}

TEST_F(PolicyFormatTest, ALinkStaysALink) {
  const std::string link = scratch_ / "link.policy";
  std::filesystem::create_symlink(rough_, link);
  EXPECT_EQ(fabrix({"policy", "fmt", link}).status.code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(content(rough_), content(good_));
}

TEST_F(PolicyFormatTest, CheckChangesNothing) {
  const auto run = fabrix({"policy", "fmt", "--check", rough_, good_});
  EXPECT_EQ(run.status.code, 1);
  EXPECT_EQ(run.out, rough_ + ": not in canonical layout\n");
  EXPECT_EQ(content(rough_), "outbound=match( dstport = 80 )>>fwd(B)\n");
  EXPECT_EQ(fabrix({"policy", "fmt", "--check", good_}).status.code, 0);
}

TEST_F(PolicyFormatTest, AFileWithErrorsStaysAsItIs) {
  const auto run = fabrix({"policy", "fmt", bad_, rough_});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.err, HasSubstr("error[P0102]"));
  EXPECT_EQ(content(bad_), "outbound=(match(dstport=80)\n");
  EXPECT_EQ(content(rough_), content(good_));
  EXPECT_EQ(fabrix({"policy", "fmt", scratch_ / "none"}).status.code, 3);
  EXPECT_EQ(fabrix({"policy", "fmt"}).status.code, 2);
}

TEST_F(PolicyFormatTest, ThePoliciesThatComeWithFabrixAreInCanonicalLayout) {
  std::vector<std::string> words{"policy", "fmt", "--check"};
  for (const std::string folder : {"examples", "labs"}) {
    const auto root = testing::source_file(folder);
    for (const auto& each : std::filesystem::recursive_directory_iterator(root)) {
      if (each.path().extension() == ".policy") words.push_back(each.path());
    }
  }
  EXPECT_GT(words.size(), 15U);
  const auto run = fabrix(words);
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
}

}  // namespace
}  // namespace fabrix::app
