#include "lab/catalogue.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

namespace fs = std::filesystem;

class CatalogueTest : public testing::LabWorld {
 protected:
  void write(const std::string& path, std::string_view text) const {
    fs::create_directories((run_ / path).parent_path());
    std::ofstream(run_ / path) << text;
  }
};

TEST_F(CatalogueTest, ListsFoldersWithBothFilesAndTheFirstOfANameCounts) {
  write("one/small/exchange.yaml", testing::kExchange);
  write("one/small/lab.yaml", testing::kLab);
  write("one/half/lab.yaml", testing::kLab);
  write("two/small/exchange.yaml", "");
  write("two/small/lab.yaml", "");
  const std::vector<fs::path> folders{run_ / "none", run_ / "one", run_ / "two"};
  const auto labs = list_labs(folders);
  ASSERT_EQ(labs.size(), 1U);
  EXPECT_EQ(labs.front().folder, run_ / "one" / "small");
  EXPECT_EQ(find_lab("small", folders).value(), run_ / "one" / "small");
  EXPECT_EQ(find_lab("smal", folders).error().message,
            "no lab is called 'smal'; did you mean 'small'?");
  const auto definition = read_lab(run_ / "one" / "small");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(definition->routers.size(), 2U);
}

TEST_F(CatalogueTest, MistakesAreShownWithTheirLine) {
  write("bad/exchange.yaml", testing::kExchange);
  write("bad/lab.yaml", "version: 7\nlab: {description: x}\nrouters: {}\n");
  const auto definition = read_lab(run_ / "bad");
  ASSERT_FALSE(definition);
  EXPECT_NE(definition.error().message.find("lab.yaml:1:10"), std::string::npos)
      << definition.error().message;
  EXPECT_FALSE(read_lab(run_ / "none"));
}

TEST_F(CatalogueTest, TheEnvironmentComesFirst) {
  setenv("FABRIX_LABS", "/x:/y", 1);
  const auto folders = catalogue_folders();
  unsetenv("FABRIX_LABS");
  ASSERT_GE(folders.size(), 3U);
  EXPECT_EQ(folders[0], "/x");
  EXPECT_EQ(folders[1], "/y");
  EXPECT_EQ(folders[2], fs::current_path() / "labs");
}

TEST_F(CatalogueTest, TheLabsThatComeWithFabrixAreGood) {
  const fs::path labs = fs::path(FABRIX_SOURCE) / "labs";
  const std::vector<fs::path> folders{labs};
  const auto listed = list_labs(folders);
  EXPECT_GE(listed.size(), 5U);
  for (const Listed& lab : listed) {
    const auto definition = read_lab(lab.folder);
    EXPECT_TRUE(definition) << definition.error().message;
  }
}

}  // namespace
}  // namespace fabrix::lab
