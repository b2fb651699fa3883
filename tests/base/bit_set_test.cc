#include "base/bit_set.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/strong_id.h"

namespace fabrix {
namespace {

using Id = StrongId<struct IdTag>;
using Ids = BitSet<Id>;

Ids bits(const std::set<unsigned>& values) {
  Ids ids;
  for (const unsigned value : values) ids.insert(Id{static_cast<std::uint16_t>(value)});
  return ids;
}

std::set<unsigned> values(const Ids& ids) {
  std::vector<unsigned> in_order;
  ids.for_each([&](Id id) { in_order.push_back(id.value); });
  EXPECT_TRUE(std::ranges::is_sorted(in_order));
  return {in_order.begin(), in_order.end()};
}

TEST(BitSet, IsWhatASetOfNumbersIs) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&random](unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random);
  };
  for (int round = 0; round < 200; ++round) {
    std::set<unsigned> a;
    std::set<unsigned> b;
    for (unsigned i = below(40); i > 0; --i) a.insert(below(300));
    for (unsigned i = below(40); i > 0; --i) b.insert(below(600));
    std::set<unsigned> both;
    std::set<unsigned> either = a;
    std::set<unsigned> rest;
    either.insert(b.begin(), b.end());
    std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
    std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
    EXPECT_EQ(values(bits(a) & bits(b)), both);
    EXPECT_EQ(values(bits(a) | bits(b)), either);
    EXPECT_EQ(values(bits(a) - bits(b)), rest);
    EXPECT_EQ(bits(a).intersects(bits(b)), !both.empty());
    EXPECT_EQ(bits(a).size(), a.size());
    EXPECT_EQ(bits(a).empty(), a.empty());
  }
}

TEST(BitSet, WhatIsErasedIsNoLongerThere) {
  Ids ids = bits({1, 64, 200});
  ids.erase(Id{64});
  ids.erase(Id{5000});  // was never there
  EXPECT_FALSE(ids.contains(Id{64}));
  EXPECT_TRUE(ids.contains(Id{200}));
  EXPECT_EQ(values(ids), (std::set<unsigned>{1, 200}));
  ids.clear();
  EXPECT_TRUE(ids.empty());
}

}  // namespace
}  // namespace fabrix
