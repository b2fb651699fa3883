// LinuxUnit: rows as a program of eBPF, with its entries in the maps of rows: those that one
// owner's packets may meet in one table, or nobody's of all tables (several parts).
//
// The program reads and writes the scratch memory (fabric/linux_layout.h) and nothing else: a
// search tree over the rows' forms, in which the time that a packet takes hardly grows with the
// number of rows, then what the row says, then the next table, which is in the same program or a
// tail call away, or the end.
//
// Tail calls are what packets pay most for where the kernel does them by retpolines: some 20 ns.
// So nobody's rows of all tables are one program, and one with a policy goes through three.
//
// A unit is a pure function of its rows, down to its id, which is a hash of its contents: what a
// kernel runs can be recognised by those who did not put it there. Immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/budget.h"
#include "base/result.h"
#include "ebpf/instruction.h"
#include "fabric/linux_dense.h"
#include "fabric/linux_forms.h"
#include "fabric/linux_layout.h"
#include "fabric/query_counts.h"
#include "program/program.h"

namespace fabrix::fabric {

// The maps that programs name; their names are bpf/fabric.bpf.c's.
enum class LinuxMap : std::uint32_t { kScratch, kPrograms, kNarrow, kWide, kMeters, kCounters };
inline constexpr std::size_t kLinuxMapCount = 6;

// One for rows of one owner that count for the same queries, or for what a meter discards.
struct LinuxCounter {
  std::uint64_t key = 0;
  net::ParticipantId owner;
  std::vector<std::uint64_t> queries;

  friend bool operator==(const LinuxCounter&, const LinuxCounter&) = default;
};

// How a packet may leave a unit: for bounds of what a Program asks of one packet.
struct LinuxExit {
  program::TableId from{};
  std::vector<program::TableId> to;  // several: branches; none: the packet's way ends
  std::size_t copies = 0;
  bool to_controller = false;

  // NOLINTNEXTLINE(readability-implicit-bool-conversion): clang-tidy 14 sees one in it.
  friend auto operator<=>(const LinuxExit&, const LinuxExit&) = default;
};

// What rows are in the maps, by key. The id is a hash of the entries, and the beginning of their
// keys.
struct LinuxEntries {
  std::uint64_t id = 0;
  std::vector<std::pair<fabrix_narrow_key, fabrix_action>> narrow;
  std::vector<std::pair<fabrix_wide_key, fabrix_action>> wide;

  std::size_t size() const { return narrow.size() + wide.size(); }
  // Null: there is no such entry.
  const fabrix_action* find(const fabrix_narrow_key& key) const;
  const fabrix_action* find(const fabrix_wide_key& key) const;
};
// The id of the entries that a key of a map of rows is of.
std::uint64_t linux_entries_of(std::uint64_t form);
using LinuxEntriesPtr = std::shared_ptr<const LinuxEntries>;

// A table's rows in a unit. The rows must outlive it.
struct LinuxPart {
  program::TableId table{};
  std::vector<LinuxForm> forms;
  std::vector<std::optional<LinuxIndex>> indexes;  // by form: of those in arrays
  std::vector<LinuxArrayPtr> arrays;               // of those, one after the other
  LinuxEntriesPtr entries;                         // of the others
  std::vector<LinuxCounter> counters;              // by key, each once
  std::vector<LinuxExit> exits;                    // sorted, each once
};

struct LinuxUnit {
  std::uint64_t id = 0;
  // Constants of map loads are LinuxMaps, then the places of arrays.
  ebpf::Code code;
  std::vector<LinuxArrayPtr> arrays;
  std::vector<LinuxEntriesPtr> entries;  // of those parts that have any
  std::vector<LinuxCounter> counters;
  std::vector<LinuxExit> exits;
};
using LinuxUnitPtr = std::shared_ptr<const LinuxUnit>;

// `rows` by falling priority; `known`: of the metadata of all packets that meet them. Fails if they
// are too many, or the budget is spent.
Result<LinuxPart> make_linux_part(program::TableId table, std::span<const program::Row* const> rows,
                                  Budget& budget, const program::Metadata& known = {});

// Of one part, or of one for each of some tables in their order: then the program begins with the
// table that fabrix_scratch.next says. Fails if the program would be too long, or the budget is
// spent.
Result<LinuxUnit> make_linux_unit(std::span<const LinuxPart* const> parts, Budget& budget);

// Where in the metadata of a packet the owner is whose rows it meets in that table; none: nobody's.
struct LinuxOwner {
  unsigned shift = 0;
  std::uint32_t first_slot = 0;  // by the number in the metadata
};
const LinuxOwner* linux_owner(program::TableId table);

}  // namespace fabrix::fabric
