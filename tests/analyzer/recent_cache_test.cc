#include "analyzer/recent_cache.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

TEST(RecentCache, MakesWhatItDoesNotRemember) {
  RecentCache<std::string, int> cache(2);
  int made = 0;
  const auto get = [&](const std::string& key) {
    return cache.get(key, key.size(), [&] { return ++made; });
  };
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("bb"), 2);
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("ccc"), 3);  // where "a" was
  EXPECT_EQ(get("a"), 4);
  EXPECT_EQ(get("bb"), 2);
  cache.clear();
  EXPECT_EQ(get("bb"), 5);
}

}  // namespace
}  // namespace fabrix::analyzer
