#include "net/as_path.h"

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

constexpr auto kSet = AsPathSegment::Kind::kSet;

AsPath sequence(std::initializer_list<std::uint32_t> numbers) {
  AsPath path;
  path.segments.emplace_back();
  for (const std::uint32_t number : numbers) path.segments.back().asns.push_back({number});
  return path;
}

TEST(AsPathTest, PathsKnowTheirEnds) {
  AsPath path = sequence({1, 2, 3});
  EXPECT_EQ(path.first(), Asn{1});
  EXPECT_EQ(path.origin(), Asn{3});
  path.segments.push_back({kSet, {Asn{4}, Asn{5}}});
  EXPECT_EQ(path.origin(), std::nullopt);
  EXPECT_EQ(path.length(), 4U);
  EXPECT_TRUE(path.contains(Asn{5}));
  EXPECT_FALSE(path.contains(Asn{6}));
  EXPECT_EQ(path.to_string(), "1 2 3 {4 5}");
}

TEST(AsPathTest, AnEmptyPathHasNoEnds) {
  const AsPath path;
  EXPECT_EQ(path.first(), std::nullopt);
  EXPECT_EQ(path.origin(), std::nullopt);
  EXPECT_EQ(path.length(), 0U);
  EXPECT_EQ(path.to_string(), "");
}

TEST(AsPathTest, PrependsAcrossSegments) {
  AsPath path = sequence({2});
  path.prepend(Asn{1}, 2);
  EXPECT_EQ(path, sequence({1, 1, 2}));
  path.prepend(Asn{9}, 600);
  EXPECT_EQ(path.length(), 603U);
  for (const AsPathSegment& segment : path.segments) EXPECT_LE(segment.asns.size(), 255U);

  AsPath after_set;
  after_set.segments.push_back({kSet, {Asn{4}}});
  after_set.prepend(Asn{1}, 1);
  EXPECT_EQ(after_set.to_string(), "1 {4}");
}

}  // namespace
}  // namespace fabrix::net
