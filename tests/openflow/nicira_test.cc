#include "openflow/nicira.h"

#include <gtest/gtest.h>

namespace fabrix::openflow {
namespace {

// What `ovs-ofctl parse-actions` of Open vSwitch 3.1 makes of
// clone(load:0x5->OXM_OF_METADATA[12..35],resubmit(,3)), after type and length.
TEST(NiciraTest, ACopyIsACloneThatLoadsItsMetadataAndGoesOn) {
  const std::vector<int> expected{
      0x00, 0x00, 0x23, 0x20, 0x00, 0x2a, 0,    0,    0,    0,    0,    0,     // clone
      0xff, 0xff, 0x00, 0x18, 0x00, 0x00, 0x23, 0x20, 0x00, 0x07, 0x03, 0x17,  // load: 12, 24 bits
      0x80, 0x00, 0x04, 0x08, 0,    0,    0,    0,    0,    0,    0,    5,     // metadata
      0xff, 0xff, 0x00, 0x10, 0x00, 0x00, 0x23, 0x20, 0x00, 0x0e,              // resubmit
      0xff, 0xf8, 0x03, 0,    0,    0};
  const OpaqueAction action = copy_to_table(0x5000, 0xffffff000, 3);
  EXPECT_EQ(action.type, 0xffff);
  std::vector<int> octets;
  for (const std::byte octet : action.body) octets.push_back(std::to_integer<int>(octet));
  EXPECT_EQ(octets, expected);
  EXPECT_EQ((action.body.size() + 4) % 8, 0U);
}

TEST(NiciraTest, ACopyCanBeRedirectedToAnotherTable) {
  OpaqueAction action = copy_to_table(0x5000, 0xffffff000, 3);
  EXPECT_EQ(table_of_copy(action), std::uint8_t{3});
  redirect_copy(action, 11);
  EXPECT_EQ(action, copy_to_table(0x5000, 0xffffff000, 11));
}

TEST(NiciraTest, WhatDiffersAnywhereFromACopyIsNone) {
  const OpaqueAction copy = copy_to_table(0, 1, 0);
  for (std::size_t at = 0; at < copy.body.size(); ++at) {
    SCOPED_TRACE(at);
    OpaqueAction other = copy;
    other.body[at] ^= std::byte{0x80};
    const bool is_of_value = (at >= 22 && at < 24) || (at >= 28 && at < 36) || at == 48;
    EXPECT_EQ(table_of_copy(other).has_value(), is_of_value);
  }
  EXPECT_FALSE(table_of_copy(hash_to_register(HashFields::kFlow, 0, 6)));
  EXPECT_FALSE(table_of_copy({.type = copy.type, .body = {}}));
  EXPECT_FALSE(table_of_copy({.type = 1, .body = copy.body}));
}

// include/openflow/nicira-ext.h, struct nx_action_multipath, after type and length.
TEST(NiciraTest, AHashIsAMultipathIntoBitsOfTheRegister) {
  const std::vector<int> expected{0x00, 0x00, 0x23, 0x20, 0x00, 0x0a,  // multipath
                                  0x00, 0x05, 0x00, 0x00, 0x00, 0x00,  // nw_dst, basis 0
                                  0x00, 0x00, 0x00, 0x3f, 0x00, 0x00,
                                  0x00, 0x00, 0x00, 0x00,               // modulo_n, 64 links, arg 0
                                  0x03, 0x05, 0x00, 0x01, 0x00, 0x04};  // NXM_NX_REG0[12..17]
  const OpaqueAction action = hash_to_register(HashFields::kDstIp, 12, 6);
  EXPECT_EQ(action.type, 0xffff);
  std::vector<int> octets;
  for (const std::byte octet : action.body) octets.push_back(std::to_integer<int>(octet));
  EXPECT_EQ(octets, expected);
}

}  // namespace
}  // namespace fabrix::openflow
