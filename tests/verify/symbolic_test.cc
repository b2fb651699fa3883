#include "verify/symbolic.h"

#include <gtest/gtest.h>

#include "tests/verify/compiled_world.h"

namespace fabrix::verify {
namespace {

// Of a Fork, by the row that made it.
void expect_branches(const Effect& effect, const program::Outcome& outcome) {
  const program::Row* row = nullptr;
  for (const program::Step& step : outcome.steps) {
    if (step.table == program::TableId::kOutbound) row = step.row;
  }
  ASSERT_NE(row, nullptr);
  const auto* fork = std::get_if<program::Fork>(&row->next);
  ASSERT_NE(fork, nullptr);
  std::vector<Onward> all{{effect.table, effect.metadata}};
  all.insert(all.end(), effect.branches.begin(), effect.branches.end());
  std::vector<Onward> expected;
  for (const program::Branch& branch : fork->branches) {
    expected.push_back({branch.table, branch.metadata.bits | row->match.metadata.bits});
  }
  std::ranges::sort(expected);
  EXPECT_EQ(all, expected);
}

// The tables before delivery, for all packets of one ingress port and destination at once, against
// packets one by one.
TEST(SymbolicTest, DoesToAllPacketsWhatEvaluateDoesToEach) {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    const RowIndex index(compiled.program);
    PacketSpace space(compiled.random.reachability());
    Effects effects;
    SymbolicProgram symbolic(index, space, effects);
    for (int i = 0; i < 60; ++i) {
      const auto& from = compiled.random.any_router();
      net::Packet packet = compiled.random.routed_packet(from.id);
      const auto mac = compiled.mac_for(from.participant, packet.dst_ip);
      if (!mac) continue;
      packet.dst_mac = *mac;
      const Fixed fixed{{net::Field::kInPort, from.port.value},
                        {net::Field::kDstMac, mac->to_u64()}};
      const auto all =
          symbolic.run({.table = program::TableId::kAdmit, .metadata = 0, .known = known(fixed)},
                       program::TableId::kDelivered);
      ASSERT_TRUE(all);
      const Effect effect = effects.at(space.store().evaluate(*all, point_of(packet)));

      program::Program cut = compiled.program;
      for (const auto table : {program::TableId::kDelivered, program::TableId::kInbound}) {
        cut.table(table).clear();
      }
      const program::Outcome outcome = program::evaluate(cut, packet);
      const program::TableId last = outcome.steps.back().table;
      const bool arrived = last >= program::TableId::kDelivered;
      EXPECT_EQ(effect.kind == Effect::Kind::kContinue, arrived);
      if (!arrived) continue;
      if (!effect.branches.empty()) {
        expect_branches(effect, outcome);
        continue;
      }
      EXPECT_EQ(effect.metadata, outcome.metadata);
      for (const policy::Write& write : effect.writes) {
        net::set_value(packet, write.field, write.value);
      }
      EXPECT_EQ(packet, outcome.packet);
    }
  }
}

TEST(SymbolicTest, AnIndexGivesRowsInOrderOfPriority) {
  const CompiledWorld compiled(3);
  const RowIndex index(compiled.program);
  const auto rows = index.rows(program::TableId::kAdmit, 0, 1);
  EXPECT_FALSE(rows.empty());
  EXPECT_LT(rows.size(), compiled.program.table(program::TableId::kAdmit).size());
  EXPECT_TRUE(std::ranges::is_sorted(rows, std::ranges::greater{},
                                     [](const program::Row* row) { return row->priority; }));
}

}  // namespace
}  // namespace fabrix::verify
