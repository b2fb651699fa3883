#include "fabric/underlay.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "openflow/label_actions.h"
#include "tests/fabric/leaf_spine.h"

namespace fabrix::fabric {
namespace {

using openflow::FlowMod;
using openflow::FlowStats;
using openflow::Group;
using openflow::GroupCommand;
using openflow::OxmField;

// A switch that has just these.
std::vector<FlowStats> installed(const std::vector<FlowMod>& mods) {
  std::vector<FlowStats> flows;
  for (const FlowMod& mod : mods) {
    FlowStats flow;
    flow.table_id = mod.table_id;
    flow.priority = mod.priority;
    flow.cookie = mod.cookie;
    flow.match = mod.match;
    flow.instructions = mod.instructions;
    flows.push_back(std::move(flow));
  }
  return flows;
}

std::vector<FlowMod> flows_of(const Underlay& underlay) {
  std::vector<FlowStats> none;
  return underlay.take_flows(none).changes;
}

std::vector<std::uint32_t> bucket_ports(const Group& group) {
  std::vector<std::uint32_t> ports;
  for (const openflow::Bucket& bucket : group.buckets) {
    const openflow::Output out{.port = bucket.watch_port, .max_len = 0};
    EXPECT_EQ(bucket.actions, std::vector<openflow::Action>{out});
    EXPECT_EQ(bucket.weight, 1);
    ports.push_back(bucket.watch_port.value);
  }
  return ports;
}

TEST(UnderlayTest, AnEdgeTakesWhatIsForItsOwnPortsOnly) {
  const auto flows = flows_of(Underlay(leaf_spine(), kE1));
  EXPECT_EQ(flows.size(), 5U);  // a probe, two links, two ports
  for (const FlowMod& flow : flows) {
    if (flow.table_id == 0) {
      EXPECT_NE(flow.match.find(OxmField::kInPort), nullptr);
      EXPECT_EQ(flow.instructions.goto_table, kLabelTable);
      EXPECT_EQ(flow.priority, 0xffff);
      continue;
    }
    EXPECT_EQ(flow.table_id, kLabelTable);
    ASSERT_NE(flow.match.find(OxmField::kVlanVid), nullptr);
  }
}

TEST(UnderlayTest, ACoreHandsOnWhatIsForOthers) {
  const auto flows = flows_of(Underlay(leaf_spine(), kC1));
  EXPECT_EQ(flows.size(), 7U);  // a probe, two links, four ports
  const auto to = [&](std::uint64_t label) {
    const auto found = std::ranges::find_if(flows, [label](const FlowMod& flow) {
      const auto* vid = flow.match.find(OxmField::kVlanVid);
      return vid != nullptr && vid->value.low == (openflow::kVlanPresent | label);
    });
    return found == flows.end() ? std::vector<openflow::Action>{}
                                : found->instructions.apply_actions;
  };
  EXPECT_EQ(to(1), std::vector<openflow::Action>{openflow::to_group(group_of(kE1))});
  EXPECT_EQ(to(4), std::vector<openflow::Action>{openflow::to_group(group_of(kE2))});
}

TEST(UnderlayTest, AGroupHasABucketForEachLinkOnAShortestPath) {
  const Topology topology = leaf_spine();
  Underlay underlay(topology, kE1);
  const auto mods = underlay.take_group_changes();
  ASSERT_EQ(mods.size(), 1U);  // the cores have no ports
  EXPECT_EQ(mods[0].command, GroupCommand::kAdd);
  EXPECT_EQ(mods[0].group.id, group_of(kE2));
  EXPECT_EQ(bucket_ports(mods[0].group), (std::vector<std::uint32_t>{21, 22}));
  EXPECT_TRUE(underlay.take_group_changes().empty());

  underlay.use(topology, Paths(topology, {2}));  // the other edge's link to c1
  EXPECT_EQ(underlay.count_wrong_groups(), 1U);
  const auto around = underlay.take_group_changes();
  ASSERT_EQ(around.size(), 1U);
  EXPECT_EQ(around[0].command, GroupCommand::kModify);
  EXPECT_EQ(bucket_ports(around[0].group), std::vector<std::uint32_t>{22});

  underlay.use(topology, Paths(topology, {2, 3}));
  EXPECT_TRUE(underlay.take_group_changes()[0].group.buckets.empty());
}

TEST(UnderlayTest, CorrectsTheGroupsThatItFinds) {
  Underlay underlay(leaf_spine(), kC1);
  underlay.note_groups({{.type = openflow::kGroupAll, .id = 1}, {.id = 77}});
  EXPECT_EQ(underlay.count_wrong_groups(), 3U);  // nobody's, different, missing
  const auto mods = underlay.take_group_changes();
  ASSERT_EQ(mods.size(), 3U);
  EXPECT_EQ(mods[0].command, GroupCommand::kDelete);
  EXPECT_EQ(mods[0].group.id, 77U);
  EXPECT_EQ(mods[1].command, GroupCommand::kModify);
  EXPECT_EQ(mods[2].command, GroupCommand::kAdd);
  EXPECT_EQ(underlay.count_wrong_groups(), 0U);
}

TEST(UnderlayTest, TellsItsOwnFlowsFromTheProgramsAndCorrectsThem) {
  const Underlay underlay(leaf_spine(), kE1);
  auto mods = flows_of(underlay);
  FlowMod of_program;
  of_program.match.set(OxmField::kInPort, 11);
  mods[1].cookie = 5;
  const FlowMod missing = mods.back();
  mods.back() = of_program;
  auto flows = installed(mods);
  const auto found = underlay.take_flows(flows);
  EXPECT_EQ(found.right, 3U);
  EXPECT_EQ(found.different, 1U);
  EXPECT_EQ(found.missing, 1U);
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_EQ(found.changes[1], missing);
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].match.find(OxmField::kInPort)->value, 1U);
  EXPECT_EQ(underlay.flow_count(), 5U);
}

}  // namespace
}  // namespace fabrix::fabric
