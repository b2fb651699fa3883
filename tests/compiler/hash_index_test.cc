#include "compiler/hash_index.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::compiler {
namespace {

constexpr auto kAny = [](std::uint32_t) { return true; };

TEST(HashIndex, FindsNothingAtFirst) {
  const HashIndex index;
  EXPECT_EQ(index.find(7, kAny), HashIndex::kNone);
  EXPECT_EQ(index.size(), 0U);
}

TEST(HashIndex, TellsNumbersOfOneHashApartByWhatTheyStandFor) {
  HashIndex index;
  for (const std::uint32_t each : {3U, 1U, 2U}) index.insert(7, each);
  for (const std::uint32_t each : {1U, 2U, 3U}) {
    EXPECT_EQ(index.find(7, [&](std::uint32_t number) { return number == each; }), each);
  }
  index.erase(7, 1);
  EXPECT_EQ(index.find(7, [](std::uint32_t number) { return number == 1; }), HashIndex::kNone);
  EXPECT_EQ(index.find(7, [](std::uint32_t number) { return number == 2; }), 2U);
}

// Few hashes, so that many numbers are found one behind the other.
TEST(HashIndex, IsAMapWhateverComesAndGoes) {
  for (const std::uint64_t hashes : {5U, 40U, 100'000U}) {
    SCOPED_TRACE(hashes);
    std::mt19937 random(1);
    HashIndex index;
    std::map<std::uint32_t, std::uint64_t> known;
    for (std::uint32_t number = 0; number < 2000; ++number) {
      const std::uint64_t hash = random() % hashes;
      index.insert(hash, number);
      known.emplace(number, hash);
      if (random() % 3 == 0) {
        const auto gone = std::next(known.begin(), static_cast<int>(random() % known.size()));
        index.erase(gone->second, gone->first);
        known.erase(gone);
      }
      if (number % 100 != 0) continue;
      EXPECT_EQ(index.size(), known.size());
      for (std::uint32_t each = 0; each <= number; ++each) {
        const auto there = known.find(each);
        const auto is_it = [&](std::uint32_t other) { return other == each; };
        if (there != known.end()) {
          EXPECT_EQ(index.find(there->second, is_it), each);
        } else {
          EXPECT_EQ(index.find(each % hashes, is_it), HashIndex::kNone);
        }
      }
    }
  }
}

TEST(HashIndex, ForgetsAll) {
  HashIndex index;
  index.insert(7, 1);
  index.clear();
  EXPECT_EQ(index.find(7, kAny), HashIndex::kNone);
  index.insert(7, 2);
  EXPECT_EQ(index.find(7, kAny), 2U);
}

}  // namespace
}  // namespace fabrix::compiler
