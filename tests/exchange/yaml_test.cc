#include "exchange/yaml.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

using Kind = YamlNode::Kind;

YamlNode parse(std::string_view text) {
  auto node = parse_yaml(text, "x.yaml");
  EXPECT_TRUE(node) << render(node.error(), text);
  return node.value_or(YamlNode{});
}

SourceSpan span(std::uint32_t line, std::uint32_t column, std::uint32_t length) {
  return {.line = line, .column = column, .length = length};
}

TEST(YamlTest, KeepsOrderKindsAndQuotes) {
  const YamlNode root = parse("b: [1, '2', \"three\"]\na: {x: }\nc: ~\n");
  ASSERT_EQ(root.kind, Kind::kMap);
  ASSERT_EQ(root.entries.size(), 3U);
  EXPECT_EQ(root.entries[0].key, "b");
  const auto& items = root.find("b")->items;
  ASSERT_EQ(items.size(), 3U);
  EXPECT_FALSE(items[0].quoted);
  EXPECT_TRUE(items[1].quoted);
  EXPECT_EQ(items[2].scalar, "three");
  EXPECT_EQ(root.find("a")->find("x")->kind, Kind::kNull);
  EXPECT_EQ(root.find("c")->kind, Kind::kNull);
  EXPECT_EQ(root.find("d"), nullptr);
}

TEST(YamlTest, KnowsWhereEverythingIs) {
  const YamlNode root =
      parse("# comment\nkey: value\nlist:\n  - 'it'\n  - {a: b}\nempty:\nlast: 1\n");
  EXPECT_EQ(root.entries[0].key_at, span(2, 1, 3));
  EXPECT_EQ(root.entries[0].value.at, span(2, 6, 5));
  const YamlNode& list = root.entries[1].value;
  EXPECT_EQ(list.at.line, 4U);
  EXPECT_EQ(list.items[0].at, span(4, 5, 4));
  EXPECT_EQ(list.items[1].at, span(5, 5, 1));
  EXPECT_EQ(list.items[1].entries[0].value.at, span(5, 9, 1));
  EXPECT_EQ(root.entries[2].value.at, span(6, 1, 5)) << "nothing is where its key is";
}

TEST(YamlTest, ColumnsCountOctets) {
  EXPECT_EQ(parse("{ö: x}").entries[0].value.at, span(1, 6, 1));
}

TEST(YamlTest, QuotedTextSpansItsQuotesAndEscapes) {
  const YamlNode list = parse(R"(['it''s', "a\"b", ""])");
  EXPECT_EQ(list.items[0].scalar, "it's");
  EXPECT_EQ(list.items[0].at, span(1, 2, 7));
  EXPECT_EQ(list.items[1].scalar, "a\"b");
  EXPECT_EQ(list.items[1].at, span(1, 11, 6));
  EXPECT_EQ(list.items[2].at, span(1, 19, 2));
}

TEST(YamlTest, AnEmptyTextIsNothing) {
  EXPECT_EQ(parse("").kind, Kind::kNull);
  EXPECT_EQ(parse("# only a comment\n").kind, Kind::kNull);
}

TEST(YamlTest, RefusesWhatReadersOfAFileWouldMiss) {
  const struct {
    std::string_view text;
    std::string_view code;
    std::uint32_t line;
    std::uint32_t column;
  } cases[] = {
      {"a: 1\nb: 2\na: 3\n", "C0102", 3, 1},
      {"x: {a: 1, 'a': 3}\n", "C0102", 1, 11},
      {"a: &name 1\n", "C0103", 1, 4},
      {"a: !!str 1\n", "C0103", 1, 4},
      {"a: !mine [1]\n", "C0103", 1, 4},
      {"<<: {b: 1}\n", "C0103", 1, 1},
      {"? [a]\n: b\n", "C0103", 1, 3},
      {"a: 1\n---\nb: 1\n", "C0103", 1, 1},
      {"a: [1\nb: 2\n", "C0101", 2, 2},
      {"a: \"x\nb: 1\n", "C0101", 1, 4},
      {"\ta: 1\n", "C0101", 1, 3},
      {"a: *unknown\n", "C0101", 1, 4},
      {std::string_view("a: \0", 4), "C0105", 1, 1},
      {"\xff\xfe"
       "a",
       "C0105", 1, 1},
  };
  for (const auto& [text, code, line, column] : cases) {
    SCOPED_TRACE(text);
    const auto node = parse_yaml(text, "x.yaml");
    if (node) {
      ADD_FAILURE() << "accepted";
      continue;
    }
    EXPECT_EQ(node.error().front().code, code) << render(node.error(), text);
    EXPECT_EQ(node.error().front().at.line, line) << render(node.error(), text);
    EXPECT_EQ(node.error().front().at.column, column) << render(node.error(), text);
  }
}

TEST(YamlTest, SixtyFourLevelsAreEnough) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_yaml(nested(64), "x.yaml"));
  const auto deeper = parse_yaml(nested(65), "x.yaml");
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().front().code, "C0104");
  EXPECT_FALSE(parse_yaml(nested(100'000), "x.yaml"));
}

}  // namespace
}  // namespace fabrix::exchange
