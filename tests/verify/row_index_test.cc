#include "verify/row_index.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "tests/verify/compiled_world.h"

namespace fabrix::verify {
namespace {

using program::TableId;

std::vector<program::Row> values(const RowIndex::Rows& rows) {
  std::vector<program::Row> all;
  for (const program::Row* row : rows) all.push_back(*row);
  return all;
}

TEST(RowIndexTest, FollowsAProgramToTheNext) {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    RowIndex followed(compiled.program);
    for (int round = 0; round < 5; ++round) {
      const program::Program before = compiled.program;
      compiled.change();
      compiled.compile();
      followed.follow(before, compiled.program);
      const RowIndex fresh(compiled.program);
      EXPECT_EQ(followed.size(), compiled.program.row_count());
      for (std::size_t i = 0; i < program::kTableCount; ++i) {
        const auto table = static_cast<TableId>(i);
        EXPECT_EQ(followed.keys(table), fresh.keys(table));
        EXPECT_EQ(values(followed.others(table)), values(fresh.others(table)));
        for (const RowKey key : fresh.keys(table)) {
          EXPECT_EQ(values(followed.keyed(table, key)), values(fresh.keyed(table, key)));
        }
      }
    }
  }
}

TEST(RowIndexTest, GivesEveryRowThatMayMatch) {
  CompiledWorld compiled(3);
  const RowIndex index(compiled.program);
  for (const auto& participant : compiled.random.exchange().participants) {
    const std::uint64_t metadata = program::Metadata::sender(participant.id).bits;
    const auto found = index.rows(TableId::kOutbound, metadata, {});
    std::size_t expected = 0;
    for (const program::Row& row : compiled.program.table(TableId::kOutbound)) {
      const program::Metadata& match = row.match.metadata;
      if ((metadata & match.mask) == match.bits) ++expected;
    }
    EXPECT_EQ(found.size(), expected);
    EXPECT_TRUE(std::ranges::is_sorted(found, std::ranges::greater{}, &program::Row::priority));
  }
}

// By counting the rates of each id.
TEST(RowIndexTest, KnowsWhetherMetersHaveTwoRates) {
  std::mt19937 engine(9);
  const auto random = [&engine](unsigned bound) { return static_cast<unsigned>(engine()) % bound; };
  program::Program before;
  RowIndex index(before);
  bool seen_both = false;
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    program::Program now;
    std::map<std::uint32_t, std::set<std::uint64_t>> rates;
    std::map<program::Meter, std::size_t> counts;
    for (unsigned i = random(5); i > 0; --i) {
      program::Row row;
      row.priority = static_cast<std::uint16_t>(i);
      row.meter = program::Meter{.id = 1 + random(4), .kbps = 1 + random(3)};
      rates[row.meter->id].insert(row.meter->kbps);
      ++counts[*row.meter];
      now.table(TableId::kInbound).push_back(std::move(row));
    }
    index.follow(before, now);
    const bool disputed =
        std::ranges::any_of(rates, [](const auto& each) { return each.second.size() > 1; });
    EXPECT_EQ(index.has_disputed_meters(), disputed);
    EXPECT_EQ(index.meters(), counts);
    seen_both = seen_both || disputed;
    // Rows are pointed to: those of `before` stay where they are.
    std::swap(before, now);
  }
  EXPECT_TRUE(seen_both);
}

TEST(RowIndexTest, AKeyThatNobodyHasGivesNothing) {
  EXPECT_TRUE(RowIndex().keyed(TableId::kAdmit, 1).empty());
}

}  // namespace
}  // namespace fabrix::verify
