#include <algorithm>

#include "base/assert.h"
#include "openflow/message.h"
#include "openflow/message_type.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint32_t kNoBufferId = 0xffffffff;

std::size_t begin_message(MessageType type, Version version, std::uint32_t xid, WireWriter& out) {
  const std::size_t start = out.size();
  out.u8(static_cast<std::uint8_t>(version));
  out.u8(static_cast<std::uint8_t>(type));
  out.u16(0);
  out.u32(xid);
  return start;
}

void end_message(std::size_t start, WireWriter& out) {
  out.patch_u16(start + 2, out.size() - start);
}

void encode_multipart_header(std::uint16_t kind, More more, WireWriter& out) {
  out.u16(kind);
  out.u16(more == More::kYes ? kMultipartMore : std::uint16_t{0});
  out.zeros(4);
}

void encode_port_identity(const PortDesc& port, WireWriter& out) {
  out.number(to_u128(port.mac), 6);
  out.zeros(2);
  const std::size_t length = std::min(port.name.size(), kPortNameSize - 1);
  out.bytes(std::as_bytes(std::span(port.name)).first(length));
  out.zeros(kPortNameSize - length);
  out.u32(port.config);
  out.u32(port.state);
}

void encode_port_features(const PortDesc& port, WireWriter& out) {
  out.zeros(16);  // current, advertised, supported, peer
  out.u32(port.current_speed);
  out.u32(port.max_speed);
}

// struct ofp_port: fixed in 1.3 (§7.2.1), with properties in 1.4.
void encode_port(const PortDesc& port, Version version, WireWriter& out) {
  const std::size_t start = out.size();
  out.u32(port.number.value);
  if (version == Version::kOpenFlow13) {
    out.zeros(4);
    encode_port_identity(port, out);
    encode_port_features(port, out);
    return;
  }
  out.u16(0);
  out.zeros(2);
  encode_port_identity(port, out);
  if (port.current_speed != 0 || port.max_speed != 0) {
    out.u16(kPortPropertyEthernet);
    out.u16(32);
    out.zeros(4);
    encode_port_features(port, out);
  }
  out.patch_u16(start + 4, out.size() - start);
}

void encode_role(Role role, std::uint64_t generation_id, WireWriter& out) {
  out.u32(static_cast<std::uint32_t>(role));
  out.zeros(4);
  out.u64(generation_id);
}

// Writes the body of each kind of message; type_of() names its type.
struct BodyWriter {
  Version version;
  std::uint32_t xid;
  WireWriter& out;

  void operator()(const Hello& hello) const {
    if (!hello.versions) return;
    out.u16(kHelloVersionBitmap);
    out.u16(8);
    out.u32(*hello.versions);
  }

  void operator()(const ErrorMessage& error) const {
    out.u16(error.type);
    out.u16(error.code);
    out.bytes(error.data);
  }

  void operator()(const EchoRequest& echo) const { out.bytes(echo.data); }
  void operator()(const EchoReply& echo) const { out.bytes(echo.data); }
  void operator()(const FeaturesRequest& /*request*/) const {}

  void operator()(const FeaturesReply& features) const {
    out.u64(features.datapath_id);
    out.u32(features.buffers);
    out.u8(features.tables);
    out.u8(features.auxiliary_id);
    out.zeros(2);
    out.u32(features.capabilities);
    out.zeros(4);
  }

  void operator()(const SetConfig& config) const {
    out.u16(config.flags);
    out.u16(config.miss_send_len);
  }

  void operator()(const PacketIn& packet) const {
    out.u32(packet.buffer_id);
    out.u16(packet.total_len);
    out.u8(packet.reason);
    out.u8(packet.table_id);
    out.u64(packet.cookie);
    encode_match(packet.match, out);
    out.zeros(2);
    out.bytes(packet.data);
  }

  void operator()(const FlowRemoved& flow) const {
    out.u64(flow.cookie);
    out.u16(flow.priority);
    out.u8(flow.reason);
    out.u8(flow.table_id);
    out.u32(flow.duration_seconds);
    out.u32(flow.duration_nanoseconds);
    out.u16(flow.idle_timeout);
    out.u16(flow.hard_timeout);
    out.u64(flow.packet_count);
    out.u64(flow.byte_count);
    encode_match(flow.match, out);
  }

  void operator()(const PacketOut& packet) const {
    out.u32(kNoBufferId);
    out.u32(packet.in_port.value);
    const std::size_t length_at = out.size();
    out.u16(0);
    out.zeros(6);
    const std::size_t start = out.size();
    encode_actions(packet.actions, out);
    out.patch_u16(length_at, out.size() - start);
    out.bytes(packet.data);
  }

  void operator()(const PortStatus& status) const {
    out.u8(static_cast<std::uint8_t>(status.reason));
    out.zeros(7);
    encode_port(status.port, version, out);
  }

  void operator()(const FlowMod& mod) const { encode_flow_mod_body(mod, version, out); }

  void operator()(const FlowStatsRequest& request) const {
    encode_multipart_header(kMultipartFlow, More::kNo, out);
    out.u8(request.table_id);
    out.zeros(3);
    out.u32(kPortAny.value);
    out.u32(kAnyGroup);
    out.zeros(4);
    out.u64(request.cookie);
    out.u64(request.cookie_mask);
    encode_match(request.match, out);
  }

  void operator()(const FlowStatsReply& reply) const {
    encode_multipart_header(kMultipartFlow, reply.more, out);
    for (const FlowStats& flow : reply.flows) encode_flow_stats_entry(flow, version, out);
  }

  void operator()(const PortDescRequest& /*request*/) const {
    encode_multipart_header(kMultipartPortDesc, More::kNo, out);
  }

  void operator()(const PortDescReply& reply) const {
    encode_multipart_header(kMultipartPortDesc, reply.more, out);
    for (const PortDesc& port : reply.ports) encode_port(port, version, out);
  }

  void operator()(const PortStatsRequest& request) const {
    encode_multipart_header(kMultipartPortStats, More::kNo, out);
    out.u32(request.port.value);
    out.zeros(4);
  }

  void operator()(const PortStatsReply& reply) const {
    encode_multipart_header(kMultipartPortStats, reply.more, out);
    for (const PortStats& port : reply.ports) encode_port_stats_entry(port, version, out);
  }

  void operator()(const MeterMod& mod) const { encode_meter_mod_body(mod, out); }

  void operator()(const MeterConfigRequest& request) const {
    encode_multipart_header(kMultipartMeterConfig, More::kNo, out);
    out.u32(request.id);
    out.zeros(4);
  }

  void operator()(const MeterConfigReply& reply) const {
    encode_multipart_header(kMultipartMeterConfig, reply.more, out);
    for (const MeterConfig& meter : reply.meters) encode_meter_config_entry(meter, out);
  }

  void operator()(const MeterStatsRequest& request) const {
    encode_multipart_header(kMultipartMeter, More::kNo, out);
    out.u32(request.id);
    out.zeros(4);
  }

  void operator()(const MeterStatsReply& reply) const {
    encode_multipart_header(kMultipartMeter, reply.more, out);
    for (const MeterStats& meter : reply.meters) encode_meter_stats_entry(meter, out);
  }

  void operator()(const GroupMod& mod) const { encode_group_mod_body(mod, out); }

  void operator()(const GroupDescRequest& /*request*/) const {
    encode_multipart_header(kMultipartGroupDesc, More::kNo, out);
  }

  void operator()(const GroupDescReply& reply) const {
    encode_multipart_header(kMultipartGroupDesc, reply.more, out);
    for (const Group& group : reply.groups) encode_group_entry(group, out);
  }

  void operator()(const TableFeaturesRequest& /*request*/) const {
    encode_multipart_header(kMultipartTableFeatures, More::kNo, out);
  }

  void operator()(const TableFeaturesReply& reply) const {
    encode_multipart_header(kMultipartTableFeatures, reply.more, out);
    for (const TableFeatures& table : reply.tables) encode_table_features(table, out);
  }

  void operator()(const BarrierRequest& /*request*/) const {}
  void operator()(const BarrierReply& /*reply*/) const {}

  void operator()(const RoleRequest& request) const {
    encode_role(request.role, request.generation_id, out);
  }

  void operator()(const RoleReply& reply) const {
    encode_role(reply.role, reply.generation_id, out);
  }

  void operator()(const RoleStatus& status) const {
    encode_role(status.role, status.generation_id, out);
  }

  void operator()(const BundleControl& control) const {
    out.u32(control.bundle_id);
    out.u16(static_cast<std::uint16_t>(control.type));
    out.u16(control.flags);
  }

  void operator()(const BundleAdd& add) const {
    out.u32(add.bundle_id);
    out.zeros(2);
    out.u16(add.flags);
    encode_flow_mod(add.mod, version, xid, out);
  }

  void operator()(const UnknownMessage& unknown) const { out.bytes(unknown.body); }
};

struct TypeOf {
  using enum MessageType;

  MessageType operator()(const Hello&) const { return kHello; }
  MessageType operator()(const ErrorMessage&) const { return kError; }
  MessageType operator()(const EchoRequest&) const { return kEchoRequest; }
  MessageType operator()(const EchoReply&) const { return kEchoReply; }
  MessageType operator()(const FeaturesRequest&) const { return kFeaturesRequest; }
  MessageType operator()(const FeaturesReply&) const { return kFeaturesReply; }
  MessageType operator()(const SetConfig&) const { return kSetConfig; }
  MessageType operator()(const PacketIn&) const { return kPacketIn; }
  MessageType operator()(const FlowRemoved&) const { return kFlowRemoved; }
  MessageType operator()(const PacketOut&) const { return kPacketOut; }
  MessageType operator()(const PortStatus&) const { return kPortStatus; }
  MessageType operator()(const FlowMod&) const { return kFlowMod; }
  MessageType operator()(const FlowStatsRequest&) const { return kMultipartRequest; }
  MessageType operator()(const FlowStatsReply&) const { return kMultipartReply; }
  MessageType operator()(const PortDescRequest&) const { return kMultipartRequest; }
  MessageType operator()(const PortDescReply&) const { return kMultipartReply; }
  MessageType operator()(const PortStatsRequest&) const { return kMultipartRequest; }
  MessageType operator()(const PortStatsReply&) const { return kMultipartReply; }
  MessageType operator()(const BarrierRequest&) const { return kBarrierRequest; }
  MessageType operator()(const BarrierReply&) const { return kBarrierReply; }
  MessageType operator()(const RoleRequest&) const { return kRoleRequest; }
  MessageType operator()(const RoleReply&) const { return kRoleReply; }
  MessageType operator()(const RoleStatus&) const { return kRoleStatus; }
  MessageType operator()(const MeterMod&) const { return kMeterMod; }
  MessageType operator()(const MeterConfigRequest&) const { return kMultipartRequest; }
  MessageType operator()(const MeterConfigReply&) const { return kMultipartReply; }
  MessageType operator()(const MeterStatsRequest&) const { return kMultipartRequest; }
  MessageType operator()(const MeterStatsReply&) const { return kMultipartReply; }
  MessageType operator()(const GroupMod&) const { return kGroupMod; }
  MessageType operator()(const GroupDescRequest&) const { return kMultipartRequest; }
  MessageType operator()(const GroupDescReply&) const { return kMultipartReply; }
  MessageType operator()(const TableFeaturesRequest&) const { return kMultipartRequest; }
  MessageType operator()(const TableFeaturesReply&) const { return kMultipartReply; }
  MessageType operator()(const BundleControl&) const { return kBundleControl; }
  MessageType operator()(const BundleAdd&) const { return kBundleAdd; }
  MessageType operator()(const UnknownMessage& unknown) const { return MessageType{unknown.type}; }
};

}  // namespace

void encode_message(const Message& message, WireWriter& out) {
  const MessageType type = std::visit(TypeOf{}, message.body);
  const std::size_t start = begin_message(type, message.version, message.xid, out);
  std::visit(BodyWriter{.version = message.version, .xid = message.xid, .out = out}, message.body);
  end_message(start, out);
}

void encode_flow_mod(const FlowMod& mod, Version version, std::uint32_t xid, WireWriter& out) {
  const std::size_t start = begin_message(MessageType::kFlowMod, version, xid, out);
  encode_flow_mod_body(mod, version, out);
  end_message(start, out);
}

void encode_bundle_add(const FlowMod& mod, std::uint32_t bundle_id, std::uint32_t xid,
                       WireWriter& out) {
  constexpr Version kVersion = Version::kOpenFlow14;
  const std::size_t start = begin_message(MessageType::kBundleAdd, kVersion, xid, out);
  out.u32(bundle_id);
  out.zeros(2);
  out.u16(kBundleAtomic | kBundleOrdered);
  encode_flow_mod(mod, kVersion, xid, out);
  end_message(start, out);
}

}  // namespace fabrix::openflow
