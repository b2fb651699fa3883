#include "routeserver/attribute_pool.h"

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

TEST(AttributePoolTest, EqualAttributesAreOneObject) {
  AttributePool pool;
  const auto a = pool.intern(bgp::PathAttributes{.med = 1});
  const auto b = pool.intern(bgp::PathAttributes{.med = 1});
  const auto c = pool.intern(bgp::PathAttributes{.med = 2});
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(pool.size(), 2U);
}

TEST(AttributePoolTest, ForgetsWhatNobodyUses) {
  AttributePool pool;
  const auto kept = pool.intern(bgp::PathAttributes{.med = 0});
  for (std::uint32_t med = 1; med < 100'000; ++med) pool.intern(bgp::PathAttributes{.med = med});
  EXPECT_LE(pool.size(), 2048U);
  EXPECT_EQ(pool.intern(bgp::PathAttributes{.med = 0}), kept);
}

}  // namespace
}  // namespace fabrix::routeserver
