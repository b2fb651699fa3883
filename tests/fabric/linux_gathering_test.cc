#include "fabric/linux_gathering.h"

#include <random>

#include <gtest/gtest.h>

#include "fabric/linux_forms.h"
#include "program/evaluate.h"
#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using program::Row;
using Groups = std::vector<std::vector<const Row*>>;

Groups gathered(const std::vector<Row>& rows, LinuxKind kinds = 1) {
  std::vector<LinuxCandidate> candidates;
  for (const Row* row : by_priority(rows)) {
    const auto& output = std::get<program::Output>(row->next);
    candidates.push_back({row, output.port.value % kinds});
  }
  return gather(candidates, enough());
}

// Whose row acts.
const Row* first_of(const Groups& groups, const net::Packet& packet) {
  for (const auto& group : groups) {
    for (const Row* row : group) {
      if (program::matches(row->match, packet, 0)) return row;
    }
  }
  return nullptr;
}

TEST(LinuxGathering, ClausesThatDoNotOverlapAreOneGroupWhateverTheirPriorities) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 600; ++i) {
    rows.push_back(row_to(1, static_cast<std::uint16_t>(6000 - 2 * i), to_port(i)));
    rows.push_back(row_to(1, static_cast<std::uint16_t>(5999 - 2 * i),
                          program::Match{}.exact(Field::kSrcPort, i).exact(Field::kDstPort, 700)));
  }
  const auto groups = gathered(rows);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].size(), 600U);
  EXPECT_EQ(forms_of(by_priority(rows), enough()).size(), 2U);
}

TEST(LinuxGathering, RowsThatHaveAPlaceTakeFewStepsAndOthersNoMoreThanThereAre) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 2000; ++i) {
    rows.push_back(row_to(1, static_cast<std::uint16_t>(6000 - i), to_port(i)));
  }
  Budget budget(100'000);
  EXPECT_EQ(forms_of(by_priority(rows), budget).size(), 1U);
  EXPECT_LT(budget.taken(), 40'000U);
  for (Row& row : rows) row.next = program::Fork{};  // none has companions
  forms_of(by_priority(rows), budget);
  EXPECT_TRUE(budget.is_spent());
}

TEST(LinuxGathering, ARowStaysBehindWhatItOverlaps) {
  std::vector<Row> rows{row_to(1, 30, to_port(80)),
                        row_to(2, 20, program::Match{}.exact(Field::kProtocol, 6)),
                        row_to(1, 10, to_port(81))};
  const auto groups = gathered(rows);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[2].front(), &rows[2]);
}

TEST(LinuxGathering, WhatIsOutOfReachIsLeftOut) {
  std::vector<Row> rows{row_to(1, 30, to_port(80)), row_to(2, 20, to_port(80))};
  const auto groups = gathered(rows);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0], std::vector<const Row*>{rows.data()});
}

// Whatever the rows, the one that acts is the one of the highest priority that matches, and in a
// group at most one matches.
TEST(LinuxGathering, TheFirstThatMatchesIsTheHighest) {
  std::mt19937 random(20261121);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  const auto pick = [&random](std::uint64_t below) { return random() % below; };
  for (int round = 0; round < 200; ++round) {
    std::vector<Row> rows;
    for (std::uint16_t i = 0; i < 80; ++i) {
      program::Match match;
      if (pick(2) == 0) match.exact(Field::kProtocol, 6 + 11 * pick(2));
      if (pick(3) == 0) match.ternary(Field::kSrcPort, 2 * pick(4), 0xfffe);
      if (pick(4) != 0) match.exact(Field::kDstPort, pick(8));
      rows.push_back(row_to(1 + static_cast<std::uint32_t>(pick(3)),
                            static_cast<std::uint16_t>(1000 - i), std::move(match)));
    }
    const auto groups = gathered(rows, 1 + pick(3));
    const Groups in_order{by_priority(rows)};
    for (int i = 0; i < 256; ++i) {
      net::Packet packet;
      packet.protocol = i % 2 == 0 ? 6 : 17;
      packet.src_port = static_cast<std::uint16_t>(i / 2 % 8);
      packet.dst_port = static_cast<std::uint16_t>(i / 16 % 8);
      ASSERT_EQ(first_of(groups, packet), first_of(in_order, packet)) << "round " << round;
      for (const auto& group : groups) {
        const auto matching = std::ranges::count_if(
            group, [&](const Row* row) { return program::matches(row->match, packet, 0); });
        ASSERT_LE(matching, 1) << "round " << round;
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::fabric
