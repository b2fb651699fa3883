#include "fabric/flow_banks.h"

#include <gtest/gtest.h>

#include "openflow/nicira.h"

namespace fabrix::fabric {
namespace {

openflow::FlowMod flow_in(std::uint8_t table, std::uint8_t goes_to) {
  openflow::FlowMod flow;
  flow.table_id = table;
  flow.priority = 7;
  flow.match.set(openflow::OxmField::kInPort, 3);
  flow.instructions.goto_table = goes_to;
  flow.instructions.apply_actions = {openflow::copy_to_table(5, 0xff, goes_to),
                                     openflow::Output{.port = net::PortNo{4}}};
  return flow;
}

openflow::FlowStats installed(const openflow::FlowMod& flow) {
  openflow::FlowStats stats;
  stats.table_id = flow.table_id;
  stats.priority = flow.priority;
  stats.cookie = flow.cookie;
  stats.match = flow.match;
  stats.instructions = flow.instructions;
  return stats;
}

TEST(FlowBanksTest, TheSecondBankIsTheFirstFurtherOnWithAllThatLeadsFromTableToTable) {
  const openflow::FlowMod flow = flow_in(2, 3);
  EXPECT_EQ(in_bank(flow, FlowBank::kFirst), flow);
  EXPECT_EQ(in_bank(flow, FlowBank::kSecond), flow_in(10, 11));
  EXPECT_EQ(in_bank(flow_in(6, 7), FlowBank::kSecond), flow_in(14, 7)) << "7 is in no bank";
}

TEST(FlowBanksTest, WithoutAFlipPacketsSeeTheFirst) {
  const auto found = by_bank({installed(flow_in(0, 2)), installed(flow_in(8, 10)),
                              installed(flow_in(7, 20)), installed(flow_in(15, 20))});
  EXPECT_EQ(found.active, FlowBank::kFirst);
  EXPECT_EQ(found.seen, (std::vector{installed(flow_in(0, 2)), installed(flow_in(7, 20)),
                                     installed(flow_in(15, 20))}));
  EXPECT_EQ(found.unseen, std::vector{installed(flow_in(8, 10))});
}

TEST(FlowBanksTest, WithAFlipPacketsSeeTheSecondWhichIsReadInThePlansNumbers) {
  const auto found =
      by_bank({installed(flow_in(0, 2)), installed(in_bank(flow_in(1, 2), FlowBank::kSecond)),
               installed(flip_to(FlowBank::kSecond)), installed(flow_in(15, 20))});
  EXPECT_EQ(found.active, FlowBank::kSecond);
  EXPECT_EQ(found.seen, (std::vector{installed(flow_in(1, 2)), installed(flow_in(15, 20))}));
  EXPECT_EQ(found.unseen, std::vector{installed(flow_in(0, 2))});
}

// Whoever put it there: packets go elsewhere.
TEST(FlowBanksTest, AnotherEntryInThePlaceOfTheFlipIsNone) {
  openflow::FlowMod other_way = flip_to(FlowBank::kSecond);
  other_way.instructions.goto_table = 3;
  const auto found = by_bank({installed(other_way)});
  EXPECT_EQ(found.active, FlowBank::kFirst);
  EXPECT_EQ(found.seen.size(), 1U);
}

TEST(FlowBanksTest, OneFlowModFlipsAndOneFlipsBack) {
  EXPECT_EQ(flip_to(FlowBank::kSecond).command, openflow::FlowCommand::kAdd);
  EXPECT_EQ(flip_to(FlowBank::kFirst).command, openflow::FlowCommand::kDeleteStrict);
  EXPECT_TRUE(same_rule(installed(flip_to(FlowBank::kSecond)), flip_to(FlowBank::kFirst)));
}

}  // namespace
}  // namespace fabrix::fabric
