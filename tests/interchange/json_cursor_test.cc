#include "interchange/json_cursor.h"

#include <gtest/gtest.h>

#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

class JsonCursorTest : public ::testing::Test {
 protected:
  JsonCursor open(std::string_view text) {
    document_ = parse_json(text, "a.json").value();
    return {document_, "a.json", remarks_};
  }

  boost::json::value document_;
  Remarks remarks_;
};

TEST_F(JsonCursorTest, SaysWhereTextIsNoJson) {
  const auto document = parse_json("{\n  \"a\": 1,\n  x\n}", "a.json");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().where, "3:3");
  EXPECT_EQ(parse_json("", "a.json").error().where, "1:1");
}

TEST_F(JsonCursorTest, KnowsItsPath) {
  const JsonCursor root = open(R"({"a": [{"b": 1}, {"b": "x"}]})");
  const auto items = root["a"].items();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0]["b"].number(5), 1U);
  EXPECT_EQ(items[1]["b"].number(5), std::nullopt);
  EXPECT_EQ(all_of(remarks_), "a.json:a[1].b: this is no whole number up to 5\n");
}

TEST_F(JsonCursorTest, NowhereIsNothingAndNoMistake) {
  const JsonCursor root = open(R"({"a": null})");
  EXPECT_FALSE(root["a"].is_somewhere());
  EXPECT_FALSE(root["b"]["c"].is_somewhere());
  EXPECT_EQ(root["b"].text(), std::nullopt);
  EXPECT_TRUE(root["b"].items().empty());
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(JsonCursorTest, IsLenientAboutHowValuesAreWritten) {
  const JsonCursor root = open(R"({"n": "65001", "f": 1, "a": "192.0.2.1/24", "l": "x"})");
  EXPECT_EQ(root["n"].asn(), net::Asn{65001});
  EXPECT_EQ(root["f"].flag(), true);
  EXPECT_EQ(root["a"].address()->to_string(), "192.0.2.1");
  EXPECT_EQ(root["l"].items().size(), 1U);
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(JsonCursorTest, RemarksOnWhatItCannotRead) {
  const JsonCursor root = open(R"({"t": 1, "n": -1, "f": "yes", "a": "host", "m": 4294967296})");
  EXPECT_EQ(root["t"].text(), std::nullopt);
  EXPECT_EQ(root["n"].number(9), std::nullopt);
  EXPECT_EQ(root["f"].flag(), std::nullopt);
  EXPECT_EQ(root["a"].address(), std::nullopt);
  EXPECT_EQ(root["m"].asn(), std::nullopt);
  EXPECT_EQ(remarks_.size(), 5U);
}

}  // namespace
}  // namespace fabrix::interchange
