#include "fabric/flow_plan.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "fabric/flow_translation.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using program::ProgramPtr;
using program::Row;
using program::TableId;

const std::vector<net::PortNo> kPorts{net::PortNo{1}, net::PortNo{2}, net::PortNo{3}};

Row row(std::uint16_t priority, std::uint64_t port, std::uint32_t to = 1) {
  Row one;
  one.priority = priority;
  one.match.exact(Field::kEthType, net::kEthTypeIpv4)
      .exact(Field::kProtocol, net::kProtocolTcp)
      .exact(Field::kDstPort, port);
  one.next = program::Output{net::PortNo{to}};
  return one;
}

// What a switch has that starts with `flows` and carries out `mods`.
FlowPlan::Flows after(FlowPlan::Flows flows, const std::vector<openflow::FlowMod>& mods) {
  for (const openflow::FlowMod& mod : mods) {
    const FlowKey key = key_of(mod.table_id, mod.priority, mod.match);
    flows.erase(key);
    if (mod.command == openflow::FlowCommand::kAdd) flows.emplace(key, mod);
  }
  return flows;
}

FlowPlan::Flows all_of(const program::Program& program) {
  FlowPlan::Flows flows;
  const auto translated = flows_for(program, kPorts);
  EXPECT_TRUE(translated.has_value());
  for (const openflow::FlowMod& flow : *translated) {
    flows.try_emplace(key_of(flow.table_id, flow.priority, flow.match), flow);
  }
  return flows;
}

// Programs of four blocks in which a few rows come, go and change from one to the next, and move
// from block to block.
class FlowPlanTest : public ::testing::Test {
 protected:
  using Blocks = std::vector<std::vector<Row>>;

  ProgramPtr next() {
    const auto place = random_() % blocks_.size();
    auto& rows = blocks_[place];
    const auto priority = static_cast<std::uint16_t>(100 * (random_() % 8) + 10);
    for (auto& each : blocks_) std::erase_if(each, [&](auto& r) { return r.priority == priority; });
    if (random_() % 3 != 0) {
      rows.push_back(row(priority, 80, 1 + static_cast<std::uint32_t>(random_() % 3)));
    }
    program::Rows::Directory directory(1 + random_() % 2 + blocks_.size());
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      auto block = program::make_block(blocks_[i]);
      const bool same = i < before_.size() && before_[i] && block && *before_[i] == *block;
      directory[i] = same ? before_[i] : block;
    }
    before_ = directory;
    program::Program program;
    program.tables[static_cast<std::size_t>(TableId::kInbound)] = program::Rows(directory);
    if (random_() % 2 == 0) program.table(TableId::kTransit).push_back(row(7, random_() % 4));
    return std::make_shared<const program::Program>(std::move(program));
  }

  std::mt19937 random_{20261121};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  Blocks blocks_{4};
  program::Rows::Directory before_;
};

TEST_F(FlowPlanTest, ChangesLeadFromAnyPlanToTheOther) {
  auto plan = std::make_shared<const FlowPlan>();
  for (int i = 0; i < 500; ++i) {
    const ProgramPtr program = next();
    const auto made = FlowPlan::make(program, kPorts, *plan);
    ASSERT_TRUE(made.has_value());
    const auto wanted = all_of(*program);
    EXPECT_EQ((*made)->flows(), wanted);
    EXPECT_EQ((*made)->size(), wanted.size());
    EXPECT_EQ(after(plan->flows(), (*made)->changes_from(*plan)), wanted) << "round " << i;
    EXPECT_EQ(after(plan->flows(), (*made)->changes_from(plan->flows())), wanted);
    EXPECT_TRUE((*made)->changes_from(**made).empty());
    plan = *made;
  }
}

TEST_F(FlowPlanTest, AnOutlineIsThePlanHoweverItIsAskedFor) {
  auto plan = std::make_shared<const FlowPlan>();
  for (std::size_t i = 0; i < 200; ++i) {
    const ProgramPtr program = next();
    const auto wanted = all_of(*program);
    const auto outlined = FlowPlan::outline(program, kPorts, *plan).value();
    FlowPlan::Flows listed;
    const std::size_t step = 1 + (random_() % 3);
    for (std::size_t most = 0; most <= wanted.size() + step; most += step) {
      const auto entries = outlined->first_entries(most);
      ASSERT_EQ(entries.size(), std::min(most, wanted.size()));
      for (const auto* each : entries.subspan(listed.size())) listed.insert(*each);
      ASSERT_EQ(listed.size(), entries.size()) << "each once";
    }
    EXPECT_EQ(listed, wanted);
    EXPECT_TRUE(outlined->is_whole());
    const auto asked_otherwise = FlowPlan::outline(program, kPorts, *plan).value();
    EXPECT_EQ(asked_otherwise->size(), wanted.size());
    EXPECT_EQ(FlowPlan::outline(program, kPorts, *plan).value()->flows(), wanted);
    EXPECT_EQ(after(plan->flows(), outlined->changes_from(*plan)), wanted);
    plan = outlined;
  }
}

TEST_F(FlowPlanTest, AnOutlineIsTranslatedAsFarAsItIsAskedFor) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 1000; ++i) rows.push_back(row(60'000 - i, 80));
  program::Program program;
  program.tables[static_cast<std::size_t>(TableId::kInbound)] =
      program::Rows(program::Rows::Directory{program::make_block(rows)});
  const auto shared = std::make_shared<const program::Program>(std::move(program));
  const auto plan = FlowPlan::outline(shared, kPorts, FlowPlan{}).value();
  EXPECT_FALSE(plan->is_whole());
  EXPECT_EQ(plan->first_entries(500).size(), 500U);
  EXPECT_FALSE(plan->is_whole());
  const auto next = FlowPlan::make(shared, kPorts, *plan).value();
  EXPECT_TRUE(plan->is_whole());
  EXPECT_TRUE(next->changes_from(*plan).empty());
}

TEST_F(FlowPlanTest, WhatMayFailIsTranslatedAtOnce) {
  Row half;
  half.set_fields = {{Field::kDstIp6High, 1}};
  program::Program program;
  program.tables[static_cast<std::size_t>(TableId::kInbound)] =
      program::Rows(program::Rows::Directory{program::make_block(std::vector<Row>{half})});
  const auto shared = std::make_shared<const program::Program>(std::move(program));
  EXPECT_FALSE(FlowPlan::outline(shared, kPorts, FlowPlan{}).has_value());
}

TEST_F(FlowPlanTest, CountsTheRowsThatDifferInBlocksOfTheirOwn) {
  const auto plan_of = [](std::vector<Row> first, std::vector<Row> second) {
    program::Program program;
    program.tables[static_cast<std::size_t>(TableId::kInbound)] =
        program::Rows(program::Rows::Directory{program::make_block(std::move(first)),
                                               program::make_block(std::move(second))});
    return FlowPlan::make(std::make_shared<const program::Program>(std::move(program)), kPorts,
                          FlowPlan{})
        .value();
  };
  const auto some = plan_of({row(30, 80), row(20, 81), row(10, 82)}, {row(5, 80)});
  const auto others = plan_of({row(30, 80), row(20, 99), row(9, 82)}, {});
  EXPECT_EQ(some->rows_unlike(*some), 0U);
  EXPECT_EQ(others->rows_unlike(*some), 4U) << "20 differs, 10 and 5 have gone, 9 has come";
  EXPECT_EQ(some->rows_unlike(*others), 4U);
  EXPECT_EQ(some->rows_unlike(FlowPlan{}), 4U);
}

TEST_F(FlowPlanTest, WhatIsForeignIsRemoved) {
  const FlowPlanPtr nothing = std::make_shared<const FlowPlan>();
  program::Program program;
  program.table(TableId::kInbound).push_back(row(10, 80));
  const auto foreign = all_of(program);
  const auto mods = nothing->changes_from(foreign);
  ASSERT_EQ(mods.size(), 1U);
  EXPECT_EQ(mods.front().command, openflow::FlowCommand::kDeleteStrict);
}

// A switch that overwrites an entry keeps what it has counted (OpenFlow 1.4 §6.4).
TEST_F(FlowPlanTest, WhatCountsFromNowOnIsAddedAnew) {
  program::Program program;
  program.table(TableId::kInbound).push_back(row(10, 80));
  const FlowPlanPtr before =
      *FlowPlan::make(std::make_shared<const program::Program>(program), kPorts, FlowPlan{});
  program.table(TableId::kInbound)[0].queries = {7};
  const FlowPlanPtr now =
      *FlowPlan::make(std::make_shared<const program::Program>(program), kPorts, *before);
  for (const auto& [from, to] : {std::pair{before, now}, std::pair{now, before}}) {
    const auto mods = to->changes_from(*from);
    ASSERT_EQ(mods.size(), 2U);
    EXPECT_EQ(mods[0].command, openflow::FlowCommand::kDeleteStrict);
    EXPECT_EQ(mods[1].command, openflow::FlowCommand::kAdd);
  }
}

TEST_F(FlowPlanTest, OtherPortsHaveEverythingTranslatedAnew) {
  Row any;  // a port's lowest bit: one flow for each port that has it
  any.priority = 10;
  any.match.ternary(Field::kInPort, 1, 1);
  program::Rows::Directory directory{program::make_block(std::vector<Row>{any})};
  program::Program program;
  program.tables[static_cast<std::size_t>(TableId::kAdmit)] = program::Rows(directory);
  const auto shared = std::make_shared<const program::Program>(std::move(program));
  const auto before = FlowPlan::make(shared, kPorts, FlowPlan{});
  ASSERT_TRUE(before.has_value());
  EXPECT_EQ((*before)->size(), 2U);
  const auto more =
      FlowPlan::make(shared, {net::PortNo{1}, net::PortNo{3}, net::PortNo{5}}, **before);
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ((*more)->size(), 3U);
}

}  // namespace
}  // namespace fabrix::fabric
