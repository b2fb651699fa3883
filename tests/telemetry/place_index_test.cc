#include "telemetry/place_index.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(PlaceIndexTest, FindsNothingInAnEmptyOne) {
  const PlaceIndex index;
  EXPECT_EQ(index.find(0, [](std::size_t) { return true; }), std::nullopt);
}

TEST(PlaceIndexTest, TellsThingsOfOneHashApart) {
  PlaceIndex index;
  const auto hash_at = [](std::size_t) { return std::uint64_t{0}; };
  index.insert(0, hash_at);
  index.insert(0, hash_at);
  EXPECT_EQ(index.find(0, [](std::size_t place) { return place == 1; }), 1U);
  EXPECT_EQ(index.find(0, [](std::size_t) { return false; }), std::nullopt);
  index.replace(0, 5, hash_at);
  EXPECT_EQ(index.find(0, [](std::size_t) { return true; }), 1U);
  EXPECT_EQ(index.find(5, [](std::size_t) { return true; }), 0U);
}

struct Mixed {
  std::size_t places;
  std::uint32_t hashes;  // different ones
};

class MixedPlaceIndexTest : public testing::TestWithParam<Mixed> {};

// As a list does: what comes, takes a place over, and is found, of hashes that are crowded.
TEST_P(MixedPlaceIndexTest, KnowsWhatIsThere) {
  constexpr unsigned kSeed = 20261122;
  std::mt19937 random(kSeed);  // NOLINT(cert-msc51-cpp): the same every time
  const auto some_hash = [&] { return std::uint64_t{UINT32_MAX - random() % GetParam().hashes}; };
  PlaceIndex index;
  std::vector<std::uint64_t> hashes;  // by place
  const auto hash_at = [&](std::size_t place) { return hashes[place]; };
  const auto is_found = [&](std::uint64_t hash, std::size_t place) {
    return index.find(hash, [&](std::size_t at) { return at == place; }) == place;
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t hash = some_hash();
    const std::size_t place = random() % GetParam().places;
    if (place >= hashes.size()) {
      hashes.push_back(hash);
      index.insert(hash, hash_at);
    } else {
      const std::uint64_t before = hashes[place];
      index.replace(place, hash, hash_at);
      hashes[place] = hash;
      ASSERT_TRUE(is_found(hash, place)) << "step " << step << ", seed " << kSeed;
      // 16 bits of the hash are compared, or 32.
      ASSERT_TRUE((before & 0xffffU) == (hash & 0xffffU) || !is_found(before, place))
          << "step " << step << ", seed " << kSeed;
    }
    const std::size_t asked = random() % hashes.size();
    ASSERT_TRUE(is_found(hashes[asked], asked)) << "step " << step << ", seed " << kSeed;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MixedPlaceIndexTest,
                         testing::Values(Mixed{1, 1}, Mixed{17, 3}, Mixed{128, UINT32_MAX},
                                         Mixed{129, 40}, Mixed{700, UINT32_MAX}, Mixed{700, 100}));

}  // namespace
}  // namespace fabrix::telemetry
