#include "fabric/table_check.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

using openflow::FlowMod;
using openflow::OxmField;
using openflow::TableFeatures;

TableFeatures able(std::uint8_t id) {
  return {.table_id = id,
          .max_entries = 2,
          .instructions = std::set<std::uint16_t>{1, 2, 4, 6},
          .next_tables = std::set<std::uint8_t>{static_cast<std::uint8_t>(id + 1)},
          .matches = std::set{OxmField::kInPort, OxmField::kEthType},
          .sets = std::set{OxmField::kEthDst}};
}

FlowMod flow() {
  FlowMod mod;
  mod.match.set(OxmField::kInPort, 1).set(OxmField::kRegister0, 3);
  mod.instructions.meter = 7;
  mod.instructions.write_metadata = openflow::WriteMetadata{.value = 1, .mask = 1};
  mod.instructions.goto_table = 1;
  mod.instructions.apply_actions = {openflow::SetField{.field = OxmField::kEthDst, .value = 1},
                                    openflow::Output{.port = net::PortNo{2}}};
  return mod;
}

std::string refusal(const TableFeatures& table, const FlowMod& mod) {
  const auto fits = TableCheck({table}).check(std::vector{mod});
  return fits ? "" : fits.error().message;
}

TEST(TableCheckTest, WhatATableCanDoPasses) {
  EXPECT_EQ(refusal(able(0), flow()), "");
  EXPECT_EQ(refusal({.table_id = 0}, flow()), "") << "it does not say";
  EXPECT_TRUE(TableCheck().check(std::vector{flow()})) << "the switch does not say";
}

TEST(TableCheckTest, SaysWhichTableLacksWhat) {
  FlowMod other = flow();
  other.table_id = 3;
  EXPECT_EQ(refusal(able(0), other), "the switch has no table 3");
  other.command = openflow::FlowCommand::kDeleteStrict;
  EXPECT_EQ(refusal(able(0), other), "") << "what goes may have been of another kind";
  other = flow();
  other.match.set(OxmField::kIpv6Src, 1);
  EXPECT_EQ(refusal(able(0), other), "table 0 of the switch cannot match ipv6_src");
  other = flow();
  other.instructions.goto_table = 2;
  EXPECT_EQ(refusal(able(0), other), "table 0 of the switch cannot lead to table 2");
  other = flow();
  other.instructions.apply_actions = {openflow::SetField{.field = OxmField::kEthSrc, .value = 1}};
  EXPECT_EQ(refusal(able(0), other), "table 0 of the switch cannot set eth_src");
  for (const auto& [instruction, what] :
       {std::pair<std::uint16_t, std::string>{1, "lead to table 1"},
        {2, "write metadata"},
        {4, "apply actions"},
        {6, "use meters"}}) {
    TableFeatures table = able(0);
    table.instructions->erase(instruction);
    EXPECT_EQ(refusal(table, flow()), "table 0 of the switch cannot " + what);
  }
}

TEST(TableCheckTest, APlanNeedsRoomInEachTable) {
  auto program = std::make_shared<program::Program>();
  for (std::uint16_t priority = 1; priority <= 3; ++priority) {
    program::Row row;
    row.priority = priority;
    row.next = program::Output{net::PortNo{2}};
    program->table(program::TableId::kOutbound).push_back(row);
  }
  program->canonicalize();
  const auto plan = FlowPlan::make(program, {net::PortNo{2}}, FlowPlan()).value();
  EXPECT_EQ(plan->size_of(program::TableId::kOutbound), 3U);
  EXPECT_TRUE(TableCheck({able(0), able(1)}).check_room(*plan));
  const auto room = TableCheck({able(0), able(1), able(2)}).check_room(*plan);
  ASSERT_FALSE(room);
  EXPECT_EQ(room.error().message,
            "table 2 of the switch (outbound) has room for 2 flow entries: 3 are wanted");
}

}  // namespace
}  // namespace fabrix::fabric
