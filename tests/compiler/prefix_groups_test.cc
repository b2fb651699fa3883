#include "compiler/prefix_groups.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

TEST(PrefixGroups, AgreeWithAPlainMapThroughRandomChanges) {
  PrefixGroups groups;
  std::map<net::Prefix, GroupId> plain;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const unsigned low = random() % 64;
    const std::string text = random() % 2 == 0 ? "10.0." + std::to_string(low) + ".0/24"
                                               : "2001:db8:" + std::to_string(low) + "::/48";
    const net::Prefix each = prefix(text);
    const auto before = plain.find(each);
    const auto expected = before == plain.end() ? std::nullopt : std::optional(before->second);
    ASSERT_EQ(groups.find(each), expected);
    if (random() % 3 == 0) {
      ASSERT_EQ(groups.assign(each, std::nullopt), expected);
      plain.erase(each);
    } else {
      const GroupId group{static_cast<std::uint32_t>(random() % 5)};
      ASSERT_EQ(groups.assign(each, group), expected);
      plain[each] = group;
    }
    ASSERT_EQ(groups.size(), plain.size());
  }
  groups.clear();
  EXPECT_EQ(groups.size(), 0U);
}

TEST(PrefixGroups, KeepPrefixesOfOneAddressApart) {
  PrefixGroups groups;
  for (unsigned length = 0; length <= 32; ++length) {
    groups.assign(prefix("0.0.0.0/" + std::to_string(length)), GroupId{length});
    groups.assign(prefix("::/" + std::to_string(length)), GroupId{100 + length});
  }
  for (unsigned length = 0; length <= 32; ++length) {
    EXPECT_EQ(groups.find(prefix("0.0.0.0/" + std::to_string(length))), GroupId{length});
    EXPECT_EQ(groups.find(prefix("::/" + std::to_string(length))), GroupId{100 + length});
  }
}

}  // namespace
}  // namespace fabrix::compiler
