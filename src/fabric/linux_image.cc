#include "fabric/linux_image.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace fabrix::fabric {
namespace {

using program::Row;
using program::TableId;

constexpr std::uint64_t kMostCalls = 33;
// For nobody's rows, which are no member's to make: a row or two for each router.
constexpr std::uint64_t kCommonSteps = 2 * kLinuxSteps;

// Whose row of the table it is, by slot. None: nobody's.
std::optional<std::uint32_t> slot_of(TableId table, const Row& row) {
  const LinuxOwner* owner = linux_owner(table);
  if (owner == nullptr) return std::nullopt;
  const std::uint64_t mask = std::uint64_t{FABRIX_ID_MASK} << owner->shift;
  if ((row.match.metadata.mask & mask) != mask) return std::nullopt;
  return owner->first_slot +
         static_cast<std::uint32_t>(row.match.metadata.bits >> owner->shift & FABRIX_ID_MASK);
}

bool is_of(TableId table, const Row& row, std::uint32_t slot) {
  const auto own = slot_of(table, row);
  return !own || *own == slot;
}

// Nobody's rows, and what is in no block; of a table without owners all.
program::Rows common_of(TableId table, const program::Rows& rows) {
  if (linux_owner(table) == nullptr) return rows;
  if (rows.own().empty()) return program::Rows(program::Rows::Directory{rows.block(0)});
  std::vector<Row> common = rows.own();
  if (const auto& nobodys = rows.block(0)) {
    common.insert(common.end(), nobodys->begin(), nobodys->end());
  }
  return common;
}

bool asks_hashes(const program::Rows& rows) {
  return std::ranges::any_of(rows, [](const Row& row) { return !row.hashes.empty(); });
}

// What the metadata of packets is that the program in the slot of an owner meets.
program::Metadata known_in(TableId table, std::uint32_t slot) {
  const LinuxOwner& owner = *linux_owner(table);
  return {.bits = std::uint64_t{slot - owner.first_slot} << owner.shift,
          .mask = std::uint64_t{FABRIX_ID_MASK} << owner.shift};
}

template <typename Rows>
std::vector<const Row*> pointers_to(const Rows& rows) {
  std::vector<const Row*> all;
  all.reserve(rows.size());
  for (const Row& row : rows) all.push_back(&row);
  return all;
}

// The demand of each table, from those of the later ones. That two tables may be in one program,
// and need no call, is not made use of.
class Demands {
 public:
  explicit Demands(const LinuxImage& image) {
    for (const auto& [slot, unit] : image.programs) {
      for (const LinuxExit& exit : unit->exits) {
        exits_.at(static_cast<std::size_t>(exit.from)).insert(exit);
      }
    }
  }

  LinuxDemand of_packet() {
    for (std::size_t table = program::kTableCount; table-- > 0;) {
      LinuxDemand& most = tables_.at(table);
      most.calls = 1;
      for (const LinuxExit& exit : exits_.at(table)) add(exit, most);
    }
    LinuxDemand all = tables_.front();
    ++all.calls;  // the end's
    return all;
  }

 private:
  void add(const LinuxExit& exit, LinuxDemand& most) const {
    LinuxDemand here{.calls = exit.to_controller ? 2U : 1U, .outputs = exit.copies, .waiting = 0};
    if (exit.to.empty()) ++here.outputs;
    std::uint64_t behind = exit.to.size();  // branches that wait while one goes on
    for (const TableId to : exit.to) {
      const LinuxDemand& later = tables_.at(static_cast<std::size_t>(to));
      here.calls += later.calls;
      here.outputs += later.outputs;
      --behind;
      here.waiting = std::max(here.waiting, behind + later.waiting);
    }
    most.calls = std::max(most.calls, here.calls);
    most.outputs = std::max(most.outputs, here.outputs);
    most.waiting = std::max(most.waiting, here.waiting);
  }

  std::array<std::set<LinuxExit>, program::kTableCount> exits_;
  std::array<LinuxDemand, program::kTableCount> tables_;
};

Result<void> check(std::string_view what, std::uint64_t count, std::uint64_t most) {
  if (count <= most) return {};
  return fail(Error{
      fmt::format("the Linux fabric has room for {} {}, and this needs {}", most, what, count)});
}

Result<void> check(const LinuxImage& image) {
  const LinuxDemand demand = demand_of(image);
  auto done = check("tail calls for a packet; fewer targets of multicast() need fewer",
                    demand.calls, kMostCalls);
  if (done) done = check("frames of one packet", demand.outputs, FABRIX_MAX_OUTPUTS);
  if (done) done = check("branches of one packet", demand.waiting, FABRIX_MAX_BRANCHES);
  if (!done) return done;
  std::uint64_t narrow = 0;
  std::uint64_t wide = 0;
  std::set<std::uint64_t> counters;
  for (const auto& [id, entries] : image.entries()) {
    narrow += entries->narrow.size();
    wide += entries->wide.size();
  }
  for (const auto& [slot, unit] : image.programs) {
    for (const LinuxCounter& each : unit->counters) counters.insert(each.key);
  }
  // Twice: those of the Program before are there too, for a moment.
  done =
      check("rows by one or two fields; fewer clauses need fewer", narrow, FABRIX_MAX_ENTRIES / 2);
  if (done)
    done = check("rows by more fields; fewer clauses need fewer", wide, FABRIX_MAX_ENTRIES / 2);
  if (done)
    done = check("counters; fewer queries and counted clauses need fewer", counters.size(),
                 FABRIX_MAX_COUNTERS / 2);
  return done;
}

}  // namespace

std::map<std::uint64_t, LinuxEntriesPtr> LinuxImage::entries() const {
  std::map<std::uint64_t, LinuxEntriesPtr> all;
  for (const auto& [slot, unit] : programs) {
    for (const LinuxEntriesPtr& each : unit->entries) all.emplace(each->id, each);
  }
  return all;
}

std::size_t LinuxImage::entry_count() const {
  std::size_t count = 0;
  for (const auto& [id, each] : entries()) count += each->size();
  return count;
}

LinuxDemand demand_of(const LinuxImage& image) {
  return Demands(image).of_packet();
}

Result<LinuxImage> LinuxCompiler::compile(const program::Program& program) {
  LinuxImage image;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto id = static_cast<TableId>(i);
    const auto done = compile_table(id, program.table(id), image);
    if (!done) return fail(done.error());
  }
  if (const auto done = compile_common(); !done) return fail(done.error());
  image.programs[FABRIX_SLOT_COMMON] = common_;
  image.neighbors = program.neighbors;
  if (const auto done = check(image); !done) return fail(done.error());
  return image;
}

// The program of an owner.
Result<LinuxUnitPtr> LinuxCompiler::unit_of(TableId table, std::uint32_t slot,
                                            std::vector<const Row*> rows) const {
  std::ranges::stable_sort(rows, std::ranges::greater{}, &Row::priority);
  Budget budget(steps_);
  FABRIX_TRY(const LinuxPart part, make_linux_part(table, rows, budget, known_in(table, slot)));
  const std::array<const LinuxPart*, 1> parts{&part};
  FABRIX_TRY(LinuxUnit unit, make_linux_unit(parts, budget));
  return std::make_shared<const LinuxUnit>(std::move(unit));
}

Result<void> LinuxCompiler::compile_common(TableId id, const program::Rows& rows) {
  Table& table = tables_.at(static_cast<std::size_t>(id));
  program::Rows common = common_of(id, rows);
  if (table.common_part && table.common == common) return {};
  common_.reset();
  table.common_part.reset();
  table.common = std::move(common);
  table.owners.clear();
  std::vector<const Row*> unowned = pointers_to(table.common);
  std::erase_if(unowned, [id](const Row* row) { return slot_of(id, *row).has_value(); });
  std::ranges::stable_sort(unowned, std::ranges::greater{}, &Row::priority);
  Budget budget(kCommonSteps);
  FABRIX_TRY(LinuxPart part, make_linux_part(id, unowned, budget));
  std::set<std::uint32_t> owners;
  for (const Row& row : table.common) {
    if (const auto slot = slot_of(id, row)) owners.insert(*slot);
  }
  for (const std::uint32_t slot : owners) {
    std::vector<const Row*> theirs = pointers_to(table.common);
    std::erase_if(theirs, [&](const Row* row) { return !is_of(id, *row, slot); });
    FABRIX_TRY(auto unit, unit_of(id, slot, std::move(theirs)));
    table.owners[slot] = {.block = nullptr, .unit = std::move(unit), .used = true};
  }
  table.common_part = std::move(part);
  return {};
}

Result<void> LinuxCompiler::compile_owner(TableId id, const program::Rows::Block& block) {
  Table& table = tables_.at(static_cast<std::size_t>(id));
  const auto slot = slot_of(id, block->front());
  const bool all_theirs =
      slot && std::ranges::all_of(*block, [&](const Row& row) { return slot_of(id, row) == slot; });
  if (!all_theirs) {
    return fail(Error{fmt::format("table {} has a participant's rows that are for others' packets",
                                  program::name_of(id))});
  }
  const auto known = table.owners.find(*slot);
  if (known != table.owners.end() && known->second.block == block) {
    known->second.used = true;
    return {};
  }
  std::vector<const Row*> rows = pointers_to(*block);
  for (const Row& row : table.common) {
    if (is_of(id, row, *slot)) rows.push_back(&row);
  }
  FABRIX_TRY(auto unit, unit_of(id, *slot, std::move(rows)));
  table.owners[*slot] = {.block = block, .unit = std::move(unit), .used = true};
  return {};
}

// Nobody's rows of all tables.
Result<void> LinuxCompiler::compile_common() {
  if (common_) return {};
  std::vector<const LinuxPart*> parts;
  for (const Table& table : tables_) parts.push_back(&*table.common_part);
  Budget budget(kCommonSteps);
  FABRIX_TRY(LinuxUnit unit, make_linux_unit(parts, budget));
  common_ = std::make_shared<const LinuxUnit>(std::move(unit));
  return {};
}

Result<void> LinuxCompiler::compile_table(TableId id, const program::Rows& rows,
                                          LinuxImage& image) {
  Table& table = tables_.at(static_cast<std::size_t>(id));
  if (auto done = compile_common(id, rows); !done) return done;
  for (auto& [slot, known] : table.owners) known.used = known.block == nullptr;
  if (id == TableId::kAdmit) image.hashes = asks_hashes(table.common);
  if (linux_owner(id) == nullptr) return {};
  for (std::size_t i = 1; i < rows.block_count(); ++i) {
    if (!rows.block(i) || rows.block(i)->empty()) continue;
    if (auto done = compile_owner(id, rows.block(i)); !done) return done;
  }
  std::erase_if(table.owners, [](const auto& each) { return !each.second.used; });
  for (const auto& [slot, known] : table.owners) image.programs[slot] = known.unit;
  return {};
}

}  // namespace fabrix::fabric
