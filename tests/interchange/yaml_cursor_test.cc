#include "interchange/yaml_cursor.h"

#include <gtest/gtest.h>

#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

class YamlCursorTest : public ::testing::Test {
 protected:
  YamlCursor open(std::string_view text) {
    document_ = exchange::parse_yaml(text, "a.yml").value();
    return {document_, "a.yml", remarks_};
  }

  exchange::YamlNode document_;
  Remarks remarks_;
};

TEST_F(YamlCursorTest, ReadsWhatPythonReads) {
  const YamlCursor root = open("a: True\nb: no\nc: 7\nd: '8'\ne: ~\nf: text\ng: [1, 2]\n");
  EXPECT_EQ(root["a"].flag(), true);
  EXPECT_EQ(root["b"].flag(), false);
  EXPECT_EQ(root["c"].number(9), 7U);
  EXPECT_EQ(root["d"].number(9), 8U);
  EXPECT_FALSE(root["e"].is_somewhere());
  EXPECT_EQ(root["f"].text(), "text");
  EXPECT_EQ(root["g"].items().size(), 2U);
  EXPECT_EQ(root["f"].items().size(), 1U);
  EXPECT_TRUE(root["h"]["i"].items().empty());
  EXPECT_EQ(root["h"].number(9), std::nullopt);
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(YamlCursorTest, RemarksHaveLinesAndColumns) {
  const YamlCursor root = open("a: 10\nb: [1]\n");
  EXPECT_EQ(root["a"].number(9), std::nullopt);
  EXPECT_EQ(root["b"].text(), std::nullopt);
  EXPECT_EQ(root["a"].flag(), std::nullopt);
  EXPECT_EQ(all_of(remarks_),
            "a.yml:1:4: this is no whole number up to 9\n"
            "a.yml:2:4: this is no text\n"
            "a.yml:1:4: this is neither true nor false\n");
}

TEST_F(YamlCursorTest, RemarksOnKeysThatNobodyKnows) {
  open("a: 1\nb: 2\nc: False\nd:\n").others_have_no_counterpart({"a"});
  EXPECT_EQ(all_of(remarks_), "a.yml:2:1: 'b' has no counterpart\n")
      << "what is off or empty is not missed";
}

}  // namespace
}  // namespace fabrix::interchange
