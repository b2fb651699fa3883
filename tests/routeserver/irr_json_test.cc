#include "routeserver/irr_json.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

// As bgpq4 1.9 prints it, with its escaped slashes.
constexpr std::string_view kPrefixes = R"({ "NN": [
    { "prefix": "192.31.196.0\/24", "exact": true },
    { "prefix": "198.51.100.0\/22", "exact": false, "less-equal": 24 },
    { "prefix": "2001:db8::\/32", "exact": false,
      "greater-equal": 40, "less-equal": 48 }
] }
)";

PrefixRange range(std::string_view text, std::uint8_t least, std::uint8_t most) {
  return {.prefix = prefix(text), .least = least, .most = most};
}

TEST(IrrJsonTest, ReadsThePrefixesThatBgpq4Writes) {
  const auto prefixes = parse_irr_prefixes(kPrefixes, "AS-A.json");
  ASSERT_TRUE(prefixes) << prefixes.error().message;
  EXPECT_EQ(*prefixes,
            (std::vector{range("192.31.196.0/24", 24, 24), range("198.51.100.0/22", 22, 24),
                         range("2001:db8::/32", 40, 48)}));
}

TEST(IrrJsonTest, ReadsTheAsNumbersThatBgpq4Writes) {
  const auto origins =
      parse_irr_origins("{\"NN\": [\n  112,64500\n  ,4294967295\n]}\n", "AS-A.json");
  ASSERT_TRUE(origins) << origins.error().message;
  EXPECT_EQ(*origins, (std::vector<net::Asn>{{112}, {64500}, {4294967295}}));
}

TEST(IrrJsonTest, AnAsSetWithoutContentIsNoMistake) {
  EXPECT_EQ(parse_irr_prefixes("{ \"NN\": [\n] }\n", "x")->size(), 0U);
  EXPECT_EQ(parse_irr_origins("{\"NN\": [\n]}\n", "x")->size(), 0U);
}

TEST(IrrJsonTest, PutsTogetherWhatOneFileHolds) {
  const auto prefixes = parse_irr_prefixes(
      "{\"V4\": [{\"prefix\": \"10.0.0.0/8\", \"exact\": true}],\n"
      " \"EXTRA\": [{\"prefix\": \"11.0.0.0/8\", \"exact\": true}]}\n"
      R"({"V6": [{"prefix": "2001:db8::/32", "exact": true, "source": "RIPE"}]})",
      "x");
  ASSERT_TRUE(prefixes) << prefixes.error().message;
  EXPECT_EQ(prefixes->size(), 3U);
}

TEST(IrrJsonTest, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    const char* message;
    std::uint32_t line;
  } cases[] = {
      {"", "the text is empty", 1},
      {"\n \n", "the text is empty", 1},
      {"[1]", "expected an object", 1},
      {"7", "expected an object", 1},
      {R"({"NN": 7})", "expected a list, found a number", 1},
      {R"({"NN": {}})", "expected a list, found an object", 1},
      {"{\"NN\": [\n7]}", R"(expected an object {"prefix": ...}, found a number)", 2},
      {"{\"NN\": [\n[]]}", R"(expected an object {"prefix": ...}, found a list)", 2},
      {"{\"NN\": [\n\n{\"exact\": true}]}", "the entry has no prefix", 3},
      {R"({"NN": [{"prefix": 7}]})", "expected a prefix in quotes, found a number", 1},
      {"{\"NN\": [\n{\"prefix\": \"10.0.0.1/8\"}]}", "'10.0.0.1/8' is no prefix: address has bits",
       2},
      {R"({"NN": [{"prefix": "::/0", "exact": 1}]})", "expected true or false", 1},
      {R"({"NN": [{"prefix": "::/0", "less-equal": "1"}]})", "expected a prefix length", 1},
      {R"({"NN": [{"prefix": "::/0", "exact": true, "less-equal": 1}]})",
       "an exact prefix has no bounds", 1},
      {R"({"NN": [{"prefix": "10.0.0.0/8", "exact": false, "less-equal": 33}]})",
       "no prefix in 10.0.0.0/8 has 8 to 33 bits", 1},
      {R"({"NN": [{"prefix": "10.0.0.0/8", "exact": false, "greater-equal": 7}]})",
       "has 7 to 32 bits", 1},
      {R"({"NN": [{"prefix": "10.0.0.0/8", "exact": false, "less-equal": -1}]})",
       "the number is negative", 1},
      {R"({"NN": [{"prefix": "10.0.0.0/8", "x": [1]}]})", "found a list", 1},
      {"{\"NN\": [\n{\"prefix\":", "not JSON", 2},
      {"{\"NN\": []}\n}", "not JSON", 2},
  };
  for (const auto& [text, message, line] : cases) {
    SCOPED_TRACE(text);
    const auto prefixes = parse_irr_prefixes(text, "AS-A.json");
    ASSERT_FALSE(prefixes);
    EXPECT_NE(prefixes.error().message.find(message), std::string::npos)
        << prefixes.error().message;
    EXPECT_EQ(prefixes.error().at.line, line);
    EXPECT_EQ(prefixes.error().file, "AS-A.json");
    EXPECT_EQ(prefixes.error().code, "C0201");
  }
}

TEST(IrrJsonTest, RefusesWhatIsNoAsNumber) {
  for (const char* text : {R"({"NN": [-1]})", R"({"NN": [4294967296]})", R"({"NN": [1.5]})",
                           R"({"NN": ["AS1"]})", R"({"NN": [null]})", R"({"NN": [true]})",
                           R"({"NN": [18446744073709551616]})", R"({"NN": [{}]})"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_irr_origins(text, "x"));
  }
}

TEST(IrrJsonTest, EveryTruncationIsAMistake) {
  const std::string_view text = kPrefixes.substr(0, kPrefixes.rfind('}') + 1);
  for (std::size_t size = 0; size < text.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_FALSE(parse_irr_prefixes(text.substr(0, size), "x"));
  }
}

TEST(IrrJsonTest, RefusesMoreThanItsBound) {
  std::string text = R"({"NN": [1)";
  for (std::size_t i = 0; i < kMaxIrrItems; ++i) text += ",1";
  text += "]}";
  EXPECT_FALSE(parse_irr_origins(text, "x"));
}

}  // namespace
}  // namespace fabrix::routeserver
