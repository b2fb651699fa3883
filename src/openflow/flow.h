// FlowMod and FlowStats: a flow entry as it is ordered and as it is reported, and the actions and
// instructions in it.
//
//   OpenFlow 1.3.5 / 1.4.1   §7.2.4 instructions, §7.2.5 actions, §7.3.4.1 flow mod,
//                            §7.3.5.2 flow stats
//
// Equality survives the switch: instructions are held by kind rather than in wire order, empty ones
// are absent, and what this module does not know is carried along unread. same_rule() and
// same_flow() compare what a FlowStats reports with what a FlowMod orders.
//
// Values; any thread. The decoders accept arbitrary octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "net/ids.h"
#include "openflow/match.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

// Protocol versions by their number on the wire.
enum class Version : std::uint8_t { kOpenFlow13 = 0x04, kOpenFlow14 = 0x05 };

// Reserved port numbers (§7.2.1).
inline constexpr net::PortNo kPortInPort{0xfffffff8};
inline constexpr net::PortNo kPortTable{0xfffffff9};
inline constexpr net::PortNo kPortFlood{0xfffffffb};
inline constexpr net::PortNo kPortAll{0xfffffffc};
inline constexpr net::PortNo kPortController{0xfffffffd};
inline constexpr net::PortNo kPortLocal{0xfffffffe};
inline constexpr net::PortNo kPortAny{0xffffffff};

// No group, in deletions and buckets (§7.3.4.2, OFPG_ANY).
inline constexpr std::uint32_t kAnyGroup = 0xffffffff;

// The whole packet goes to the controller, none of it stays buffered in the switch.
inline constexpr std::uint16_t kNoBuffer = 0xffff;

inline constexpr std::uint8_t kAllTables = 0xff;  // in deletions and requests

struct Output {
  net::PortNo port{};
  std::uint16_t max_len = 0;  // for kPortController only: octets to send

  friend bool operator==(const Output&, const Output&) = default;
};

// Needs a match that makes the header exist. Bits beyond the field's width are not sent.
struct SetField {
  OxmField field = OxmField::kEthDst;
  U128 value;

  friend bool operator==(const SetField&, const SetField&) = default;
};

// An action that this module does not know. Its size plus 4 must be a multiple of 8.
struct OpaqueAction {
  std::uint16_t type = 0;
  std::vector<std::byte> body{};

  friend bool operator==(const OpaqueAction&, const OpaqueAction&) = default;
};

using Action = std::variant<Output, SetField, OpaqueAction>;

// Output(kPortController) of whole packets.
constexpr Output to_controller() {
  return {.port = kPortController, .max_len = kNoBuffer};
}

struct WriteMetadata {
  std::uint64_t value = 0;  // no bit outside mask, else it is not canonical
  std::uint64_t mask = 0;   // not 0, else it is not canonical

  friend bool operator==(const WriteMetadata&, const WriteMetadata&) = default;
};

struct OpaqueInstruction {
  std::uint16_t type = 0;
  std::vector<std::byte> body{};

  friend bool operator==(const OpaqueInstruction&, const OpaqueInstruction&) = default;
};

// At most one of a kind (§5.9), executed in this order: the meter first, and the others. Nothing at
// all drops the packet.
struct Instructions {
  std::vector<Action> apply_actions{};
  std::optional<WriteMetadata> write_metadata{};
  std::optional<std::uint8_t> goto_table{};
  std::vector<OpaqueInstruction> opaque{};  // in wire order; at most kMaxOpaqueInstructions decoded
  std::optional<std::uint32_t> meter{};

  friend bool operator==(const Instructions&, const Instructions&) = default;
};

// `instructions` with bits outside the metadata mask cleared, an empty mask dropped, and set-field
// values within their fields. What decode_*() returns is canonical; so is what is encoded.
Instructions canonical(Instructions instructions);

enum class FlowCommand : std::uint8_t { kAdd, kModify, kModifyStrict, kDelete, kDeleteStrict };

// Flow mod flags (§7.3.4.1); kept as a number since switches report bits we do not know.
inline constexpr std::uint16_t kSendFlowRemoved = 1;
inline constexpr std::uint16_t kCheckOverlap = 2;
inline constexpr std::uint16_t kResetCounts = 4;

// No buffer, no output filter. Timeouts are in seconds, 0 = none.
struct FlowMod {
  FlowCommand command = FlowCommand::kAdd;
  std::uint8_t table_id = 0;
  std::uint16_t priority = 0;
  std::uint64_t cookie = 0;
  std::uint64_t cookie_mask = 0;  // restricts modifications and deletions to flows with that cookie
  std::uint16_t idle_timeout = 0;
  std::uint16_t hard_timeout = 0;
  std::uint16_t flags = 0;
  std::uint16_t importance = 0;  // OpenFlow 1.4 only
  Match match{};
  Instructions instructions{};  // ignored by deletions

  friend bool operator==(const FlowMod&, const FlowMod&) = default;
};

struct FlowStats {
  std::uint8_t table_id = 0;
  std::uint16_t priority = 0;
  std::uint64_t cookie = 0;
  std::uint16_t idle_timeout = 0;
  std::uint16_t hard_timeout = 0;
  std::uint16_t flags = 0;
  std::uint16_t importance = 0;  // OpenFlow 1.4 only
  std::uint32_t duration_seconds = 0;
  std::uint32_t duration_nanoseconds = 0;
  std::uint64_t packet_count = 0;
  std::uint64_t byte_count = 0;
  Match match{};
  Instructions instructions{};

  friend bool operator==(const FlowStats&, const FlowStats&) = default;
};

// Whether they have one identity: table, priority and match (§5.2).
bool same_rule(const FlowStats& installed, const FlowMod& wanted);
// Whether the installed flow is all that the FlowMod would make of it: same_rule(), cookie,
// timeouts and instructions. `wanted` must be canonical.
bool same_flow(const FlowStats& installed, const FlowMod& wanted);

// The FlowMods that delete exactly this flow, and that add it again.
FlowMod removal_of(const FlowStats& installed);
FlowMod addition_of(const FlowStats& installed);
// The FlowMod that deletes what this one adds, whatever its cookie is by then.
FlowMod removal_of(const FlowMod& flow);

inline constexpr std::size_t kMaxOpaqueInstructions = 16;

void encode_actions(const std::vector<Action>& actions, WireWriter& out);
void encode_instructions(const Instructions& instructions, WireWriter& out);
// What follows the message header, and the entry of a multipart reply.
void encode_flow_mod_body(const FlowMod& mod, Version version, WireWriter& out);
void encode_flow_stats_entry(const FlowStats& stats, Version version, WireWriter& out);
// Octets of encode_flow_mod_body().
std::size_t encoded_size(const FlowMod& mod);

// Each reads all that the reader has; none if malformed.
std::optional<std::vector<Action>> decode_actions(ByteReader in);
std::optional<Instructions> decode_instructions(ByteReader in);
std::optional<FlowMod> decode_flow_mod_body(ByteReader in, Version version);
// Reads one entry, leaving the reader after it.
std::optional<FlowStats> decode_flow_stats_entry(ByteReader& in, Version version);

}  // namespace fabrix::openflow
