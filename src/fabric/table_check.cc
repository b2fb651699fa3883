#include "fabric/table_check.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace fabrix::fabric {
namespace {

using openflow::OxmField;
using openflow::TableFeatures;

Result<void> lacks(const TableFeatures& table, const std::string& what) {
  return fail(Error{fmt::format("table {} of the switch cannot {}", table.table_id, what)});
}

// The extension is no part of what switches list.
bool is_listed(OxmField field) {
  return field != OxmField::kRegister0 && field != OxmField::kTcpFlags;
}

bool has(const TableFeatures& table, std::uint16_t instruction) {
  return !table.instructions || table.instructions->contains(instruction);
}

Result<void> check_match(const TableFeatures& table, const openflow::Match& match) {
  if (!table.matches) return {};
  for (const openflow::MatchField& test : match.fields()) {
    if (is_listed(test.field) && !table.matches->contains(test.field)) {
      return lacks(table, fmt::format("match {}", name_of(test.field)));
    }
  }
  return {};
}

Result<void> check_instructions(const TableFeatures& table, const openflow::Instructions& wants) {
  if (wants.goto_table) {
    const bool leads = !table.next_tables || table.next_tables->contains(*wants.goto_table);
    if (!leads || !has(table, openflow::kGotoTableInstruction)) {
      return lacks(table, fmt::format("lead to table {}", *wants.goto_table));
    }
  }
  if (wants.write_metadata && !has(table, openflow::kWriteMetadataInstruction)) {
    return lacks(table, "write metadata");
  }
  if (wants.meter && !has(table, openflow::kMeterInstruction)) return lacks(table, "use meters");
  if (!wants.apply_actions.empty() && !has(table, openflow::kApplyActionsInstruction)) {
    return lacks(table, "apply actions");
  }
  for (const openflow::Action& action : wants.apply_actions) {
    const auto* set = std::get_if<openflow::SetField>(&action);
    const bool can =
        set == nullptr || !table.sets || !is_listed(set->field) || table.sets->contains(set->field);
    if (!can) return lacks(table, fmt::format("set {}", name_of(set->field)));
  }
  return {};
}

}  // namespace

TableCheck::TableCheck(std::vector<TableFeatures> tables) {
  for (TableFeatures& table : tables) tables_.insert_or_assign(table.table_id, std::move(table));
}

Result<void> TableCheck::check(std::span<const openflow::FlowMod> mods) const {
  if (tables_.empty()) return {};
  for (const openflow::FlowMod& mod : mods) {
    if (mod.command != openflow::FlowCommand::kAdd) continue;
    const auto table = tables_.find(mod.table_id);
    if (table == tables_.end()) {
      return fail(Error{fmt::format("the switch has no table {}", mod.table_id)});
    }
    if (auto fits = check_match(table->second, mod.match); !fits) return fits;
    if (auto fits = check_instructions(table->second, mod.instructions); !fits) return fits;
  }
  return {};
}

Result<void> TableCheck::check_room(const FlowPlan& plan) const {
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto id = static_cast<program::TableId>(i);
    const auto table = tables_.find(static_cast<std::uint8_t>(i));
    if (table == tables_.end() || plan.size_of(id) <= table->second.max_entries) continue;
    return fail(
        Error{fmt::format("table {} of the switch ({}) has room for {} flow entries: {} "
                          "are wanted",
                          i, name_of(id), table->second.max_entries, plan.size_of(id))});
  }
  return {};
}

}  // namespace fabrix::fabric
