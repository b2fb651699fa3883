#include "fabric/switch_ports.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/tagged_flows.h"
#include "openflow/label_actions.h"
#include "tests/fabric/leaf_spine.h"

namespace fabrix::fabric {
namespace {

using openflow::Action;
using openflow::FlowMod;
using openflow::FlowStats;
using openflow::Output;
using openflow::OxmField;

constexpr std::uint32_t kSeed = 815;

Action output(std::uint32_t port) {
  return Output{.port = net::PortNo{port}, .max_len = 0};
}

FlowStats installed(const FlowMod& mod) {
  FlowStats flow;
  flow.match = mod.match;
  flow.instructions = mod.instructions;
  return flow;
}

TEST(SwitchPortsTest, EveryNumberHasExactlyOneOther) {
  const SwitchPorts ports(leaf_spine(), kE1);
  EXPECT_EQ(ports.to_switch(net::PortNo{1}), net::PortNo{11});
  EXPECT_EQ(ports.from_switch(net::PortNo{12}), net::PortNo{2});
  EXPECT_EQ(ports.to_switch(openflow::kPortController), openflow::kPortController);
  for (std::uint32_t low = 0; low < 64; ++low) {
    for (const std::uint32_t high : {0U, 0x01000000U, 0x02000000U, 0xffff0000U, 0xffffff00U}) {
      const net::PortNo port{high | low};
      EXPECT_EQ(ports.from_switch(ports.to_switch(port)), port);
      EXPECT_EQ(ports.to_switch(ports.from_switch(port)), port);
    }
  }
}

TEST(SwitchPortsTest, WhatLeavesElsewhereGetsALabelAndAGroup) {
  const SwitchPorts ports(leaf_spine(), kE1);
  FlowMod flow;
  flow.match.set(OxmField::kInPort, 2);
  flow.instructions.apply_actions = {output(4), output(1), output(3)};
  const FlowMod made = ports.to_switch(flow);
  EXPECT_EQ(made.match.find(OxmField::kInPort)->value, 12U);
  EXPECT_EQ(made.instructions.apply_actions,
            (std::vector<Action>{openflow::push_vlan(), openflow::set_vlan_id(4),
                                 openflow::to_group(group_of(kE2)), openflow::pop_vlan(),
                                 output(11), openflow::push_vlan(), openflow::set_vlan_id(3),
                                 openflow::to_group(group_of(kE2))}));
  flow.instructions.goto_table = 3;  // where the frame is as it was
  EXPECT_EQ(ports.to_switch(flow).instructions.apply_actions.back(), Action{openflow::pop_vlan()});
}

std::uint32_t pick(std::mt19937& random, std::size_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

// What Programs become. The tag of port 2 is the number of a port elsewhere.
const PortTags kTags{{net::PortNo{2}, 4}, {net::PortNo{3}, 100}};
FlowMod random_flow(std::mt19937& random) {
  FlowMod flow;
  if (pick(random, 2) == 0) flow.match.set(OxmField::kInPort, 1 + pick(random, 2));
  for (std::uint32_t count = pick(random, 5); count > 0; --count) {
    auto& actions = flow.instructions.apply_actions;
    switch (pick(random, 4)) {
      case 0:
        actions.emplace_back(openflow::SetField{.field = OxmField::kEthDst, .value = 7});
        break;
      case 1:
        actions.emplace_back(openflow::to_controller());
        break;
      default:
        actions.push_back(output(1 + pick(random, 4)));
    }
  }
  if (pick(random, 2) == 0) flow.instructions.goto_table = 3;
  return flow;
}

TEST(SwitchPortsTest, FromSwitchUndoesToSwitch) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const SwitchPorts ports(leaf_spine(), kE1);
  for (int round = 0; round < 5000; ++round) {
    const bool is_tagged = pick(random, 2) == 0;
    const FlowMod flow = with_tags(is_tagged ? kTags : PortTags{}, random_flow(random));
    const FlowStats back = ports.from_switch(installed(ports.to_switch(flow)));
    ASSERT_EQ(back, installed(flow)) << round;
  }
}

// Whatever a switch has reads as what Fabrix would have made of it, or as nothing it makes.
TEST(SwitchPortsTest, NothingElseReadsAsAFlowOfAProgram) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const SwitchPorts ports(leaf_spine(), kE1);
  const std::vector<Action> kinds{openflow::push_vlan(),
                                  openflow::set_vlan_id(1),
                                  openflow::set_vlan_id(3),
                                  openflow::to_group(1),
                                  openflow::to_group(2),
                                  openflow::pop_vlan(),
                                  output(11),
                                  output(3),
                                  output(0x01000003),
                                  openflow::to_controller()};
  std::size_t same = 0;
  for (int round = 0; round < 50000; ++round) {
    FlowStats flow;
    for (std::uint32_t count = pick(random, 6); count > 0; --count) {
      flow.instructions.apply_actions.push_back(kinds[pick(random, kinds.size())]);
    }
    if (pick(random, 2) == 0) flow.instructions.goto_table = 3;
    FlowMod read;
    read.instructions = ports.from_switch(flow).instructions;
    if (ports.to_switch(read).instructions == flow.instructions) {
      ++same;
    } else {
      ASSERT_TRUE(
          std::holds_alternative<openflow::OpaqueAction>(read.instructions.apply_actions.front()));
    }
  }
  EXPECT_GT(same, 1000U);
}

TEST(SwitchPortsTest, KnowsItsPorts) {
  EXPECT_EQ(SwitchPorts(leaf_spine(), kE2).ports(),
            (std::vector<net::PortNo>{net::PortNo{3}, net::PortNo{4}}));
  EXPECT_TRUE(SwitchPorts(leaf_spine(), kC1).ports().empty());
}

}  // namespace
}  // namespace fabrix::fabric
