#include "fabric/linux_unit.h"

#include <cstddef>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using program::TableId;

std::vector<program::Row> rows_to_ports(std::uint32_t count) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < count; ++i)
    rows.push_back(row_to(i + 1, 10, to_port(std::uint64_t{997} * i)));
  return rows;
}

LinuxPart part_of(TableId table, const std::vector<program::Row>& rows) {
  return make_linux_part(table, by_priority(rows), enough()).value();
}

LinuxUnit unit_of(const std::vector<LinuxPart>& parts) {
  std::vector<const LinuxPart*> all;
  for (const LinuxPart& part : parts) all.push_back(&part);
  return make_linux_unit(all, enough()).value();
}

TEST(LinuxUnit, IsAFunctionOfItsRows) {
  const auto rows = rows_to_ports(20);
  const auto again = rows_to_ports(20);
  const auto others = rows_to_ports(21);
  const auto unit = unit_of({part_of(TableId::kAdmit, rows)});
  EXPECT_EQ(unit_of({part_of(TableId::kAdmit, again)}).id, unit.id);
  EXPECT_NE(unit_of({part_of(TableId::kAdmit, others)}).id, unit.id);
  ASSERT_EQ(unit.entries.size(), 1U);
  const LinuxEntries& entries = *unit.entries[0];
  ASSERT_EQ(entries.narrow.size(), 20U);
  // Keys begin with the entries' id.
  EXPECT_EQ(entries.narrow[3].first.form, entries.id);
  EXPECT_EQ(entries.narrow[3].second.step.port, 4U);
}

TEST(LinuxUnit, HasRowsOfNeighbouringNumbersInAnArray) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 20; ++i) rows.push_back(row_to(i + 1, 10, to_port(i)));
  const auto unit = unit_of({part_of(TableId::kAdmit, rows)});
  EXPECT_TRUE(unit.entries.empty());
  ASSERT_EQ(unit.arrays.size(), 1U);
  EXPECT_EQ(unit.arrays[0]->size(), 20U);
  // What is in it belongs to what the unit is.
  rows[7].next = program::Output{net::PortNo{99}};
  EXPECT_NE(unit_of({part_of(TableId::kAdmit, rows)}).id, unit.id);
}

TEST(LinuxUnit, OfSeveralTablesKeepsTheEntriesOfThoseThatStay) {
  const auto admit = rows_to_ports(20);
  const auto transit = rows_to_ports(21);
  const auto before =
      unit_of({part_of(TableId::kAdmit, admit), part_of(TableId::kTransit, rows_to_ports(1))});
  const auto after =
      unit_of({part_of(TableId::kAdmit, admit), part_of(TableId::kTransit, transit)});
  EXPECT_NE(after.id, before.id);
  ASSERT_EQ(before.entries.size(), 1U);
  ASSERT_EQ(after.entries.size(), 2U);
  EXPECT_EQ(after.entries[0]->id, before.entries[0]->id);
}

TEST(LinuxUnit, OfSeveralTablesBeginsWithTheOneThatIsNext) {
  program::Row row = row_to(1, 10);
  row.next = program::Goto{TableId::kResolve};
  const auto unit =
      unit_of({part_of(TableId::kAdmit, {row}), part_of(TableId::kResolve, rows_to_ports(1))});
  const std::string next = fmt::format("64[r7+{}]", offsetof(fabrix_scratch, next));
  EXPECT_NE(ebpf::disassemble(unit.code).find(next), std::string::npos);
}

TEST(LinuxUnit, TellsHowPacketsLeaveIt) {
  std::vector<program::Row> rows{row_to(1, 10, to_port(1)), row_to(2, 9, to_port(2))};
  rows[0].copies = {net::PortNo{5}, net::PortNo{6}};
  rows[1].next = program::Fork{{{.metadata = {1, 1}, .table = TableId::kInbound},
                                {.metadata = {0, 1}, .table = TableId::kTransit}}};
  const auto unit = unit_of({part_of(TableId::kOutbound, rows)});
  const std::vector<LinuxExit> wanted{
      {.from = TableId::kOutbound, .to = {}, .copies = 2, .to_controller = false},
      {.from = TableId::kOutbound,
       .to = {TableId::kInbound, TableId::kTransit},
       .copies = 0,
       .to_controller = false}};
  EXPECT_EQ(unit.exits, wanted);
}

TEST(LinuxUnit, RowsWithTheSameQueriesShareACounter) {
  std::vector<program::Row> rows{row_to(1, 10, to_port(1)), row_to(2, 9, to_port(2)),
                                 row_to(3, 8, to_port(3))};
  rows[0].queries = rows[1].queries = {4, 9};
  rows[2].queries = {4};
  const auto unit = unit_of({part_of(TableId::kSent, rows)});
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
