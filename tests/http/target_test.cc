#include "http/target.h"

#include <random>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace fabrix::http {
namespace {

std::vector<std::string> segments_of(const std::string& text) {
  const auto target = parse_target(text);
  EXPECT_TRUE(target) << text;
  return target ? target->segments : std::vector<std::string>{};
}

TEST(Target, SplitsThePathAtSlashes) {
  EXPECT_EQ(segments_of("/"), std::vector<std::string>{});
  EXPECT_EQ(segments_of("/status"), std::vector<std::string>{"status"});
  EXPECT_EQ(segments_of("/a/b/c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(segments_of("/a/b/"), (std::vector<std::string>{"a", "b"}));
}

TEST(Target, Rfc3986_2_4_DecodesAfterSplitting) {
  EXPECT_EQ(segments_of("/prefix/192.0.2.0%2F24"),
            (std::vector<std::string>{"prefix", "192.0.2.0/24"}));
  EXPECT_EQ(segments_of("/100%25"), std::vector<std::string>{"100%"});
  EXPECT_EQ(segments_of("/a+b%2b"), std::vector<std::string>{"a+b+"});
  EXPECT_EQ(segments_of("/%c3%A9"), std::vector<std::string>{"\xc3\xa9"});
}

TEST(Target, ReadsParametersInTheirOrder) {
  const auto target = parse_target("/x?limit=10&q=a+b%26c&flag&=nameless&&q=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->parameters,
            (std::vector<Parameter>{
                {"limit", "10"}, {"q", "a b&c"}, {"flag", ""}, {"", "nameless"}, {"q", "2"}}));
  EXPECT_EQ(target->parameter("q"), "a b&c");
  EXPECT_EQ(target->parameter("flag"), "");
  EXPECT_EQ(target->parameter("other"), std::nullopt);
}

TEST(Target, KeepsEqualSignsOfAValue) {
  EXPECT_EQ(parse_target("/?a=b=c")->parameters, (std::vector<Parameter>{{"a", "b=c"}}));
}

// As Alice-LG asks when its `api` ends with a slash.
TEST(Target, TakesSeveralSlashesForOne) {
  EXPECT_EQ(*parse_target("//ipv4//status/"), *parse_target("/ipv4/status"));
  EXPECT_EQ(segments_of("//"), std::vector<std::string>{});
}

TEST(Target, Rfc9112_3_2_2_TakesTheAbsoluteForm) {
  EXPECT_EQ(*parse_target("http://rs1.example:29184/status?a=1"), *parse_target("/status?a=1"));
  EXPECT_EQ(segments_of("https://rs1.example"), std::vector<std::string>{});
}

TEST(Target, RefusesWhatIsNoPath) {
  struct Case {
    std::string text;
    TargetError error;
  };
  const std::vector<Case> cases{
      {"", TargetError::kNotAPath},
      {"*", TargetError::kNotAPath},
      {"status", TargetError::kNotAPath},
      {"rs1.example:443", TargetError::kNotAPath},
      {"?a=b", TargetError::kNotAPath},
      {"/a b", TargetError::kBadOctet},
      {"/a#b", TargetError::kBadOctet},
      {"/\xc3\xa9", TargetError::kBadOctet},
      {std::string("/\0", 2), TargetError::kBadOctet},
      {"/%", TargetError::kBadEscape},
      {"/%4", TargetError::kBadEscape},
      {"/%4g", TargetError::kBadEscape},
      {"/%!4", TargetError::kBadEscape},
      {"/%:4", TargetError::kBadEscape},
      {"/%4G", TargetError::kBadEscape},
      {"/?%41=%4", TargetError::kBadEscape},
      {"/%00", TargetError::kBadEscape},
      {"/%0a", TargetError::kBadEscape},
      {"/?x=%7F", TargetError::kBadEscape},
      {"/?%zz=x", TargetError::kBadEscape},
      {"/..", TargetError::kBadSegment},
      {"/a/%2e%2E/b", TargetError::kBadSegment},
      {"/./a", TargetError::kBadSegment},
      {"//..", TargetError::kBadSegment},
      {"/" + std::string(kMaxTarget, 'a'), TargetError::kTooLong},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text.substr(0, 40));
    const auto target = parse_target(c.text);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error(), c.error) << describe(target.error());
  }
}

TEST(Target, EveryErrorHasATextOfItsOwn) {
  std::set<std::string_view> texts;
  for (int error = 0; error <= static_cast<int>(TargetError::kTooManyParameters); ++error) {
    texts.insert(describe(static_cast<TargetError>(error)));
  }
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(TargetError::kTooManyParameters) + 1);
}

TEST(Target, BoundsItsParts) {
  std::string path;
  for (std::size_t i = 0; i < kMaxSegments; ++i) path += "/s";
  EXPECT_EQ(segments_of(path).size(), kMaxSegments);
  EXPECT_EQ(parse_target(path + "/s").error(), TargetError::kTooManySegments);
  std::string query = "/?";
  for (std::size_t i = 0; i < kMaxParameters; ++i) query += "p&";
  EXPECT_EQ(parse_target(query)->parameters.size(), kMaxParameters);
  EXPECT_EQ(parse_target(query + "p").error(), TargetError::kTooManyParameters);
}

TEST(Target, ReadsBackWhatIsEncoded) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<int> octets(0x20, 0xff);
  for (int i = 0; i < 2000; ++i) {
    std::string text = "x";
    for (auto n = random() % 20; n > 0; --n) {
      const int octet = octets(random);
      if (octet != 0x7f) text.push_back(static_cast<char>(octet));
    }
    const auto target = parse_target("/" + percent_encode(text) + "?" + percent_encode(text) + "=" +
                                     percent_encode(text));
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(target->segments, std::vector<std::string>{text});
    EXPECT_EQ(target->parameters, (std::vector<Parameter>{{text, text}}));
  }
}

}  // namespace
}  // namespace fabrix::http
