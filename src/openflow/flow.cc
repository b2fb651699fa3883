#include "openflow/flow.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint16_t kActionOutput = 0;
constexpr std::uint16_t kActionSetField = 25;
constexpr std::uint16_t kInstructionGotoTable = 1;
constexpr std::uint16_t kInstructionWriteMetadata = 2;
constexpr std::uint16_t kInstructionApplyActions = 4;
constexpr std::uint16_t kInstructionMeter = 6;

constexpr std::uint32_t kNoBufferId = 0xffffffff;
constexpr std::size_t kHeaderSize = 4;         // type and length, of an action or instruction
constexpr std::size_t kFlowModFixedSize = 40;  // between the message header and the match

MatchField operand_of(const SetField& set) {
  const U128 all = U128::ones(width_of(set.field));
  return {.field = set.field, .value = set.value & all, .mask = all};
}

struct ActionWriter {
  WireWriter& out;

  void operator()(const Output& output) const {
    out.u16(kActionOutput);
    out.u16(16);
    out.u32(output.port.value);
    out.u16(output.max_len);
    out.zeros(6);
  }

  void operator()(const SetField& set) const {
    const std::size_t start = out.size();
    out.u16(kActionSetField);
    out.u16(0);
    encode_oxm(operand_of(set), out);
    out.pad_from(start);
    out.patch_u16(start + 2, out.size() - start);  // This length includes the padding.
  }

  void operator()(const OpaqueAction& action) const {
    out.u16(action.type);
    const std::size_t length_at = out.size();
    out.u16(0);
    out.bytes(action.body);
    out.patch_u16(length_at, kHeaderSize + action.body.size());
  }
};

struct ActionSize {
  std::size_t operator()(const Output& /*output*/) const { return 16; }

  std::size_t operator()(const SetField& set) const {
    return (kHeaderSize + encoded_size(operand_of(set)) + 7) / 8 * 8;
  }

  std::size_t operator()(const OpaqueAction& action) const {
    return kHeaderSize + action.body.size();
  }
};

std::optional<Action> decode_output(ByteReader body) {
  const net::PortNo port{body.u32()};
  const std::uint16_t max_len = body.u16();
  skip(body, 6);
  if (!body.ok() || !body.at_end()) return std::nullopt;
  return Output{.port = port, .max_len = max_len};
}

std::optional<Action> decode_set_field(ByteReader body) {
  ByteReader whole = body;
  const auto oxm = decode_oxm(body);
  const bool only_padding_left = body.remaining() < 8;
  if (!oxm || !only_padding_left) return std::nullopt;
  if (!oxm->known) return OpaqueAction{.type = kActionSetField, .body = read_rest(whole)};
  if (!oxm->known->is_exact()) return std::nullopt;  // §7.2.5: no mask
  return SetField{.field = oxm->known->field, .value = oxm->known->value};
}

std::optional<Action> decode_action(std::uint16_t type, ByteReader body) {
  if (type == kActionOutput) return decode_output(body);
  if (type == kActionSetField) return decode_set_field(body);
  return OpaqueAction{.type = type, .body = read_rest(body)};
}

bool decode_goto_table(ByteReader body, Instructions& instructions) {
  const std::uint8_t table = body.u8();
  skip(body, 3);
  if (instructions.goto_table) return false;
  instructions.goto_table = table;
  return body.ok() && body.at_end();
}

bool decode_meter(ByteReader body, Instructions& instructions) {
  const std::uint32_t meter = body.u32();
  if (instructions.meter) return false;
  instructions.meter = meter;
  return body.ok() && body.at_end();
}

bool decode_write_metadata(ByteReader body, Instructions& instructions) {
  skip(body, 4);
  const std::uint64_t value = read_u64(body);
  const std::uint64_t mask = read_u64(body);
  if (instructions.write_metadata) return false;
  if (mask != 0) instructions.write_metadata = WriteMetadata{.value = value & mask, .mask = mask};
  return body.ok() && body.at_end();
}

bool decode_apply_actions(ByteReader body, Instructions& instructions) {
  skip(body, 4);
  if (!body.ok() || !instructions.apply_actions.empty()) return false;
  auto actions = decode_actions(body);
  if (!actions) return false;
  instructions.apply_actions = std::move(*actions);
  return true;
}

// Adds one instruction to `instructions`; false if it is malformed or the second of its kind.
bool decode_instruction(std::uint16_t type, ByteReader body, Instructions& instructions) {
  switch (type) {
    case kInstructionGotoTable:
      return decode_goto_table(body, instructions);
    case kInstructionWriteMetadata:
      return decode_write_metadata(body, instructions);
    case kInstructionApplyActions:
      return decode_apply_actions(body, instructions);
    case kInstructionMeter:
      return decode_meter(body, instructions);
    default:
      if (instructions.opaque.size() == kMaxOpaqueInstructions) return false;
      instructions.opaque.push_back({.type = type, .body = read_rest(body)});
      return true;
  }
}

// The body of the next action or instruction: type, length, body; lengths count in eights (§7.2.4).
struct Element {
  std::uint16_t type = 0;
  ByteReader body;
};

std::optional<Element> next_element(ByteReader& in) {
  const std::uint16_t type = in.u16();
  const std::size_t length = in.u16();
  if (!in.ok() || length < 8 || length % 8 != 0) return std::nullopt;
  const ByteReader body = in.sub_reader(length - kHeaderSize);
  if (!in.ok()) return std::nullopt;
  return Element{.type = type, .body = body};
}

std::size_t encoded_size(const Instructions& instructions) {
  std::size_t size = 0;
  if (!instructions.apply_actions.empty()) size += 8;
  for (const Action& action : instructions.apply_actions) size += std::visit(ActionSize{}, action);
  for (const auto& opaque : instructions.opaque) size += kHeaderSize + opaque.body.size();
  if (instructions.write_metadata && instructions.write_metadata->mask != 0) size += 24;
  if (instructions.goto_table) size += 8;
  if (instructions.meter) size += 8;
  return size;
}

}  // namespace

Instructions canonical(Instructions instructions) {
  auto& metadata = instructions.write_metadata;
  if (metadata && metadata->mask == 0) metadata.reset();
  if (metadata) metadata->value &= metadata->mask;
  for (Action& action : instructions.apply_actions) {
    if (auto* set = std::get_if<SetField>(&action)) {
      set->value = set->value & U128::ones(width_of(set->field));
    }
  }
  return instructions;
}

bool same_rule(const FlowStats& installed, const FlowMod& wanted) {
  return installed.table_id == wanted.table_id && installed.priority == wanted.priority &&
         installed.match == wanted.match;
}

bool same_flow(const FlowStats& installed, const FlowMod& wanted) {
  return same_rule(installed, wanted) && installed.cookie == wanted.cookie &&
         installed.idle_timeout == wanted.idle_timeout &&
         installed.hard_timeout == wanted.hard_timeout &&
         installed.instructions == wanted.instructions;
}

FlowMod removal_of(const FlowMod& flow) {
  FlowMod removal;
  removal.command = FlowCommand::kDeleteStrict;
  removal.table_id = flow.table_id;
  removal.priority = flow.priority;
  removal.match = flow.match;
  return removal;
}

FlowMod removal_of(const FlowStats& installed) {
  FlowMod mod;
  mod.command = FlowCommand::kDeleteStrict;
  mod.table_id = installed.table_id;
  mod.priority = installed.priority;
  mod.cookie = installed.cookie;
  mod.cookie_mask = ~std::uint64_t{0};
  mod.match = installed.match;
  return mod;
}

FlowMod addition_of(const FlowStats& installed) {
  FlowMod mod;
  mod.table_id = installed.table_id;
  mod.priority = installed.priority;
  mod.cookie = installed.cookie;
  mod.idle_timeout = installed.idle_timeout;
  mod.hard_timeout = installed.hard_timeout;
  mod.flags = installed.flags;
  mod.importance = installed.importance;
  mod.match = installed.match;
  mod.instructions = installed.instructions;
  return mod;
}

void encode_actions(const std::vector<Action>& actions, WireWriter& out) {
  for (const Action& action : actions) std::visit(ActionWriter{out}, action);
}

void encode_instructions(const Instructions& instructions, WireWriter& out) {
  if (instructions.meter) {
    out.u16(kInstructionMeter);
    out.u16(8);
    out.u32(*instructions.meter);
  }
  if (!instructions.apply_actions.empty()) {
    const std::size_t start = out.size();
    out.u16(kInstructionApplyActions);
    out.u16(0);
    out.zeros(4);
    encode_actions(instructions.apply_actions, out);
    out.patch_u16(start + 2, out.size() - start);
  }
  for (const OpaqueInstruction& opaque : instructions.opaque) {
    out.u16(opaque.type);
    out.u16(static_cast<std::uint16_t>(kHeaderSize + opaque.body.size()));
    out.bytes(opaque.body);
  }
  if (const auto& metadata = instructions.write_metadata; metadata && metadata->mask != 0) {
    out.u16(kInstructionWriteMetadata);
    out.u16(24);
    out.zeros(4);
    out.u64(metadata->value & metadata->mask);
    out.u64(metadata->mask);
  }
  if (instructions.goto_table) {
    out.u16(kInstructionGotoTable);
    out.u16(8);
    out.u8(*instructions.goto_table);
    out.zeros(3);
  }
}

void encode_flow_mod_body(const FlowMod& mod, Version version, WireWriter& out) {
  out.u64(mod.cookie);
  out.u64(mod.cookie_mask);
  out.u8(mod.table_id);
  out.u8(static_cast<std::uint8_t>(mod.command));
  out.u16(mod.idle_timeout);
  out.u16(mod.hard_timeout);
  out.u16(mod.priority);
  out.u32(kNoBufferId);
  out.u32(kPortAny.value);
  out.u32(kAnyGroup);
  out.u16(mod.flags);
  out.u16(version == Version::kOpenFlow14 ? mod.importance : std::uint16_t{0});
  encode_match(mod.match, out);
  encode_instructions(mod.instructions, out);
}

void encode_flow_stats_entry(const FlowStats& stats, Version version, WireWriter& out) {
  const std::size_t start = out.size();
  out.u16(0);
  out.u8(stats.table_id);
  out.u8(0);
  out.u32(stats.duration_seconds);
  out.u32(stats.duration_nanoseconds);
  out.u16(stats.priority);
  out.u16(stats.idle_timeout);
  out.u16(stats.hard_timeout);
  out.u16(stats.flags);
  out.u16(version == Version::kOpenFlow14 ? stats.importance : std::uint16_t{0});
  out.zeros(2);
  out.u64(stats.cookie);
  out.u64(stats.packet_count);
  out.u64(stats.byte_count);
  encode_match(stats.match, out);
  encode_instructions(stats.instructions, out);
  out.patch_u16(start, out.size() - start);
}

std::size_t encoded_size(const FlowMod& mod) {
  return kFlowModFixedSize + encoded_size(mod.match) + encoded_size(mod.instructions);
}

std::optional<std::vector<Action>> decode_actions(ByteReader in) {
  std::vector<Action> actions;
  while (!in.at_end()) {
    const auto element = next_element(in);
    if (!element) return std::nullopt;
    auto action = decode_action(element->type, element->body);
    if (!action) return std::nullopt;
    actions.push_back(std::move(*action));
  }
  return actions;
}

std::optional<Instructions> decode_instructions(ByteReader in) {
  Instructions instructions;
  while (!in.at_end()) {
    const auto element = next_element(in);
    if (!element) return std::nullopt;
    if (!decode_instruction(element->type, element->body, instructions)) return std::nullopt;
  }
  return instructions;
}

std::optional<FlowMod> decode_flow_mod_body(ByteReader in, Version version) {
  FlowMod mod;
  mod.cookie = read_u64(in);
  mod.cookie_mask = read_u64(in);
  mod.table_id = in.u8();
  const std::uint8_t command = in.u8();
  mod.idle_timeout = in.u16();
  mod.hard_timeout = in.u16();
  mod.priority = in.u16();
  skip(in, 12);  // buffer, output port, output group
  mod.flags = in.u16();
  const std::uint16_t importance = in.u16();
  if (version == Version::kOpenFlow14) mod.importance = importance;
  if (!in.ok() || command > static_cast<std::uint8_t>(FlowCommand::kDeleteStrict)) {
    return std::nullopt;
  }
  mod.command = FlowCommand{command};
  auto match = decode_match(in);
  auto instructions = decode_instructions(in);
  if (!match || !instructions) return std::nullopt;
  mod.match = std::move(*match);
  mod.instructions = std::move(*instructions);
  return mod;
}

std::optional<FlowStats> decode_flow_stats_entry(ByteReader& in, Version version) {
  constexpr std::size_t kLengthSize = 2;
  const std::size_t length = in.u16();
  if (length < kLengthSize) return std::nullopt;
  ByteReader entry = in.sub_reader(length - kLengthSize);
  FlowStats stats;
  stats.table_id = entry.u8();
  skip(entry, 1);
  stats.duration_seconds = entry.u32();
  stats.duration_nanoseconds = entry.u32();
  stats.priority = entry.u16();
  stats.idle_timeout = entry.u16();
  stats.hard_timeout = entry.u16();
  stats.flags = entry.u16();
  const std::uint16_t importance = entry.u16();
  if (version == Version::kOpenFlow14) stats.importance = importance;
  skip(entry, 2);
  stats.cookie = read_u64(entry);
  stats.packet_count = read_u64(entry);
  stats.byte_count = read_u64(entry);
  auto match = decode_match(entry);
  if (!match) return std::nullopt;
  auto instructions = decode_instructions(entry);
  if (!instructions) return std::nullopt;
  stats.match = std::move(*match);
  stats.instructions = std::move(*instructions);
  return stats;
}

}  // namespace fabrix::openflow
