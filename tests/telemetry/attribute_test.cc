#include "telemetry/attribute.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(Attribute, EveryNameIsFoundAndIsThereOnce) {
  const auto names = attribute_names();
  EXPECT_GT(names.size(), 140U);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  for (const auto name : names) EXPECT_TRUE(Attribute::find(name)) << name;
}

TEST(Attribute, OnlyLayersAreNumbered) {
  EXPECT_TRUE(Attribute::find("ipsource.1"));
  EXPECT_TRUE(Attribute::find("tcpsourceport.9"));
  EXPECT_FALSE(Attribute::find("ipsource.0"));
  EXPECT_FALSE(Attribute::find("ipsource.10"));
  EXPECT_FALSE(Attribute::find("ipsource."));
  EXPECT_FALSE(Attribute::find("bgpas.1"));
  EXPECT_FALSE(Attribute::find("ipsrc"));
  EXPECT_FALSE(Attribute::find(""));
}

TEST(Attribute, EveryNameIsInTheManual) {
  std::ifstream file(FABRIX_SOURCE "/docs/cli.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  for (const auto name : attribute_names()) {
    EXPECT_NE(manual.find("`" + std::string(name) + "`"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace fabrix::telemetry
