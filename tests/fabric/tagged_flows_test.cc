#include "fabric/tagged_flows.h"

#include <gtest/gtest.h>

#include "openflow/label_actions.h"

namespace fabrix::fabric {
namespace {

using openflow::Action;
using openflow::FlowMod;
using openflow::OxmField;

const PortTags kTags{{net::PortNo{1}, 100}, {net::PortNo{3}, 300}};

Action output(std::uint32_t port) {
  return openflow::Output{.port = net::PortNo{port}, .max_len = 0};
}

FlowMod flow_from(std::uint32_t port) {
  FlowMod flow;
  flow.match.set(OxmField::kInPort, port).set(OxmField::kVlanVid, 0);
  flow.instructions.goto_table = 2;
  return flow;
}

TEST(TaggedFlowsTest, WhatIsForUntaggedFramesOfATaggedPortIsForItsTag) {
  const FlowMod made = with_tags(kTags, flow_from(1));
  EXPECT_EQ(made.match.find(OxmField::kVlanVid)->value, openflow::kVlanPresent | 100U);
  EXPECT_TRUE(made.match.find(OxmField::kVlanVid)->is_exact());
  EXPECT_EQ(made.instructions.apply_actions, std::vector<Action>{openflow::pop_vlan()});
  EXPECT_EQ(made.instructions.goto_table, 2);
}

TEST(TaggedFlowsTest, WhatIsDroppedKeepsItsTag) {
  FlowMod flow = flow_from(1);
  flow.instructions.goto_table.reset();
  const FlowMod made = with_tags(kTags, flow);
  EXPECT_EQ(made.match.find(OxmField::kVlanVid)->value, openflow::kVlanPresent | 100U);
  EXPECT_TRUE(made.instructions.apply_actions.empty());
}

TEST(TaggedFlowsTest, LaterTablesSeeNoTag) {
  FlowMod later = flow_from(1);
  later.table_id = 2;
  EXPECT_EQ(with_tags(kTags, later), later);
}

TEST(TaggedFlowsTest, OtherPortsAndWhatMindsNoTagStay) {
  EXPECT_EQ(with_tags(kTags, flow_from(2)), flow_from(2));
  EXPECT_EQ(with_tags({}, flow_from(1)), flow_from(1));
  FlowMod any;
  any.match.set(OxmField::kInPort, 1);
  EXPECT_EQ(with_tags(kTags, any), any);
}

TEST(TaggedFlowsTest, WhatLeavesByATaggedPortGetsItsTagAndIsWithoutItAfterwards) {
  FlowMod flow = flow_from(2);
  flow.instructions.goto_table.reset();
  flow.instructions.apply_actions = {output(1), output(2), output(3)};
  const std::vector<Action> wanted{
      openflow::push_vlan(), openflow::set_vlan_id(100), output(1), openflow::pop_vlan(), output(2),
      openflow::push_vlan(), openflow::set_vlan_id(300), output(3)};
  EXPECT_EQ(with_tags(kTags, flow).instructions.apply_actions, wanted);
  EXPECT_EQ(with_tags(kTags, flow.instructions.apply_actions), wanted);
  flow.instructions.goto_table = 4;
  EXPECT_EQ(with_tags(kTags, flow).instructions.apply_actions.back(), Action{openflow::pop_vlan()});
}

}  // namespace
}  // namespace fabrix::fabric
