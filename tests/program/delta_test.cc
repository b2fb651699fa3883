#include "program/delta.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/program/random_program.h"

namespace fabrix::program {
namespace {

auto same_identity_as(const Row& row) {
  return [&row](const Row& other) {
    return other.priority == row.priority && other.match == row.match;
  };
}

// What a target does with a delta. Removes and modifications must find their row.
Program apply(Program program, const ProgramDelta& delta) {
  for (const auto& [table, row] : delta.remove) {
    EXPECT_EQ(std::erase(program.table(table), *row), 1U);
  }
  for (const auto& [table, row] : delta.modify) {
    auto& rows = program.table(table);
    const auto found = std::ranges::find_if(rows, same_identity_as(*row));
    if (found == rows.end()) {
      ADD_FAILURE() << "no such row: " << to_string(*row);
    } else {
      *found = *row;
    }
  }
  for (const auto& [table, row] : delta.add) {
    auto& rows = program.table(table);
    EXPECT_TRUE(std::ranges::none_of(rows, same_identity_as(*row)));
    rows.push_back(*row);
  }
  program.canonicalize();
  return program;
}

TEST(DeltaTest, IsEmptyBetweenEqualPrograms) {
  const Program program = RandomProgram(1).program();
  EXPECT_TRUE(difference(program, program).empty());
  EXPECT_EQ(difference(Program{}, program).size(), program.row_count());
}

TEST(DeltaTest, LeadsFromOneProgramToTheOther) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    RandomProgram random(seed);
    const Program from = random.program();
    for (const Program& to : {random.program(), random.edit(from)}) {
      EXPECT_EQ(apply(from, difference(from, to)), to);
      EXPECT_EQ(apply(to, difference(to, from)), from);
    }
  }
}

TEST(DeltaTest, TouchesOnlyWhatDiffers) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    RandomProgram random(seed);
    const Program from = random.program();
    Program to = from;
    auto& rows = to.table(TableId::kOutbound);
    if (rows.empty()) continue;
    rows.front().origin.clause += 1;
    const ProgramDelta delta = difference(from, to);
    EXPECT_EQ(delta.modify.size(), 1U);
    EXPECT_EQ(delta.size(), 1U);
  }
}

// As one participant's edit leaves the others' blocks in place.
TEST(DeltaTest, SeesThroughBlocksHoweverTheyAreCut) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    RandomProgram random(seed);
    const Program from = random.program();
    const Program to = random.edit(from);
    const auto cut = [](const Program& whole) {
      Program parts;
      for (std::size_t i = 0; i < kTableCount; ++i) {
        std::vector<std::vector<Row>> owned(4);
        for (const Row& row : whole.tables.at(i)) {
          owned.at(block_of(row.origin.participant)).push_back(row);
        }
        Rows::Directory blocks;
        for (auto& rows : owned) blocks.push_back(make_block(std::move(rows)));
        parts.tables.at(i) = Rows(std::move(blocks));
      }
      return parts;
    };
    const Program old = cut(from);
    Program fresh = cut(to);
    EXPECT_EQ(apply(from, difference(old, fresh)), to);
    EXPECT_EQ(difference(old, fresh).size(), difference(from, to).size());
    // Every table but one is shared.
    fresh.tables = old.tables;
    fresh.tables.at(0) = to.tables.at(0);
    EXPECT_EQ(apply(from, difference(old, fresh)).tables.at(0), to.tables.at(0));
  }
}

TEST(DeltaTest, TellsOfMeters) {
  const auto with = [](std::initializer_list<Meter> meters) {
    Program program;
    for (const Meter& meter : meters) {
      Row row;
      row.priority = static_cast<std::uint16_t>(meter.id);
      row.meter = meter;
      program.table(TableId::kInbound).push_back(row);
    }
    program.canonicalize();
    return program;
  };
  const ProgramDelta delta =
      difference(with({{1, 10}, {2, 10}, {3, 10}}), with({{2, 10}, {3, 20}, {4, 10}}));
  EXPECT_EQ(delta.remove_meters, (std::vector<Meter>{{1, 10}}));
  EXPECT_EQ(delta.modify_meters, (std::vector<Meter>{{3, 20}}));
  EXPECT_EQ(delta.add_meters, (std::vector<Meter>{{4, 10}}));
  EXPECT_EQ(delta.meter_count(), 3U);
}

}  // namespace
}  // namespace fabrix::program
