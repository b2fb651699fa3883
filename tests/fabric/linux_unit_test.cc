#include "fabric/linux_unit.h"

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using program::TableId;

std::vector<program::Row> rows_to_ports(std::uint32_t count) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < count; ++i) rows.push_back(row_to(i + 1, 10, to_port(i)));
  return rows;
}

TEST(LinuxUnit, IsAFunctionOfItsRows) {
  const auto rows = rows_to_ports(20);
  const auto again = rows_to_ports(20);
  const auto others = rows_to_ports(21);
  const auto unit = make_linux_unit(TableId::kAdmit, by_priority(rows)).value();
  EXPECT_EQ(make_linux_unit(TableId::kAdmit, by_priority(again)).value().id, unit.id);
  EXPECT_NE(make_linux_unit(TableId::kAdmit, by_priority(others)).value().id, unit.id);
  ASSERT_EQ(unit.narrow.size(), 20U);
  // Keys begin with the unit's id.
  EXPECT_EQ(unit.narrow[3].first.form, unit.id);
  EXPECT_EQ(unit.narrow[3].second.port, 4U);
}

TEST(LinuxUnit, TellsHowPacketsLeaveIt) {
  std::vector<program::Row> rows{row_to(1, 10, to_port(1)), row_to(2, 9, to_port(2))};
  rows[0].copies = {net::PortNo{5}, net::PortNo{6}};
  rows[1].next = program::Fork{{{.metadata = {1, 1}, .table = TableId::kInbound},
                                {.metadata = {0, 1}, .table = TableId::kTransit}}};
  const auto unit = make_linux_unit(TableId::kOutbound, by_priority(rows)).value();
  const std::vector<LinuxExit> wanted{
      {.to = {}, .copies = 2, .to_controller = false},
      {.to = {TableId::kInbound, TableId::kTransit}, .copies = 0, .to_controller = false}};
  EXPECT_EQ(unit.exits, wanted);
}

TEST(LinuxUnit, RowsWithTheSameQueriesShareACounter) {
  std::vector<program::Row> rows{row_to(1, 10, to_port(1)), row_to(2, 9, to_port(2)),
                                 row_to(3, 8, to_port(3))};
  rows[0].queries = rows[1].queries = {4, 9};
  rows[2].queries = {4};
  const auto unit = make_linux_unit(TableId::kSent, by_priority(rows)).value();
  EXPECT_EQ(unit.counters.size(), 2U);
}

TEST(LinuxUnit, OwnersHaveSlotsOfTheirOwn) {
  EXPECT_EQ(linux_owner(TableId::kAdmit), nullptr);
  EXPECT_EQ(linux_owner(TableId::kTransit), nullptr);
  EXPECT_EQ(linux_owner(TableId::kSent)->first_slot, 16U);
  EXPECT_EQ(linux_owner(TableId::kInbound)->first_slot + FABRIX_ID_MASK, FABRIX_SLOTS - 1U);
  EXPECT_EQ(linux_owner(TableId::kInbound)->shift, 12U);
}

}  // namespace
}  // namespace fabrix::fabric
