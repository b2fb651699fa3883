#include "exchange/yaml_reader.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

const std::vector<std::string> kKeys{"name", "asn"};

YamlNode parse(std::string_view text) {
  return parse_yaml(text, "x").value();
}

TEST(YamlReaderTest, SaysWhatWasExpectedAndWhatWasFound) {
  const struct {
    std::string_view text;
    std::string_view message;
  } cases[] = {
      {"[1]", "expected a whole number from 1 to 9, found a list"},
      {"{a: 1}", "expected a whole number from 1 to 9, found a map"},
      {"", "expected a whole number from 1 to 9, found nothing"},
      {"five", "expected a whole number from 1 to 9, found 'five'"},
      {"'5'", "expected a whole number from 1 to 9, found the text '5'"},
      {"10", "'10' is not from 1 to 9"},
  };
  for (const auto& [text, message] : cases) {
    YamlReader reader("x");
    EXPECT_EQ(reader.number(parse(text), {.least = 1, .most = 9}), std::nullopt);
    EXPECT_EQ(reader.take_errors().front().message, message);
  }
}

TEST(YamlReaderTest, UnknownKeysAreEachReported) {
  YamlReader reader("x");
  EXPECT_TRUE(reader.expect_map(parse("nane: 1\nasn: 2\nzebra: 3\n"), kKeys));
  const auto errors = reader.take_errors();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].help, "did you mean 'name'?");
  EXPECT_EQ(errors[1].help, "known keys are name, asn");
}

TEST(YamlReaderTest, ErrorsComeInTheOrderOfTheText) {
  YamlReader reader("x");
  reader.error({.line = 2, .column = 1, .length = 1}, "C0", "later");
  reader.error({.line = 1, .column = 9, .length = 1}, "C0", "earlier");
  EXPECT_TRUE(reader.has_errors());
  const auto errors = reader.take_errors();
  EXPECT_EQ(errors[0].message, "earlier");
  EXPECT_FALSE(reader.has_errors());
}

TEST(YamlReaderTest, LongTextIsShortenedInMessages) {
  EXPECT_EQ(quote("abc"), "'abc'");
  EXPECT_EQ(quote(std::string(50, 'x')), "'" + std::string(40, 'x') + "...'");
}

TEST(YamlReaderTest, FlagsAreTrueOrFalseAndNothingElse) {
  YamlReader reader("x");
  EXPECT_EQ(reader.flag(parse("true")), true);
  EXPECT_EQ(reader.flag(parse("false")), false);
  for (const std::string_view bad : {"yes", "True", "1", "'true'", "[]"}) {
    EXPECT_EQ(reader.flag(parse(bad)), std::nullopt) << bad;
    EXPECT_EQ(reader.take_errors().at(0).code, "C0112") << bad;
  }
}

TEST(YamlReaderTest, WordsAreThoseThatAreKnown) {
  YamlReader reader("x");
  const std::vector<std::string> known{"warn", "block"};
  EXPECT_EQ(reader.word(parse("block"), known), 1U);
  EXPECT_EQ(reader.word(parse("blok"), known), std::nullopt);
  const auto errors = reader.take_errors();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].message, "'blok' is none of warn, block");
  EXPECT_EQ(errors[0].help, "did you mean 'block'?");
}

TEST(YamlReaderTest, ALimitMayBeNone) {
  YamlReader reader("x");
  const auto read = limit<int>({.least = 1, .most = 5});
  EXPECT_FALSE(read(reader, parse("none")).value().given);
  EXPECT_EQ(read(reader, parse("5")).value().value, 5);
  EXPECT_FALSE(read(reader, parse("6")));
  EXPECT_TRUE(reader.has_errors());
}

TEST(YamlReaderTest, OneValueIsAListOfOne) {
  YamlReader reader("x");
  EXPECT_EQ(reader.list(parse("a"), "a list")->size(), 1U);
  EXPECT_EQ(reader.list(parse("[]"), "a list")->size(), 0U);
  EXPECT_EQ(reader.list(parse("{}"), "a list"), std::nullopt);
}

}  // namespace
}  // namespace fabrix::exchange
