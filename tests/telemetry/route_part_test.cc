#include "telemetry/route_part.h"

#include <algorithm>
#include <random>
#include <set>
#include <type_traits>

#include <gtest/gtest.h>

#include "base/arena.h"

namespace fabrix::telemetry {
namespace {

template <typename Part>
constexpr bool kIsBlocks = std::is_same_v<Part, RouteBlocks>;

// The obvious: the last beginning that is the position or before.
template <typename Position>
RouteId slow(const std::vector<Position>& begins, const std::vector<RouteId>& ids,
             Position position) {
  RouteId id = 0;
  for (std::size_t at = 0; at < begins.size() && begins[at] <= position; ++at) id = ids[at];
  return id;
}

template <typename Part>
void expect_same(const std::vector<typename Part::Position>& begins, std::uint64_t step) {
  using Position = typename Part::Position;
  std::vector<RouteId> ids;
  for (std::size_t at = 0; at < begins.size(); ++at) ids.push_back(static_cast<RouteId>(7 + at));
  Arena memory;
  Part part;
  EXPECT_TRUE(part.empty());
  if constexpr (kIsBlocks<Part>) {
    part.set(begins, ids, memory);
  } else {
    part.set(begins, ids);
  }
  EXPECT_FALSE(part.empty());
  const auto expect_at = [&](Position position) {
    ASSERT_EQ(*part.find(position), slow(begins, ids, position)) << position;
    const RouteId* const fetched = part.fetch(position);
    if (fetched != nullptr) {
      ASSERT_EQ(fetched, part.find(position)) << position;
    }
  };
  for (std::uint64_t n = 0; n < 0x10000; ++n) expect_at(static_cast<Position>(n * step));
  for (const Position begin : begins) {
    expect_at(begin);
    expect_at(static_cast<Position>(begin - 1));
  }
  if constexpr (kIsBlocks<Part>) {
    part.clear(memory);
  } else {
    part.clear();
  }
  EXPECT_TRUE(part.empty());
}

template <typename Position>
std::vector<Position> random_begins(std::mt19937_64& random, std::size_t count, Position mask) {
  std::set<Position> begins{0};
  while (begins.size() < count) begins.insert(static_cast<Position>(random()) & mask);
  return {begins.begin(), begins.end()};
}

TEST(RouteBlocks, TellsWhatHalvingTells) {
  std::mt19937_64 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  for (const std::size_t count : {1U, 2U, 3U, 30U, 128U, 255U, 256U}) {
    SCOPED_TRACE(count);
    expect_same<RouteBlocks>(random_begins<std::uint16_t>(random, count, 0xff00), 1);
  }
  // The first and the last bit of each word.
  expect_same<RouteBlocks>({0, 63 << 8, 64 << 8, 127 << 8, 128 << 8, 191 << 8, 192 << 8, 255 << 8},
                           1);
}

TEST(RouteBlocks, HasRunsWhereRoutesBeginInsideBlocks) {
  std::mt19937_64 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  for (const std::size_t count : {2U, 30U, 300U, 5000U, 65536U}) {
    SCOPED_TRACE(count);
    const auto begins = random_begins<std::uint16_t>(random, count, 0xffff);
    Arena memory;
    RouteBlocks part;
    part.set(begins, std::vector<RouteId>(begins.size()), memory);
    EXPECT_EQ(part.fetch(0), nullptr);
    for (std::size_t n = 0; n < 1000; ++n) {
      const auto position = static_cast<std::uint16_t>(random());
      ASSERT_EQ(part.find(position) - part.find(0),
                std::ranges::upper_bound(begins, position) - begins.begin() - 1);
    }
  }
  expect_same<RouteBlocks>({0, 0x100, 0x1ff, 0x200, 0xffff}, 1);
}

TEST(RouteBlocks, BecomesRunsAndBlocksAgain) {
  Arena memory;
  RouteBlocks part;
  part.set({0, 0x100}, {1, 2}, memory);
  EXPECT_EQ(*part.find(0x1ff), 2U);
  part.set({0, 0x1ff}, {3, 4}, memory);
  EXPECT_EQ(*part.find(0x1fe), 3U);
  EXPECT_EQ(*part.find(0x1ff), 4U);
  part.set({0, 0xff00}, {5, 6}, memory);
  EXPECT_EQ(*part.find(0xfeff), 5U);
  EXPECT_EQ(*part.find(0xffff), 6U);
}

// However often they change.
TEST(RouteBlocks, UseTheirMemoryAgain) {
  Arena memory;
  RouteBlocks part;
  std::vector<std::uint16_t> begins;
  std::size_t held = 0;
  for (unsigned round = 0; round < 100; ++round) {
    begins.clear();
    for (unsigned block = 0; block < 256; ++block) {
      begins.push_back(static_cast<std::uint16_t>(block << 8U));
      part.set(begins, std::vector<RouteId>(begins.size(), round), memory);
      EXPECT_EQ(*part.find(0xffff), round);
    }
    if (round == 0) held = memory.held();
    EXPECT_EQ(memory.held(), held);
  }
}

TEST(RouteRuns, FindsTheLastThatBeginsThereOrBefore) {
  std::mt19937_64 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  for (const std::size_t count : {1U, 2U, 7U, 500U}) {
    SCOPED_TRACE(count);
    expect_same<RouteRuns<std::uint64_t>>(
        random_begins<std::uint64_t>(random, count, ~std::uint64_t{0}), 0x0001'0000'0000'0000U);
  }
}

}  // namespace
}  // namespace fabrix::telemetry
