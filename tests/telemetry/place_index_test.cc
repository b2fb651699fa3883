#include "telemetry/place_index.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(PlaceIndexTest, FindsNothingInAnEmptyOne) {
  const PlaceIndex index;
  EXPECT_EQ(index.find(0, [](std::size_t) { return true; }), std::nullopt);
}

TEST(PlaceIndexTest, TellsThingsOfOneHashApart) {
  PlaceIndex index;
  index.insert(0, 0);
  index.insert(0, 1);
  EXPECT_EQ(index.find(0, [](std::size_t place) { return place == 1; }), 1U);
  EXPECT_EQ(index.find(0, [](std::size_t) { return false; }), std::nullopt);
  index.erase(0);
  EXPECT_EQ(index.find(0, [](std::size_t) { return true; }), 1U);
}

struct Mixed {
  std::size_t places;
  std::uint32_t hashes;  // different ones
};

class MixedPlaceIndexTest : public testing::TestWithParam<Mixed> {};

// As a std::map does: what comes, goes, and is found, of hashes that are crowded.
TEST_P(MixedPlaceIndexTest, KnowsWhatIsThere) {
  constexpr unsigned kSeed = 20261122;
  std::mt19937 random(kSeed);  // NOLINT(cert-msc51-cpp): the same every time
  const auto some_hash = [&] { return std::uint64_t{UINT32_MAX - random() % GetParam().hashes}; };
  PlaceIndex index;
  std::map<std::size_t, std::uint64_t> expected;  // the hash by place
  const auto add = [&](std::size_t place) {
    const std::uint64_t hash = some_hash();
    index.insert(hash, place);
    expected.emplace(place, hash);
  };
  for (std::size_t place = 0; place < GetParam().places; ++place) add(place);
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t place = random() % GetParam().places;
    if (expected.erase(place) != 0) {
      index.erase(place);
    } else {
      add(place);
    }
    const std::size_t asked = random() % GetParam().places;
    const auto there = expected.find(asked);
    const std::uint64_t hash = there != expected.end() ? there->second : some_hash();
    const auto found = index.find(hash, [&](std::size_t at) { return at == asked; });
    ASSERT_EQ(found.has_value(), there != expected.end()) << "step " << step << ", seed " << kSeed;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MixedPlaceIndexTest,
                         testing::Values(Mixed{1, 1}, Mixed{17, 3}, Mixed{128, UINT32_MAX},
                                         Mixed{129, 40}, Mixed{700, UINT32_MAX}, Mixed{700, 100}));

}  // namespace
}  // namespace fabrix::telemetry
