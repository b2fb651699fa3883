#include "compiler/clause_rows.h"

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/clause_rows_world.h"

namespace fabrix::compiler {
namespace {

using program::Goto;
using program::TableId;

using ClauseRowsTest = ClauseRowsWorld;

TEST_F(ClauseRowsTest, APortTakesARowForEachFamilyAndProtocol) {
  const auto when = dst_port(80);
  const auto made = rows({drop(when)});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->size(), 6U);
  for (const program::Row& row : *made) {
    EXPECT_EQ(row.priority, kTopPriority);
    EXPECT_EQ(row.match.fields.size(), 4U);  // ether type, tag, protocol, port
  }
}

TEST_F(ClauseRowsTest, LaterClausesHaveLowerPriority) {
  const auto first = dst_port(80);
  const auto second = dst_port(443);
  const auto made = rows({drop(first, 0), drop(second, 1)});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->front().priority, kTopPriority);
  EXPECT_EQ(made->back().priority, kTopPriority - 1);
  EXPECT_EQ(made->back().origin.clause, 1U);
}

TEST_F(ClauseRowsTest, AComplementGoesByShadowingRows) {
  const auto when = not_of(dst_port(80));
  const auto made = rows({drop(when)});
  ASSERT_TRUE(made);
  EXPECT_LE(made->size(), 8U);
  EXPECT_EQ(made->back().next, program::Next{program::Discard{}});
  EXPECT_EQ(made->front().next, program::Next{Goto{TableId::kResolve}});
}

TEST_F(ClauseRowsTest, WhatEqualsTheFallThroughIsNotEmitted) {
  const auto when = dst_port(80);
  ClauseRows clause = drop(when);
  clause.options.front().action = scope().fall_through;
  EXPECT_TRUE(rows({clause})->empty());
}

TEST_F(ClauseRowsTest, AClauseWithoutOptionsHasNoRows) {
  const auto when = dst_port(80);
  ClauseRows clause = drop(when);
  clause.options.clear();
  clause.decisive = false;
  EXPECT_TRUE(rows({clause})->empty());
}

TEST_F(ClauseRowsTest, ADestinationMacThatIsNoTagIsNeverMatched) {
  const auto real = test(net::Field::kDstMac, {{0x080027000001, 0x080027000001}});
  EXPECT_TRUE(rows({drop(real)})->empty());
  const auto tag = test(net::Field::kDstMac, {{0x020000000001, 0x020000000001}});
  EXPECT_EQ(rows({drop(tag)})->size(), 1U);
}

TEST_F(ClauseRowsTest, RefusesMoreRowsThanPrioritiesCanTell) {
  std::vector<policy::Interval> thirds;
  for (std::uint64_t i = 0; i < 70000; ++i) thirds.push_back({3 * i, 3 * i});
  const auto when = all_of({ether_type(net::kEthTypeIpv4), test(net::Field::kSrcIp4, thirds)});
  EXPECT_FALSE(rows({drop(when)}));
}

}  // namespace
}  // namespace fabrix::compiler
