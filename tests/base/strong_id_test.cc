#include "base/strong_id.h"

#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

using CatId = StrongId<struct CatTag>;
using DogId = StrongId<struct DogTag, std::uint32_t>;

static_assert(sizeof(CatId) == 2 && sizeof(DogId) == 4);
static_assert(!std::is_convertible_v<CatId, DogId> && !std::is_convertible_v<int, CatId>);

TEST(StrongIdTest, IsANumberThatComparesAndHashes) {
  EXPECT_EQ(CatId{}, CatId{0});
  EXPECT_LT(CatId{1}, CatId{2});
  EXPECT_EQ(DogId{70'000}.index(), 70'000U);
  const std::unordered_set<CatId> cats{CatId{1}, CatId{2}, CatId{1}};
  EXPECT_EQ(cats.size(), 2U);
}

}  // namespace
}  // namespace fabrix
