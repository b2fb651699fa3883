#include "base/ahead.h"

#include <array>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

TEST(AheadTest, StripsAreAllOfTheValuesInOrder) {
  for (const std::size_t count : {0U, 1U, 15U, 16U, 17U, 100U}) {
    SCOPED_TRACE(count);
    std::vector<int> values(count);
    std::iota(values.begin(), values.end(), 7);
    std::vector<int> seen;
    in_strips(std::span<const int>(values), [&seen](std::span<const int> strip) {
      EXPECT_FALSE(strip.empty());
      EXPECT_LE(strip.size(), 16U);
      seen.insert(seen.end(), strip.begin(), strip.end());
    });
    EXPECT_EQ(seen, values);
  }
}

TEST(AheadTest, SendingForValuesOfAnySizeAndForNoneIsNoMistake) {
  struct Large {
    std::array<char, 1000> octets{};
  };
  const std::vector<Large> some(3);
  send_for(some.front());
  send_for('x');
  send_for_all(some);
  send_for_all(std::vector<int>{});
  read_ahead(some.front());
  read_ahead('x');
  read_ahead_all(some);
  read_ahead_all(std::vector<int>{});
}

}  // namespace
}  // namespace fabrix
