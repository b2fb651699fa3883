// LinuxUnit: the rows that a packet may meet in one table as a program of eBPF, with its entries in
// the maps of rows.
//
// The program reads and writes the scratch memory (fabric/linux_layout.h) and nothing else: a
// search tree over the rows' forms, in which the time that a packet takes hardly grows with the
// number of rows, then what the row says, then a tail call to the next table, or to the end.
//
// A unit is a pure function of its rows, down to its id, which is a hash of its contents: what a
// kernel runs can be recognised by those who did not put it there. Immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ebpf/instruction.h"
#include "fabric/linux_layout.h"
#include "fabric/query_counts.h"
#include "program/program.h"

namespace fabrix::fabric {

// The maps that programs name; their names are bpf/fabric.bpf.c's.
enum class LinuxMap : std::uint32_t { kScratch, kPrograms, kNarrow, kWide, kMeters, kCounters };
inline constexpr std::size_t kLinuxMapCount = 6;

// One for rows of one owner that count for the same queries.
struct LinuxCounter {
  std::uint64_t key = 0;
  net::ParticipantId owner;
  std::vector<std::uint64_t> queries;

  friend bool operator==(const LinuxCounter&, const LinuxCounter&) = default;
};

// How a packet may leave a unit: for bounds of what a Program asks of one packet.
struct LinuxExit {
  std::vector<program::TableId> to;  // several: branches; none: the packet's way ends
  std::size_t copies = 0;
  bool to_controller = false;

  // NOLINTNEXTLINE(readability-implicit-bool-conversion): clang-tidy 14 sees one in it.
  friend auto operator<=>(const LinuxExit&, const LinuxExit&) = default;
};

struct LinuxUnit {
  std::uint64_t id = 0;
  ebpf::Code code;  // constants of map loads are LinuxMaps
  std::vector<std::pair<fabrix_narrow_key, fabrix_action>> narrow;
  std::vector<std::pair<fabrix_wide_key, fabrix_action>> wide;
  std::vector<LinuxCounter> counters;
  std::vector<LinuxExit> exits;  // sorted, each once
};
using LinuxUnitPtr = std::shared_ptr<const LinuxUnit>;

// Of rows of `table` by falling priority. Fails if the program would be too long.
Result<LinuxUnit> make_linux_unit(program::TableId table,
                                  std::span<const program::Row* const> rows);

// Slots (fabric/linux_layout.h).
constexpr std::uint32_t linux_slot(program::TableId table) {
  return FABRIX_SLOT_TABLES + static_cast<std::uint32_t>(table);
}
// Where in the metadata of a packet the owner is whose rows it meets in that table; none: nobody's.
struct LinuxOwner {
  unsigned shift = 0;
  std::uint32_t first_slot = 0;  // by the number in the metadata
};
const LinuxOwner* linux_owner(program::TableId table);

}  // namespace fabrix::fabric
