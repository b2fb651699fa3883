// One or more messages of every kind, for round trips, truncations and the oracle.
#pragma once

#include <vector>

#include "openflow/label_actions.h"
#include "openflow/message.h"
#include "tests/openflow/test_flows.h"

namespace fabrix::openflow::tests {

inline std::vector<std::byte> some_bytes(std::size_t count) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(i * 7 + 1));
  return bytes;
}

inline FlowStats sample_stats() {
  const FlowMod mod = policy_flow(4711);
  return {.table_id = mod.table_id,
          .priority = mod.priority,
          .cookie = mod.cookie,
          .idle_timeout = 1,
          .hard_timeout = 2,
          .flags = 4,
          .importance = 0,
          .duration_seconds = 5,
          .duration_nanoseconds = 6,
          .packet_count = 7,
          .byte_count = 8,
          .match = mod.match,
          .instructions = mod.instructions};
}

inline PortDesc sample_port() {
  return {.number = net::PortNo{3},
          .mac = net::MacAddress::from_u64(0x020000000003),
          .name = "as64500",
          .config = 0,
          .state = 4,
          .current_speed = 10'000'000,
          .max_speed = 100'000'000};
}

inline PortStats sample_port_stats() {
  return {.number = net::PortNo{3},
          .received_packets = 1,
          .sent_packets = 2,
          .received_octets = 300,
          .sent_octets = std::uint64_t{1} << 40U,
          .received_dropped = 5,
          .sent_dropped = ~std::uint64_t{0}};
}

// Of two links, the second of which is watched.
inline Group sample_group() {
  return {.type = kGroupSelect,
          .id = 7,
          .buckets = {{.weight = 1, .actions = {Output{.port = net::PortNo{3}}}},
                      {.weight = 2,
                       .watch_port = net::PortNo{4},
                       .actions = {pop_vlan(), Output{.port = net::PortNo{4}}}}}};
}

// NOLINTNEXTLINE(readability-function-size): a list of all of them
inline std::vector<Body> sample_bodies(Version version) {
  PacketIn packet_in{.total_len = 60,
                     .reason = 1,
                     .table_id = 2,
                     .cookie = 3,
                     .match = {},
                     .data = some_bytes(60)};
  packet_in.match.set(OxmField::kInPort, 4).set(OxmField::kMetadata, 5);
  PortDesc slow = sample_port();
  slow.current_speed = slow.max_speed = 0;
  std::vector<Body> bodies{
      Hello{},
      Hello{.versions = 0x30},
      ErrorMessage{.type = 4, .code = 9, .data = some_bytes(64)},
      EchoRequest{some_bytes(5)},
      EchoReply{},
      FeaturesRequest{},
      FeaturesReply{.datapath_id = 0xf1, .buffers = 1, .tables = 254, .capabilities = 0x4f},
      SetConfig{},
      packet_in,
      FlowRemoved{.cookie = 3,
                  .priority = 4,
                  .reason = 2,
                  .table_id = 1,
                  .duration_seconds = 5,
                  .packet_count = 7,
                  .byte_count = 8,
                  .match = packet_in.match},
      PacketOut{.in_port = net::PortNo{1},
                .actions = {Output{.port = kPortTable}},
                .data = some_bytes(60)},
      PortStatus{.reason = PortReason::kDelete, .port = sample_port()},
      FlowStatsRequest{.table_id = 1, .cookie = 2, .cookie_mask = 3, .match = packet_in.match},
      FlowStatsReply{.flows = {sample_stats(), {}}, .more = More::kYes},
      PortDescRequest{},
      PortDescReply{.ports = {sample_port(), slow}, .more = More::kNo},
      BarrierRequest{},
      BarrierReply{},
      RoleRequest{.role = Role::kMaster, .generation_id = 77},
      RoleReply{.role = Role::kSlave, .generation_id = 78},
      MeterMod{.command = MeterCommand::kModify, .meter = limit(7, 10'000, 1'000)},
      MeterMod{.command = MeterCommand::kDelete, .meter = {.flags = 0, .id = 7}},
      MeterConfigRequest{},
      MeterConfigReply{.meters = {limit(7, 10'000, 1'000), {.flags = 2, .id = 8}},
                       .more = More::kYes},
      MeterStatsRequest{.id = 7},
      MeterStatsReply{.meters = {{.id = 7, .packets = 8, .octets = 9}, {}}, .more = More::kYes},
      GroupMod{.command = GroupCommand::kModify, .group = sample_group()},
      GroupMod{.command = GroupCommand::kDelete, .group = {.id = kAllGroups}},
      GroupDescRequest{},
      PortStatsRequest{},
      PortStatsRequest{.port = net::PortNo{3}},
      PortStatsReply{.ports = {sample_port_stats(), {.number = net::PortNo{4}}},
                     .more = More::kYes},
      GroupDescReply{.groups = {sample_group(), {.type = 3, .id = 8}}, .more = More::kYes},
      TableFeaturesRequest{},
      TableFeaturesReply{.tables = {{.table_id = 3, .name = "acl", .max_entries = 700},
                                    {.table_id = 4,
                                     .max_entries = 1,
                                     .instructions = std::set<std::uint16_t>{1, 4},
                                     .next_tables = std::set<std::uint8_t>{5, 6, 7},
                                     .matches = std::set{OxmField::kInPort, OxmField::kIpv6Dst},
                                     .sets = std::set<OxmField>{}}},
                         .more = More::kYes},
      UnknownMessage{.type = 31, .body = some_bytes(9)},
  };
  for (const FlowMod& mod : flows_with_every_field()) bodies.emplace_back(mod);
  FlowMod removal = removal_of(sample_stats());
  removal.flags = kSendFlowRemoved;
  removal.match.add_opaque({.header = 0xffff02, .body = some_bytes(7)});
  removal.instructions.opaque = {{.type = 5, .body = some_bytes(4)}};
  removal.instructions.meter = 7;
  removal.instructions.apply_actions = {OpaqueAction{.type = 22, .body = some_bytes(4)},
                                        to_controller()};
  bodies.emplace_back(removal);
  if (version == Version::kOpenFlow13) return bodies;
  bodies.emplace_back(RoleStatus{.role = Role::kSlave, .generation_id = 79});
  bodies.emplace_back(BundleControl{.bundle_id = 9, .type = BundleControlType::kCommitRequest});
  bodies.emplace_back(BundleAdd{.bundle_id = 9, .mod = policy_flow(1)});
  return bodies;
}

inline std::vector<Message> sample_messages() {
  std::vector<Message> messages;
  for (const Version version : {Version::kOpenFlow13, Version::kOpenFlow14}) {
    for (Body& body : sample_bodies(version)) {
      messages.push_back({.version = version, .xid = 0x1234, .body = std::move(body)});
    }
  }
  return messages;
}

inline std::vector<std::byte> encoded(const Message& message) {
  WireWriter out;
  encode_message(message, out);
  return out.take();
}

}  // namespace fabrix::openflow::tests
