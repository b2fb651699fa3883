#include "base/number.h"

#include <array>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

TEST(NumberTest, IsAllOfTheText) {
  EXPECT_EQ(parse_number<std::uint32_t>("0"), 0U);
  EXPECT_EQ(parse_number<std::uint32_t>("0080"), 80U);
  EXPECT_EQ(parse_number<std::int64_t>("-7"), -7);
  EXPECT_EQ(parse_number<std::uint64_t>("fabC", 16), 0xfabcU);
  EXPECT_EQ(parse_number<double>("2.5e3"), 2500.0);
  for (const std::string_view text : {"", " 1", "1 ", "+1", "1.0", "0x10", "1-2", "one", "-"}) {
    EXPECT_EQ(parse_number<std::int32_t>(text), std::nullopt) << '"' << text << '"';
  }
  EXPECT_EQ(parse_number<std::uint32_t>(std::string_view()), std::nullopt);
}

TEST(NumberTest, IsWithinTheType) {
  EXPECT_EQ(parse_number<std::uint8_t>("255"), 255);
  EXPECT_EQ(parse_number<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_number<std::int8_t>("-128"), -128);
  EXPECT_EQ(parse_number<std::int8_t>("-129"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint16_t>("-1"), std::nullopt);
  EXPECT_EQ(parse_number<double>("1e999"), std::nullopt);
}

TEST(NumberTest, EndsWhereTheTextEnds) {
  constexpr std::array<char, 4> kDigits{'1', '2', '3', '4'};
  EXPECT_EQ(parse_number<int>({kDigits.data(), 2}), 12);
}

TEST(NumberTest, InfinityIsANumberForTheCallerToRefuse) {
  EXPECT_TRUE(std::isinf(parse_number<double>("inf").value_or(0)));
}

}  // namespace
}  // namespace fabrix
