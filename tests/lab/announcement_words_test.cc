#include "lab/announcement_words.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::lab {
namespace {

using Words = std::vector<std::string>;

constexpr net::Asn kAsn{300};

std::string error_of(const Words& words) {
  const auto parsed = parse_announcement(words, kAsn);
  return parsed ? "" : parsed.error().message;
}

TEST(AnnouncementWordsTest, AnnounceWithTheMembersOwnAsUnlessToldOtherwise) {
  const auto parsed = parse_announcement(Words{"140.0.0.0/24", "2001:db8::/32"}, kAsn);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->prefixes, (std::vector{*net::Prefix::parse("140.0.0.0/24"),
                                           *net::Prefix::parse("2001:db8::/32")}));
  EXPECT_EQ(parsed->attributes.as_path.to_string(), "300");
  EXPECT_EQ(parsed->attributes.med, std::nullopt);
  EXPECT_TRUE(parsed->attributes.communities.empty());
}

TEST(AnnouncementWordsTest, TakeAttributesAmongThePrefixes) {
  const auto parsed =
      parse_announcement(Words{"med", "4294967295", "140.0.0.0/24", "as-path", "300  1 4200000000",
                               "community", "65535:666", "community", "65000:0:100"},
                         kAsn);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->prefixes.size(), 1U);
  EXPECT_EQ(parsed->attributes.as_path.to_string(), "300 1 4200000000");
  EXPECT_EQ(parsed->attributes.med, 4294967295U);
  EXPECT_EQ(parsed->attributes.communities, (std::vector{bgp::community(65535, 666)}));
  EXPECT_EQ(parsed->attributes.large_communities,
            (std::vector<bgp::LargeCommunity>{{65000, 0, 100}}));
}

TEST(AnnouncementWordsTest, SayWhatIsWrong) {
  EXPECT_EQ(error_of({}), "announce needs a prefix");
  EXPECT_EQ(error_of({"med", "1"}), "announce needs a prefix");
  EXPECT_EQ(error_of({"140.0.0.0/24", "med"}), "med needs a value");
  EXPECT_EQ(error_of({"140.0.0.0/24", "med", "-1"}), "'-1' is not a MED");
  EXPECT_EQ(error_of({"140.0.0.0/24", "med", "4294967296"}), "'4294967296' is not a MED");
  EXPECT_EQ(error_of({"140.0.0.0/24", "as-path", "300 0"}), "'0' is not an AS number");
  EXPECT_EQ(error_of({"140.0.0.0/24", "as-path", ""}),
            "as-path takes 1 to 255 AS numbers, in quotes: as-path \"300 1\"");
  for (const std::string text : {"", "1", "1:", ":1", "1:70000", "70000:1", "1:2:3:4", "1:2:x"}) {
    EXPECT_EQ(error_of({"140.0.0.0/24", "community", text}),
              "'" + text + "' is not a community (X:Y or X:Y:Z)");
  }
  EXPECT_NE(error_of({"nonsense"}), "");
}

TEST(SplitWordsTest, SplitsAtWhiteSpaceButNotInQuotes) {
  EXPECT_EQ(*split_words("  announce\tb1  10.0.0.0/8 as-path \"200 1\"\r"),
            (Words{"announce", "b1", "10.0.0.0/8", "as-path", "200 1"}));
  EXPECT_EQ(*split_words("a \"\" b"), (Words{"a", "", "b"}));
  EXPECT_EQ(*split_words("a\"b c\"d"), (Words{"ab cd"}));
  EXPECT_TRUE(split_words("")->empty());
  EXPECT_TRUE(split_words(" \t\r")->empty());
}

TEST(SplitWordsTest, EndsAtACommentUnlessQuoted) {
  EXPECT_EQ(*split_words("a # b \" c"), (Words{"a"}));
  EXPECT_EQ(*split_words("\"a # b\" c"), (Words{"a # b", "c"}));
  EXPECT_TRUE(split_words("# all of it")->empty());
}

TEST(SplitWordsTest, RefusesAnOpenQuote) {
  EXPECT_EQ(split_words("a \"b").error().message, "a quote is not closed");
}

}  // namespace
}  // namespace fabrix::lab
