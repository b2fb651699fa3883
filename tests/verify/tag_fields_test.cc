#include "verify/tag_fields.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

net::MacAddress random_tag(std::mt19937& random) {
  return program::encode({.kind = program::TagKind::kInline,
                          .reach = static_cast<std::uint32_t>(random()),
                          .egress = net::RouterId{static_cast<std::uint16_t>(random() % 4000)}});
}

TEST(TagFieldsTest, ATagReadsBackFromItsPoint) {
  std::mt19937 random(1);
  std::vector<std::uint64_t> point(kSpaceFieldCount);
  for (int i = 0; i < 200; ++i) {
    const net::MacAddress tag = random_tag(random);
    set_tag(point, tag);
    EXPECT_EQ(tag_of(point), tag);
  }
}

TEST(TagFieldsTest, TestsOfFieldsHoldWhereThePatternMatches) {
  std::mt19937 random(2);
  std::vector<std::uint64_t> point(kSpaceFieldCount);
  int matching = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::uint32_t mask = static_cast<std::uint32_t>(random()) & 7U;
    const program::MacPattern pattern =
        i % 2 == 0 ? program::match_reach(static_cast<std::uint32_t>(random()) & mask, mask)
                   : program::match_egress(net::RouterId{static_cast<std::uint16_t>(i % 8)});
    const net::MacAddress tag =
        program::encode({.kind = program::TagKind::kInline,
                         .reach = static_cast<std::uint32_t>(random()),
                         .egress = net::RouterId{static_cast<std::uint16_t>(random() % 8)}});
    set_tag(point, tag);
    const auto tests = tag_tests(pattern);
    ASSERT_TRUE(tests);
    const bool holds = std::ranges::all_of(
        *tests, [&](const auto& test) { return (point[test.field] & test.mask) == test.bits; });
    EXPECT_EQ(holds, matches(pattern, tag));
    if (holds) ++matching;
  }
  EXPECT_GT(matching, 100);
}

TEST(TagFieldsTest, NoInlineTagPassesATestForAnythingElse) {
  EXPECT_FALSE(tag_tests(program::match_kind(program::TagKind::kControl)));
  const std::uint64_t router = 0x080027000001;
  EXPECT_FALSE(tag_tests({.bits = router, .mask = 0xffffffffffff}));
  EXPECT_TRUE(tag_tests({.bits = 0, .mask = 0})->empty());
}

}  // namespace
}  // namespace fabrix::verify
