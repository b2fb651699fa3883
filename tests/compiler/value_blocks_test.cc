#include "compiler/value_blocks.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "policy/intervals.h"

namespace fabrix::compiler {
namespace {

using policy::Range128;
using policy::Side;
using policy::Uint128;
using Blocks = std::vector<ValueBlock>;

constexpr std::uint64_t kExact = ~std::uint64_t{0};

Uint128 address(std::uint64_t network, std::uint64_t host) {
  return Uint128{network} << 64U | host;
}

Blocks blocks_of(const Values& values) {
  return value_blocks(ip6_line(Side::kSource), values);
}

bool matches(const ValueBlock& block, Uint128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  const auto low = static_cast<std::uint64_t>(value);
  return (high & block.first.mask) == block.first.bits && (low & block.low.mask) == block.low.bits;
}

TEST(ValueBlocksTest, AFieldHasAlignedBlocks) {
  const auto blocks = value_blocks(ip4_line(Side::kSource), {{4, 9}, {100, 100}});
  EXPECT_EQ(blocks,
            (Blocks{{{4, 0xfffffffc}, {}}, {{8, 0xfffffffe}, {}}, {{100, 0xffffffff}, {}}}));
}

TEST(ValueBlocksTest, AHostIsBothHalves) {
  EXPECT_EQ(blocks_of({{address(7, 9), address(7, 9)}}), (Blocks{{{7, kExact}, {9, kExact}}}));
}

TEST(ValueBlocksTest, APrefixIsOneBlock) {
  const Range128 part{address(7, 0x100), address(7, 0x1ff)};
  EXPECT_EQ(blocks_of({part}), (Blocks{{{7, kExact}, {0x100, ~std::uint64_t{0xff}}}}));
  const Range128 networks{address(0x40, 0), address(0x4f, kExact)};
  EXPECT_EQ(blocks_of({networks}), (Blocks{{{0x40, ~std::uint64_t{0xf}}, {0, 0}}}));
}

TEST(ValueBlocksTest, TheSameHostOfNetworksSideBySideIsOneBlock) {
  Values values;
  for (std::uint64_t network = 4; network < 8; ++network) {
    values.push_back({address(network, 1), address(network, 1)});
  }
  EXPECT_EQ(blocks_of(values), (Blocks{{{4, ~std::uint64_t{3}}, {1, kExact}}}));
  values.push_back({address(8, 2), address(8, 2)});
  values.push_back({address(10, 2), address(10, 2)});
  EXPECT_EQ(blocks_of(values), (Blocks{{{4, ~std::uint64_t{3}}, {1, kExact}},
                                       {{8, kExact}, {2, kExact}},
                                       {{10, kExact}, {2, kExact}}}));
}

TEST(ValueBlocksTest, AreTheseValuesAndEachOnce) {
  std::mt19937_64 random(11);
  const auto any = [&random](std::uint64_t bound) { return random() % bound; };
  for (int round = 0; round < 400; ++round) {
    Values values;
    std::vector<Uint128> bounds{0, ~Uint128{0}};
    for (int i = 0; i < 6; ++i) {
      // Hosts, parts of networks, and what begins in one network and ends in another.
      const std::uint64_t top = any(8) == 0 ? kExact - 3 : 0;
      const Uint128 low = address(top + any(4), any(3) == 0 ? kExact - any(2) : any(4));
      const Uint128 last = address(top + 3, kExact);
      const Uint128 size = any(3) > 0 ? Uint128{any(3)} : address(any(3), any(2) * any(8));
      values.push_back({low, size > last - low ? last : low + size});
    }
    values = policy::normalize(std::move(values));
    const Blocks blocks = blocks_of(values);
    for (const Range128& each : values) {
      bounds.insert(bounds.end(), {each.low - 1, each.low, each.low + 1, each.high - 1, each.high,
                                   each.high + 1});
    }
    for (const Uint128 value : bounds) {
      const bool is_in = std::ranges::any_of(values, [value](const Range128& each) {
        return each.low <= value && value <= each.high;
      });
      EXPECT_EQ(
          std::ranges::count_if(blocks, [&](const auto& each) { return matches(each, value); }),
          is_in ? 1 : 0);
    }
    EXPECT_TRUE(std::ranges::is_sorted(blocks, {}, [](const ValueBlock& each) {
      return std::tuple(each.first.bits, each.first.mask, each.low.bits, each.low.mask);
    }));
  }
}

}  // namespace
}  // namespace fabrix::compiler
