#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "openflow/message.h"
#include "openflow/message_type.h"

namespace fabrix::openflow {
namespace {

bool finished(const ByteReader& in) {
  return in.ok() && in.at_end();
}

// The body if the reader has read all of it, and no more.
template <typename T>
std::optional<Body> whole(T body, const ByteReader& in) {
  if (!finished(in)) return std::nullopt;
  return Body{std::move(body)};
}

Body unknown(MessageType type, ByteReader in) {
  return UnknownMessage{.type = static_cast<std::uint8_t>(type), .body = read_rest(in)};
}

// §7.5.1: elements of unknown types are skipped. Only the first bitmap is of interest: the versions
// 0x01 to 0x1f.
std::optional<Body> decode_hello(ByteReader in) {
  Hello hello;
  while (!in.at_end()) {
    const std::uint16_t type = in.u16();
    const std::size_t length = in.u16();
    if (!in.ok() || length < 4) return std::nullopt;
    ByteReader element = in.sub_reader(length - 4);
    // The last element's padding is absent in old versions of Open vSwitch.
    skip(in, std::min((8 - length % 8) % 8, in.remaining()));
    if (!in.ok()) return std::nullopt;
    if (type != kHelloVersionBitmap || hello.versions) continue;
    hello.versions = element.u32();
    if (!element.ok()) return std::nullopt;
  }
  return whole(hello, in);
}

std::optional<Body> decode_error(ByteReader in) {
  ErrorMessage error;
  error.type = in.u16();
  error.code = in.u16();
  if (!in.ok()) return std::nullopt;
  error.data = read_rest(in);
  return whole(std::move(error), in);
}

std::optional<Body> decode_features(ByteReader in) {
  FeaturesReply features;
  features.datapath_id = read_u64(in);
  features.buffers = in.u32();
  features.tables = in.u8();
  features.auxiliary_id = in.u8();
  skip(in, 2);
  features.capabilities = in.u32();
  skip(in, 4);
  return whole(features, in);
}

std::optional<Body> decode_set_config(ByteReader in) {
  SetConfig config;
  config.flags = in.u16();
  config.miss_send_len = in.u16();
  return whole(config, in);
}

std::optional<Body> decode_packet_in(ByteReader in) {
  PacketIn packet;
  packet.buffer_id = in.u32();
  packet.total_len = in.u16();
  packet.reason = in.u8();
  packet.table_id = in.u8();
  packet.cookie = read_u64(in);
  auto match = decode_match(in);
  skip(in, 2);
  if (!match || !in.ok()) return std::nullopt;
  packet.match = std::move(*match);
  packet.data = read_rest(in);
  return whole(std::move(packet), in);
}

std::optional<Body> decode_flow_removed(ByteReader in) {
  FlowRemoved flow;
  flow.cookie = read_u64(in);
  flow.priority = in.u16();
  flow.reason = in.u8();
  flow.table_id = in.u8();
  flow.duration_seconds = in.u32();
  flow.duration_nanoseconds = in.u32();
  flow.idle_timeout = in.u16();
  flow.hard_timeout = in.u16();
  flow.packet_count = read_u64(in);
  flow.byte_count = read_u64(in);
  auto match = decode_match(in);
  if (!match) return std::nullopt;
  flow.match = std::move(*match);
  return whole(std::move(flow), in);
}

std::optional<Body> decode_packet_out(ByteReader in) {
  PacketOut packet;
  skip(in, 4);  // buffer
  packet.in_port = net::PortNo{in.u32()};
  const std::size_t actions_size = in.u16();
  skip(in, 6);
  const ByteReader actions_in = in.sub_reader(actions_size);
  if (!in.ok()) return std::nullopt;
  auto actions = decode_actions(actions_in);
  if (!actions) return std::nullopt;
  packet.actions = std::move(*actions);
  packet.data = read_rest(in);
  return whole(std::move(packet), in);
}

void decode_port_identity(ByteReader& in, PortDesc& port) {
  const U128 mac = read_number(in, 6);
  port.mac = net::MacAddress::from_u64(mac.low);
  skip(in, 2);
  const auto name = in.bytes(kPortNameSize);
  for (const std::byte octet : name.first(std::min(name.size(), kPortNameSize - 1))) {
    if (octet == std::byte{0}) break;
    port.name.push_back(std::to_integer<char>(octet));
  }
  port.config = in.u32();
  port.state = in.u32();
}

void decode_port_features(ByteReader& in, PortDesc& port) {
  skip(in, 16);  // current, advertised, supported, peer
  port.current_speed = in.u32();
  port.max_speed = in.u32();
}

// Other properties than Ethernet's are skipped.
bool decode_port_properties(ByteReader in, PortDesc& port) {
  while (!in.at_end()) {
    const std::uint16_t type = in.u16();
    const std::size_t length = in.u16();
    if (!in.ok() || length < 4) return false;
    ByteReader property = in.sub_reader(length - 4);
    skip(in, std::min((8 - length % 8) % 8, in.remaining()));
    if (!in.ok()) return false;
    if (type != kPortPropertyEthernet) continue;
    skip(property, 4);
    decode_port_features(property, port);
    if (!property.ok()) return false;
  }
  return true;
}

std::optional<PortDesc> decode_port(ByteReader& in, Version version) {
  PortDesc port;
  port.number = net::PortNo{in.u32()};
  if (version == Version::kOpenFlow13) {
    skip(in, 4);
    decode_port_identity(in, port);
    decode_port_features(in, port);
    return in.ok() ? std::optional(port) : std::nullopt;
  }
  constexpr std::size_t kBeforeRest = 6;
  const std::size_t length = in.u16();
  if (!in.ok() || length < kBeforeRest) return std::nullopt;
  ByteReader rest = in.sub_reader(length - kBeforeRest);
  skip(rest, 2);
  decode_port_identity(rest, port);
  if (!rest.ok() || !decode_port_properties(rest, port)) return std::nullopt;
  return port;
}

std::optional<Body> decode_port_status(ByteReader in, Version version) {
  const std::uint8_t reason = in.u8();
  skip(in, 7);
  const auto port = decode_port(in, version);
  if (!port || reason > static_cast<std::uint8_t>(PortReason::kModify)) return std::nullopt;
  return whole(PortStatus{.reason = PortReason{reason}, .port = *port}, in);
}

template <typename T>
std::optional<Body> decode_role(ByteReader in) {
  const std::uint32_t role = in.u32();
  skip(in, 4);
  const std::uint64_t generation_id = read_u64(in);
  if (role > static_cast<std::uint32_t>(Role::kSlave)) return std::nullopt;
  return whole(T{.role = static_cast<Role>(role), .generation_id = generation_id}, in);
}

std::optional<Body> decode_role_status(ByteReader in) {
  const std::uint32_t role = in.u32();
  skip(in, 4);  // reason
  const std::uint64_t generation_id = read_u64(in);
  skip(in, in.remaining());  // properties
  if (role > static_cast<std::uint32_t>(Role::kSlave)) return std::nullopt;
  return whole(RoleStatus{.role = static_cast<Role>(role), .generation_id = generation_id}, in);
}

std::optional<Body> decode_flow_stats_request(ByteReader in) {
  FlowStatsRequest request;
  request.table_id = in.u8();
  skip(in, 3 + 4 + 4 + 4);  // padding, output port, output group, padding
  request.cookie = read_u64(in);
  request.cookie_mask = read_u64(in);
  auto match = decode_match(in);
  if (!match) return std::nullopt;
  request.match = std::move(*match);
  return whole(std::move(request), in);
}

std::optional<Body> decode_flow_stats(ByteReader in, More more, Version version) {
  FlowStatsReply reply{.flows = {}, .more = more};
  while (!in.at_end()) {
    auto flow = decode_flow_stats_entry(in, version);
    if (!flow) return std::nullopt;
    reply.flows.push_back(std::move(*flow));
  }
  return whole(std::move(reply), in);
}

std::optional<Body> decode_port_descs(ByteReader in, More more, Version version) {
  PortDescReply reply{.ports = {}, .more = more};
  while (!in.at_end()) {
    auto port = decode_port(in, version);
    if (!port) return std::nullopt;
    reply.ports.push_back(std::move(*port));
  }
  return whole(std::move(reply), in);
}

std::optional<Body> decode_meter_mod(ByteReader in) {
  auto mod = decode_meter_mod_body(in);
  if (!mod) return std::nullopt;
  return Body{std::move(*mod)};
}

std::optional<Body> decode_meter_configs(ByteReader in, More more) {
  MeterConfigReply reply{.meters = {}, .more = more};
  while (!in.at_end()) {
    auto meter = decode_meter_config_entry(in);
    if (!meter) return std::nullopt;
    reply.meters.push_back(std::move(*meter));
  }
  return whole(std::move(reply), in);
}

std::optional<Body> decode_meter_config_request(ByteReader in) {
  MeterConfigRequest request{.id = in.u32()};
  skip(in, 4);
  return whole(request, in);
}

std::optional<Body> decode_meter_stats(ByteReader in, More more) {
  MeterStatsReply reply{.meters = {}, .more = more};
  while (!in.at_end()) {
    const auto meter = decode_meter_stats_entry(in);
    if (!meter) return std::nullopt;
    reply.meters.push_back(*meter);
  }
  return whole(std::move(reply), in);
}

std::optional<Body> decode_meter_stats_request(ByteReader in) {
  MeterStatsRequest request{.id = in.u32()};
  skip(in, 4);
  return whole(request, in);
}

std::optional<Body> decode_group_mod(ByteReader in) {
  auto mod = decode_group_mod_body(in);
  if (!mod) return std::nullopt;
  return Body{std::move(*mod)};
}

std::optional<Body> decode_group_descs(ByteReader in, More more) {
  GroupDescReply reply{.groups = {}, .more = more};
  while (!in.at_end()) {
    auto group = decode_group_entry(in);
    if (!group) return std::nullopt;
    reply.groups.push_back(std::move(*group));
  }
  return whole(std::move(reply), in);
}

std::optional<Body> decode_tables(ByteReader in, More more) {
  TableFeaturesReply reply{.tables = {}, .more = more};
  while (!in.at_end()) {
    auto table = decode_table_features(in);
    if (!table) return std::nullopt;
    reply.tables.push_back(std::move(*table));
  }
  return whole(std::move(reply), in);
}

std::optional<Body> decode_port_stats_request(ByteReader in) {
  const PortStatsRequest request{.port = net::PortNo{in.u32()}};
  skip(in, 4);
  return whole(request, in);
}

std::optional<Body> decode_port_stats(ByteReader in, More more, Version version) {
  PortStatsReply reply{.ports = {}, .more = more};
  while (!in.at_end()) {
    const auto port = decode_port_stats_entry(in, version);
    if (!port) return std::nullopt;
    reply.ports.push_back(*port);
  }
  return whole(std::move(reply), in);
}

// Setting what tables can do is not known. `all`: with the header that `in` comes after.
std::optional<Body> decode_multipart_request(std::uint16_t kind, ByteReader in, ByteReader all) {
  if (kind == kMultipartFlow) return decode_flow_stats_request(in);
  if (kind == kMultipartPortDesc) return whole(PortDescRequest{}, in);
  if (kind == kMultipartMeterConfig) return decode_meter_config_request(in);
  if (kind == kMultipartMeter) return decode_meter_stats_request(in);
  if (kind == kMultipartGroupDesc) return whole(GroupDescRequest{}, in);
  if (kind == kMultipartTableFeatures && in.at_end()) return Body{TableFeaturesRequest{}};
  if (kind == kMultipartPortStats) return decode_port_stats_request(in);
  return unknown(MessageType::kMultipartRequest, all);
}

std::optional<Body> decode_multipart_reply(std::uint16_t kind, More more, Version version,
                                           ByteReader in, ByteReader all) {
  if (kind == kMultipartMeterConfig) return decode_meter_configs(in, more);
  if (kind == kMultipartMeter) return decode_meter_stats(in, more);
  if (kind == kMultipartGroupDesc) return decode_group_descs(in, more);
  if (kind == kMultipartTableFeatures) return decode_tables(in, more);
  if (kind == kMultipartFlow) return decode_flow_stats(in, more, version);
  if (kind == kMultipartPortStats) return decode_port_stats(in, more, version);
  if (kind == kMultipartPortDesc) return decode_port_descs(in, more, version);
  return unknown(MessageType::kMultipartReply, all);
}

std::optional<Body> decode_multipart(MessageType type, ByteReader in, Version version) {
  const ByteReader all = in;
  const std::uint16_t kind = in.u16();
  const More more = (in.u16() & kMultipartMore) != 0 ? More::kYes : More::kNo;
  skip(in, 4);
  if (!in.ok()) return std::nullopt;
  if (type == MessageType::kMultipartRequest) return decode_multipart_request(kind, in, all);
  return decode_multipart_reply(kind, more, version, in, all);
}

std::optional<Body> decode_bundle_control(ByteReader in) {
  BundleControl control;
  control.bundle_id = in.u32();
  const std::uint16_t type = in.u16();
  control.flags = in.u16();
  if (!in.ok() || type > static_cast<std::uint16_t>(BundleControlType::kDiscardReply)) {
    return std::nullopt;
  }
  control.type = static_cast<BundleControlType>(type);
  skip(in, in.remaining());  // properties
  return whole(control, in);
}

std::optional<Body> decode_bundle_add(ByteReader in, std::uint32_t xid) {
  BundleAdd add;
  add.bundle_id = in.u32();
  skip(in, 2);
  add.flags = in.u16();
  ByteReader peek = in;
  const auto header = decode_header(peek.bytes(kMessageHeaderSize));
  if (!header || header->length < kMessageHeaderSize || header->xid != xid) return std::nullopt;
  const bool is_flow_mod = header->type == static_cast<std::uint8_t>(MessageType::kFlowMod);
  const bool is_14 = header->version == static_cast<std::uint8_t>(Version::kOpenFlow14);
  if (!is_flow_mod || !is_14) return std::nullopt;
  skip(in, kMessageHeaderSize);
  const ByteReader inner = in.sub_reader(header->length - kMessageHeaderSize);
  skip(in, in.remaining());  // padding, properties
  if (!in.ok()) return std::nullopt;
  auto mod = decode_flow_mod_body(inner, Version::kOpenFlow14);
  if (!mod) return std::nullopt;
  add.mod = std::move(*mod);
  return Body{std::move(add)};
}

std::optional<Body> decode_flow_mod(ByteReader in, Version version) {
  auto mod = decode_flow_mod_body(in, version);
  if (!mod) return std::nullopt;
  return Body{std::move(*mod)};
}

// Type numbers 30, 33 and 34 mean nothing in 1.3.
std::optional<Body> decode_message_of_14(MessageType type, const Message& head, ByteReader in) {
  if (head.version == Version::kOpenFlow13) return unknown(type, in);
  if (type == MessageType::kRoleStatus) return decode_role_status(in);
  if (type == MessageType::kBundleControl) return decode_bundle_control(in);
  return decode_bundle_add(in, head.xid);
}

std::optional<Body> decode_body(MessageType type, const Message& head, ByteReader in) {
  using enum MessageType;
  switch (type) {
    case kHello:
      return decode_hello(in);
    case kError:
      return decode_error(in);
    case kEchoRequest:
      return Body{EchoRequest{read_rest(in)}};
    case kEchoReply:
      return Body{EchoReply{read_rest(in)}};
    case kFeaturesRequest:
      return whole(FeaturesRequest{}, in);
    case kFeaturesReply:
      return decode_features(in);
    case kSetConfig:
      return decode_set_config(in);
    case kPacketIn:
      return decode_packet_in(in);
    case kFlowRemoved:
      return decode_flow_removed(in);
    case kPortStatus:
      return decode_port_status(in, head.version);
    case kPacketOut:
      return decode_packet_out(in);
    case kFlowMod:
      return decode_flow_mod(in, head.version);
    case kGroupMod:
      return decode_group_mod(in);
    case kMeterMod:
      return decode_meter_mod(in);
    case kMultipartRequest:
    case kMultipartReply:
      return decode_multipart(type, in, head.version);
    case kBarrierRequest:
      return whole(BarrierRequest{}, in);
    case kBarrierReply:
      return whole(BarrierReply{}, in);
    case kRoleRequest:
      return decode_role<RoleRequest>(in);
    case kRoleReply:
      return decode_role<RoleReply>(in);
    case kRoleStatus:
    case kBundleControl:
    case kBundleAdd:
      return decode_message_of_14(type, head, in);
  }
  return unknown(type, in);
}

}  // namespace

std::optional<MessageHeader> decode_header(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  MessageHeader header;
  header.version = in.u8();
  header.type = in.u8();
  header.length = in.u16();
  header.xid = in.u32();
  return in.ok() ? std::optional(header) : std::nullopt;
}

net::PortNo in_port_of(const PacketIn& packet) {
  const MatchField* field = packet.match.find(OxmField::kInPort);
  return net::PortNo{field == nullptr ? 0 : static_cast<std::uint32_t>(field->value.low)};
}

bool is_up(const PortDesc& port) {
  return (port.config & kPortDown) == 0 && (port.state & kLinkDown) == 0;
}

std::string_view describe(DecodeError error) {
  switch (error) {
    case DecodeError::kBadLength:
      return "message length does not fit its octets";
    case DecodeError::kBadVersion:
      return "OpenFlow version is neither 1.3 nor 1.4";
    case DecodeError::kMalformed:
      return "malformed message";
  }
  FABRIX_ASSERT(false);
}

Result<Message, DecodeError> decode_message(std::span<const std::byte> bytes) {
  const auto header = decode_header(bytes);
  if (!header || header->length != bytes.size()) return fail(DecodeError::kBadLength);
  const MessageType type{header->type};
  const bool known_version = header->version == static_cast<std::uint8_t>(Version::kOpenFlow13) ||
                             header->version == static_cast<std::uint8_t>(Version::kOpenFlow14);
  // A HELLO, and the ERROR that answers one, may be of any version (§6.3.1).
  const bool any_version = type == MessageType::kHello || type == MessageType::kError;
  if (!known_version && !any_version) return fail(DecodeError::kBadVersion);

  Message message{
      .version = known_version ? Version{header->version} : Version::kOpenFlow14,
      .xid = header->xid,
      .body = {},
  };
  auto body = decode_body(type, message, ByteReader(bytes.subspan(kMessageHeaderSize)));
  if (!body) return fail(DecodeError::kMalformed);
  message.body = std::move(*body);
  return message;
}

}  // namespace fabrix::openflow
