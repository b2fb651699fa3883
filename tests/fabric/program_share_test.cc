#include "fabric/program_share.h"

#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

using program::Program;
using program::ProgramPtr;
using program::Row;
using program::TableId;

constexpr std::uint32_t kSeed = 4711;
const std::vector<net::PortNo> kOwn{net::PortNo{1}, net::PortNo{2}};

Row row_from(std::uint64_t port, std::uint16_t priority) {
  Row row;
  row.priority = priority;
  if (port != 0) row.match.exact(net::Field::kInPort, port);
  return row;
}

// Tables of blocks with rows from ports 0 (any) to 3.
ProgramPtr random_program(std::mt19937& random, const ProgramPtr& before) {
  auto made = before ? std::make_shared<Program>(*before) : std::make_shared<Program>();
  for (auto& rows : made->tables) {
    program::Rows::Directory blocks(3);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] = rows.block(i);
      if (before && random() % 2 == 0) continue;
      std::vector<Row> some;
      for (std::uint16_t priority = 1; priority <= static_cast<std::uint16_t>(random() % 4);
           ++priority) {
        some.push_back(row_from(random() % 4, priority));
      }
      blocks[i] = program::make_block(std::move(some));
    }
    rows = program::Rows(blocks);
  }
  return made;
}

// The plain meaning.
std::vector<Row> expected(const Program& whole, TableId table) {
  std::vector<Row> rows;
  for (const Row& row : whole.table(table)) {
    if (row.match.fields.empty() || row.match.fields[0].bits <= 2) rows.push_back(row);
  }
  return rows;
}

TEST(ProgramShareTest, IsAllButWhatComesInElsewhereThroughWhateverHistory) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  ProgramShare share(kOwn);
  ProgramPtr whole;
  for (int round = 0; round < 200; ++round) {
    whole = random_program(random, whole);
    const ProgramPtr part = share.of(whole);
    for (std::size_t i = 0; i < program::kTableCount; ++i) {
      const auto table = static_cast<TableId>(i);
      const auto rows = expected(*whole, table);
      const auto& has = std::as_const(*part).table(table);
      ASSERT_EQ(std::vector<Row>(has.begin(), has.end()), rows) << round;
    }
  }
}

TEST(ProgramShareTest, WhatChangesElsewhereChangesNothing) {
  const auto program_with = [](std::uint16_t priority) {
    Program made;
    made.table(TableId::kAdmit) = {row_from(1, 9), row_from(3, priority)};
    return std::make_shared<const Program>(std::move(made));
  };
  ProgramShare share(kOwn);
  const ProgramPtr first = share.of(program_with(1));
  EXPECT_EQ(first->row_count(), 1U);
  EXPECT_EQ(share.of(program_with(2)), first);
}

TEST(ProgramShareTest, BlocksThatDidNotChangeAreShared) {
  Program made;
  const auto block = program::make_block(std::vector<Row>{row_from(1, 9)});
  const auto mixed = program::make_block(std::vector<Row>{row_from(1, 9), row_from(3, 8)});
  made.tables[0] = program::Rows(program::Rows::Directory{block, mixed});
  ProgramShare share(kOwn);
  const ProgramPtr first = share.of(std::make_shared<const Program>(made));
  EXPECT_EQ(first->tables[0].block(0), block);
  made.tables[1] = {row_from(2, 7)};
  const ProgramPtr second = share.of(std::make_shared<const Program>(made));
  EXPECT_EQ(second->tables[0].block(1), first->tables[0].block(1));
  EXPECT_EQ(second->row_count(), 3U);
}

TEST(ProgramShareTest, ASwitchWithoutPortsNeedsNothing) {
  Program made;
  made.table(TableId::kOutbound) = {row_from(0, 9)};
  ProgramShare share({});
  EXPECT_EQ(share.of(std::make_shared<const Program>(made))->row_count(), 0U);
}

}  // namespace
}  // namespace fabrix::fabric
