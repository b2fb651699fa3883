// Flow entries for tests: one that matches on each field with all that the field requires, and a
// large table such as a compiled policy makes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "openflow/flow.h"

namespace fabrix::openflow::tests {

// What must be matched for `field` to be there (OpenFlow 1.4.1, table 13).
inline Match prerequisites_of(OxmField field) {
  Match match;
  const auto ip = [&](std::uint16_t eth_type, std::uint8_t protocol) {
    match.set(OxmField::kEthType, eth_type);
    if (protocol != 0) match.set(OxmField::kIpProto, protocol);
  };
  switch (field) {
    case OxmField::kVlanPcp:
      match.set(OxmField::kVlanVid, kVlanPresent | 5U);
      break;
    case OxmField::kIpDscp:
    case OxmField::kIpProto:
    case OxmField::kIpv4Src:
    case OxmField::kIpv4Dst:
      ip(0x0800, 0);
      break;
    case OxmField::kTcpSrc:
    case OxmField::kTcpDst:
    case OxmField::kTcpFlags:
      ip(0x0800, 6);
      break;
    case OxmField::kUdpSrc:
    case OxmField::kUdpDst:
      ip(0x86dd, 17);
      break;
    case OxmField::kSctpSrc:
    case OxmField::kSctpDst:
      ip(0x0800, 132);
      break;
    case OxmField::kIcmpv4Type:
    case OxmField::kIcmpv4Code:
      ip(0x0800, 1);
      break;
    case OxmField::kArpOp:
    case OxmField::kArpSpa:
    case OxmField::kArpTpa:
    case OxmField::kArpSha:
      ip(0x0806, 0);
      break;
    case OxmField::kIpv6Src:
    case OxmField::kIpv6Dst:
      ip(0x86dd, 0);
      break;
    case OxmField::kIcmpv6Type:
    case OxmField::kIcmpv6Code:
      ip(0x86dd, 58);
      break;
    case OxmField::kIpv6NdTarget:
      ip(0x86dd, 58);
      match.set(OxmField::kIcmpv6Type, 135);
      break;
    default:
      break;
  }
  return match;
}

// A value that is legal in the field.
inline U128 sample_of(OxmField field) {
  switch (field) {
    case OxmField::kInPort:
      return 3;
    case OxmField::kEthType:
      return 0x88cc;
    case OxmField::kVlanVid:
      return kVlanPresent | 100U;
    case OxmField::kIpProto:
      return 89;
    case OxmField::kArpOp:
      return 1;
    case OxmField::kTcpFlags:
      return 0x012;
    default:
      return U128(0x20010db8'00000000, 0x0012'3456'789a'bcd1) & U128::ones(width_of(field));
  }
}

// Fields that Open vSwitch matches bit by bit.
inline bool is_maskable(OxmField field) {
  switch (field) {
    case OxmField::kInPort:
    case OxmField::kEthType:
    case OxmField::kVlanPcp:
    case OxmField::kIpDscp:
    case OxmField::kIpProto:
    case OxmField::kIcmpv4Type:
    case OxmField::kIcmpv4Code:
    case OxmField::kArpOp:
    case OxmField::kIcmpv6Type:
    case OxmField::kIcmpv6Code:
      return false;
    default:
      return true;
  }
}

// Every field exactly, and masked where it can be; every action and instruction.
inline std::vector<FlowMod> flows_with_every_field() {
  std::vector<FlowMod> flows;
  std::uint16_t priority = 100;
  for (const OxmField field : all_oxm_fields()) {
    FlowMod exact;
    exact.priority = ++priority;
    exact.cookie = priority;
    exact.match = prerequisites_of(field).set(field, sample_of(field));
    exact.instructions.apply_actions = {Output{.port = net::PortNo{7}}};
    flows.push_back(exact);
    if (!is_maskable(field)) continue;
    FlowMod masked = exact;
    masked.priority = ++priority;
    const U128 half = U128::ones(width_of(field) / 2);
    masked.match = prerequisites_of(field).set(field, sample_of(field), half);
    masked.instructions = {
        .apply_actions = {SetField{.field = OxmField::kEthDst, .value = 0x0200000000ff}},
        .write_metadata = WriteMetadata{.value = 0x5000, .mask = 0xf000},
        .goto_table = 9,
        .opaque = {}};
    flows.push_back(masked);
  }
  return flows;
}

// Flow i of a table of tag rules: all different.
inline FlowMod policy_flow(std::uint32_t i) {
  FlowMod mod;
  mod.table_id = 1;
  mod.priority = static_cast<std::uint16_t>(1000 + i % 5000);
  mod.cookie = std::uint64_t{7} << 48U | i;
  mod.match.set(OxmField::kMetadata, std::uint64_t{i % 100} << 8U, 0xff00)
      .set(OxmField::kEthDst, U128(0x020000000000 | std::uint64_t{i} << 12U), 0x03fffffff000)
      .set(OxmField::kEthType, 0x0800)
      .set(OxmField::kIpProto, 6)
      .set(OxmField::kTcpDst, 80 + i % 5);
  mod.instructions.write_metadata = WriteMetadata{.value = i & 0xfffU, .mask = 0xfff};
  mod.instructions.apply_actions = {
      SetField{.field = OxmField::kEthDst, .value = U128(0x020000000000 | std::uint64_t{i})}};
  mod.instructions.goto_table = 3;
  return mod;
}

inline std::vector<FlowMod> policy_flows(std::uint32_t count) {
  std::vector<FlowMod> flows;
  for (std::uint32_t i = 0; i < count; ++i) flows.push_back(policy_flow(i));
  return flows;
}

}  // namespace fabrix::openflow::tests
