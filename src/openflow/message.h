// OpenFlow messages as values, and their translation from and to octets: those that a controller
// and a switch of Fabrix exchange. Others decode to UnknownMessage.
//
//   OpenFlow 1.3.5 (wire 0x04), OpenFlow 1.4.1 (wire 0x05)   §7; bundles exist in 1.4 only
//
// decode_message() accepts arbitrary octets (fuzzed in fuzz/openflow/message_fuzz.cc). What it
// accepts, encode_message() writes so that it decodes to the same value. A message that would
// exceed 65535 octets must not be encoded.
//
// Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/ids.h"
#include "net/mac_address.h"
#include "openflow/flow.h"
#include "openflow/group.h"
#include "openflow/match.h"
#include "openflow/meter.h"
#include "openflow/port_stats.h"
#include "openflow/table_features.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

inline constexpr std::size_t kMessageHeaderSize = 8;
inline constexpr std::size_t kMaxMessageSize = 0xffff;

struct MessageHeader {
  std::uint8_t version = 0;  // a HELLO may carry any
  std::uint8_t type = 0;
  std::uint16_t length = 0;  // with the header
  std::uint32_t xid = 0;

  friend bool operator==(const MessageHeader&, const MessageHeader&) = default;
};

// None if there are fewer than 8 octets. The length is not checked.
std::optional<MessageHeader> decode_header(std::span<const std::byte> bytes);

// §7.5.1. `versions` has bit n set if wire version n is spoken; none if the sender did not say, in
// which case it speaks all up to the header's version.
struct Hello {
  std::optional<std::uint32_t> versions{};

  friend bool operator==(const Hello&, const Hello&) = default;
};

// §7.5.4. `data` is at least the first 64 octets of the message complained about, or a text.
struct ErrorMessage {
  std::uint16_t type = 0;
  std::uint16_t code = 0;
  std::vector<std::byte> data{};

  friend bool operator==(const ErrorMessage&, const ErrorMessage&) = default;
};

struct EchoRequest {
  std::vector<std::byte> data{};

  friend bool operator==(const EchoRequest&, const EchoRequest&) = default;
};

struct EchoReply {
  std::vector<std::byte> data{};

  friend bool operator==(const EchoReply&, const EchoReply&) = default;
};

struct FeaturesRequest {
  friend bool operator==(const FeaturesRequest&, const FeaturesRequest&) = default;
};

struct FeaturesReply {
  std::uint64_t datapath_id = 0;
  std::uint32_t buffers = 0;
  std::uint8_t tables = 0;
  std::uint8_t auxiliary_id = 0;
  std::uint32_t capabilities = 0;

  friend bool operator==(const FeaturesReply&, const FeaturesReply&) = default;
};

struct SetConfig {
  std::uint16_t flags = 0;
  std::uint16_t miss_send_len = kNoBuffer;

  friend bool operator==(const SetConfig&, const SetConfig&) = default;
};

// §7.4.1. `data` may be shorter than total_len.
struct PacketIn {
  std::uint32_t buffer_id = 0xffffffff;
  std::uint16_t total_len = 0;
  std::uint8_t reason = 0;
  std::uint8_t table_id = 0;
  std::uint64_t cookie = 0;
  Match match{};  // pipeline fields: in_port, metadata
  std::vector<std::byte> data{};

  friend bool operator==(const PacketIn&, const PacketIn&) = default;
};

// Where the packet came in; port 0 if the switch does not say.
net::PortNo in_port_of(const PacketIn& packet);

// §7.4.2. Of a flow that was added with kSendFlowRemoved: what it counted to the end.
struct FlowRemoved {
  std::uint64_t cookie = 0;
  std::uint16_t priority = 0;
  std::uint8_t reason = 0;
  std::uint8_t table_id = 0;
  std::uint32_t duration_seconds = 0;
  std::uint32_t duration_nanoseconds = 0;
  std::uint16_t idle_timeout = 0;
  std::uint16_t hard_timeout = 0;
  std::uint64_t packet_count = 0;
  std::uint64_t byte_count = 0;
  Match match{};

  friend bool operator==(const FlowRemoved&, const FlowRemoved&) = default;
};

// §7.3.6. Carries its packet; buffers are not used.
struct PacketOut {
  net::PortNo in_port = kPortController;
  std::vector<Action> actions{};
  std::vector<std::byte> data{};

  friend bool operator==(const PacketOut&, const PacketOut&) = default;
};

// §7.2.1. Speeds in kbit/s, 0 = unknown.
struct PortDesc {
  net::PortNo number{};
  net::MacAddress mac{};
  std::string name{};        // at most 15 octets, no NUL
  std::uint32_t config = 0;  // kPortDown
  std::uint32_t state = 0;   // kLinkDown
  std::uint32_t current_speed = 0;
  std::uint32_t max_speed = 0;

  friend bool operator==(const PortDesc&, const PortDesc&) = default;
};

inline constexpr std::uint32_t kPortDown = 1;  // of PortDesc::config
inline constexpr std::uint32_t kLinkDown = 1;  // of PortDesc::state

// Whether frames can pass: neither switched off nor without link.
bool is_up(const PortDesc& port);

enum class PortReason : std::uint8_t { kAdd, kDelete, kModify };

struct PortStatus {
  PortReason reason = PortReason::kModify;
  PortDesc port{};

  friend bool operator==(const PortStatus&, const PortStatus&) = default;
};

struct FlowStatsRequest {
  std::uint8_t table_id = kAllTables;
  std::uint64_t cookie = 0;
  std::uint64_t cookie_mask = 0;
  Match match{};

  friend bool operator==(const FlowStatsRequest&, const FlowStatsRequest&) = default;
};

// §7.3.5: whether another part of the same reply follows.
enum class More : std::uint8_t { kNo, kYes };

struct FlowStatsReply {
  std::vector<FlowStats> flows{};
  More more = More::kNo;

  friend bool operator==(const FlowStatsReply&, const FlowStatsReply&) = default;
};

struct MeterConfigRequest {
  std::uint32_t id = kAllMeters;

  friend bool operator==(const MeterConfigRequest&, const MeterConfigRequest&) = default;
};

struct MeterConfigReply {
  std::vector<MeterConfig> meters{};
  More more = More::kNo;

  friend bool operator==(const MeterConfigReply&, const MeterConfigReply&) = default;
};

struct MeterStatsRequest {
  std::uint32_t id = kAllMeters;

  friend bool operator==(const MeterStatsRequest&, const MeterStatsRequest&) = default;
};

struct MeterStatsReply {
  std::vector<MeterStats> meters{};
  More more = More::kNo;

  friend bool operator==(const MeterStatsReply&, const MeterStatsReply&) = default;
};

struct GroupDescRequest {
  friend bool operator==(const GroupDescRequest&, const GroupDescRequest&) = default;
};

struct GroupDescReply {
  std::vector<Group> groups{};
  More more = More::kNo;

  friend bool operator==(const GroupDescReply&, const GroupDescReply&) = default;
};

// Without tables of one's own: what are they?
struct TableFeaturesRequest {
  friend bool operator==(const TableFeaturesRequest&, const TableFeaturesRequest&) = default;
};

struct TableFeaturesReply {
  std::vector<TableFeatures> tables{};
  More more = More::kNo;

  friend bool operator==(const TableFeaturesReply&, const TableFeaturesReply&) = default;
};

struct PortStatsRequest {
  net::PortNo port = kPortAny;  // or all

  friend bool operator==(const PortStatsRequest&, const PortStatsRequest&) = default;
};

struct PortStatsReply {
  std::vector<PortStats> ports{};
  More more = More::kNo;

  friend bool operator==(const PortStatsReply&, const PortStatsReply&) = default;
};

struct PortDescRequest {
  friend bool operator==(const PortDescRequest&, const PortDescRequest&) = default;
};

struct PortDescReply {
  std::vector<PortDesc> ports{};
  More more = More::kNo;

  friend bool operator==(const PortDescReply&, const PortDescReply&) = default;
};

struct BarrierRequest {
  friend bool operator==(const BarrierRequest&, const BarrierRequest&) = default;
};

struct BarrierReply {
  friend bool operator==(const BarrierReply&, const BarrierReply&) = default;
};

enum class Role : std::uint8_t { kNoChange, kEqual, kMaster, kSlave };

struct RoleRequest {
  Role role = Role::kNoChange;
  std::uint64_t generation_id = 0;

  friend bool operator==(const RoleRequest&, const RoleRequest&) = default;
};

struct RoleReply {
  Role role = Role::kNoChange;
  std::uint64_t generation_id = 0;

  friend bool operator==(const RoleReply&, const RoleReply&) = default;
};

// §7.4.4, OpenFlow 1.4 only: the switch has taken the controller's role away. Reason and properties
// are neither sent nor kept.
struct RoleStatus {
  Role role = Role::kNoChange;
  std::uint64_t generation_id = 0;

  friend bool operator==(const RoleStatus&, const RoleStatus&) = default;
};

enum class BundleControlType : std::uint8_t {
  kOpenRequest,
  kOpenReply,
  kCloseRequest,
  kCloseReply,
  kCommitRequest,
  kCommitReply,
  kDiscardRequest,
  kDiscardReply,
};

inline constexpr std::uint16_t kBundleAtomic = 1;
inline constexpr std::uint16_t kBundleOrdered = 2;

// §7.3.9. Properties are neither sent nor kept.
struct BundleControl {
  std::uint32_t bundle_id = 0;
  BundleControlType type = BundleControlType::kOpenRequest;
  std::uint16_t flags = kBundleAtomic | kBundleOrdered;

  friend bool operator==(const BundleControl&, const BundleControl&) = default;
};

// Only flow mods are bundled. The inner message has the xid of the outer one.
struct BundleAdd {
  std::uint32_t bundle_id = 0;
  std::uint16_t flags = kBundleAtomic | kBundleOrdered;
  FlowMod mod{};

  friend bool operator==(const BundleAdd&, const BundleAdd&) = default;
};

// A message, or a kind of multipart, that this module does not know: what follows the header.
struct UnknownMessage {
  std::uint8_t type = 0;
  std::vector<std::byte> body{};

  friend bool operator==(const UnknownMessage&, const UnknownMessage&) = default;
};

using Body =
    std::variant<Hello, ErrorMessage, EchoRequest, EchoReply, FeaturesRequest, FeaturesReply,
                 SetConfig, PacketIn, FlowRemoved, PacketOut, PortStatus, FlowMod, FlowStatsRequest,
                 FlowStatsReply, PortDescRequest, PortDescReply, BarrierRequest, BarrierReply,
                 RoleRequest, RoleReply, RoleStatus, MeterMod, MeterConfigRequest, MeterConfigReply,
                 MeterStatsRequest, MeterStatsReply, GroupMod, GroupDescRequest, GroupDescReply,
                 TableFeaturesRequest, TableFeaturesReply, PortStatsRequest, PortStatsReply,
                 BundleControl, BundleAdd, UnknownMessage>;

struct Message {
  Version version = Version::kOpenFlow14;
  std::uint32_t xid = 0;
  Body body;

  friend bool operator==(const Message&, const Message&) = default;
};

enum class DecodeError : std::uint8_t {
  kBadLength,   // not exactly one message
  kBadVersion,  // neither 1.3 nor 1.4
  kMalformed,   // the body is not what its type says
};

std::string_view describe(DecodeError error);

// Decodes exactly one message. A HELLO of another version decodes as one of 1.4: its header's
// version is in decode_header().
Result<Message, DecodeError> decode_message(std::span<const std::byte> bytes);

// Appends the message.
void encode_message(const Message& message, WireWriter& out);

// The same without a copy of the FlowMod, for those who send many.
void encode_flow_mod(const FlowMod& mod, Version version, std::uint32_t xid, WireWriter& out);
void encode_bundle_add(const FlowMod& mod, std::uint32_t bundle_id, std::uint32_t xid,
                       WireWriter& out);
// Octets that encode_bundle_add() needs around encoded_size(mod).
inline constexpr std::size_t kBundleAddOverhead = 24;

}  // namespace fabrix::openflow
