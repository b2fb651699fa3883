#include "openflow/label_actions.h"

#include <vector>

#include <gtest/gtest.h>

#include "openflow/wire.h"

namespace fabrix::openflow {
namespace {

// OpenFlow 1.4.1 §7.2.5; `ovs-ofctl parse-actions OpenFlow14` of Open vSwitch 3.1 says the same of
// push_vlan:0x8100,set_field:0x1fff->vlan_vid,group:7,pop_vlan.
TEST(LabelActionsTest, AreTheActionsOfTheStandard) {
  WireWriter out;
  encode_actions({push_vlan(), set_vlan_id(0xfff), to_group(7), pop_vlan()}, out);
  const std::vector<int> expected{0,    17,   0, 8,  0x81, 0x00, 0,    0,  // push
                                  0,    0x19, 0, 16, 0x80, 0x00, 0x0c, 2,
                                  0x1f, 0xff, 0, 0,  0,    0,    0,    0,   // set
                                  0,    22,   0, 8,  0,    0,    0,    7,   // group
                                  0,    18,   0, 8,  0,    0,    0,    0};  // pop
  std::vector<int> octets;
  for (const std::byte octet : out.take()) octets.push_back(std::to_integer<int>(octet));
  EXPECT_EQ(octets, expected);
}

}  // namespace
}  // namespace fabrix::openflow
