#include "fabric/flow_banks.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "openflow/nicira.h"

namespace fabrix::fabric {
namespace {

constexpr std::uint16_t kFlipPriority = 0xfffe;  // above all rows, below what comes over links
constexpr std::uint64_t kCookie = std::uint64_t{0xfd} << 56U;  // of no program::Origin

bool is_first(std::uint8_t table) {
  return table < program::kTableCount;
}

bool is_second(std::uint8_t table) {
  return table >= kBankOffset && table < kBankOffset + program::kTableCount;
}

// Moves the tables that instructions lead to, where `moves` says so of them.
void move_targets(openflow::Instructions& instructions, bool (*moves)(std::uint8_t), int by) {
  const auto moved = [by, moves](std::uint8_t table) {
    return moves(table) ? static_cast<std::uint8_t>(table + by) : table;
  };
  if (instructions.goto_table) instructions.goto_table = moved(*instructions.goto_table);
  for (openflow::Action& action : instructions.apply_actions) {
    auto* copy = std::get_if<openflow::OpaqueAction>(&action);
    if (copy == nullptr) continue;
    const auto table = openflow::table_of_copy(*copy);
    if (table) openflow::redirect_copy(*copy, moved(*table));
  }
}

bool is_flip(const openflow::FlowStats& flow) {
  const openflow::FlowMod flip = flip_to(FlowBank::kSecond);
  return same_rule(flow, flip) && flow.instructions == flip.instructions;
}

}  // namespace

std::uint8_t table_in(FlowBank bank, std::uint8_t table) {
  const bool moves = bank == FlowBank::kSecond && is_first(table);
  return moves ? static_cast<std::uint8_t>(table + kBankOffset) : table;
}

openflow::FlowMod in_bank(openflow::FlowMod flow, FlowBank bank) {
  if (bank == FlowBank::kFirst) return flow;
  flow.table_id = table_in(bank, flow.table_id);
  move_targets(flow.instructions, is_first, kBankOffset);
  return flow;
}

openflow::FlowMod flip_to(FlowBank bank) {
  openflow::FlowMod flip;
  flip.priority = kFlipPriority;
  if (bank == FlowBank::kFirst) {
    flip.command = openflow::FlowCommand::kDeleteStrict;
    return flip;
  }
  flip.cookie = kCookie;
  flip.instructions.goto_table = kBankOffset;
  return flip;
}

BankedFlows by_bank(std::vector<openflow::FlowStats> flows) {
  BankedFlows found;
  const auto flip = std::ranges::find_if(flows, is_flip);
  if (flip != flows.end()) {
    found.active = FlowBank::kSecond;
    flows.erase(flip);
  }
  const bool second = found.active == FlowBank::kSecond;
  for (openflow::FlowStats& flow : flows) {
    const bool unseen = second ? is_first(flow.table_id) : is_second(flow.table_id);
    if (unseen) {
      found.unseen.push_back(std::move(flow));
      continue;
    }
    if (second && is_second(flow.table_id)) {
      flow.table_id = static_cast<std::uint8_t>(flow.table_id - kBankOffset);
      move_targets(flow.instructions, is_second, -int{kBankOffset});
    }
    found.seen.push_back(std::move(flow));
  }
  return found;
}

}  // namespace fabrix::fabric
