// LinuxImage: a Program as the Linux fabric carries it out: one program of eBPF for nobody's rows
// of all tables, and one for each participant that has rows in a table.
//
//     entrance -> admit -> [sent] -> outbound -> resolve -> [delivered] -> inbound -> transit ->
//     end
//
// A packet that comes to a table of participants' rows goes to its owner's program, which has
// nobody's rows too, and from there back to that of nobody's rows alone.
//
// LinuxCompiler makes nothing anew for blocks that a Program shares with the one before. What one
// participant's rows of a table may take is bounded by steps: kLinuxSteps are up to a second of an
// optimized build, and about as long until the kernel has verified the program.
//
// Fails if a Program asks more of one packet than the kernel does: more than 33 tail calls
// (MAX_TAIL_CALL_CNT, linux/bpf.h), FABRIX_MAX_OUTPUTS frames or FABRIX_MAX_BRANCHES branches that
// wait; or needs more counters or entries than the maps hold. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "fabric/linux_unit.h"
#include "program/program.h"

namespace fabrix::fabric {

struct LinuxImage {
  std::map<std::uint32_t, LinuxUnitPtr> programs;  // by slot, of one version
  bool hashes = false;                             // packets need their buckets
  program::Neighbors neighbors;

  // Of the units; several may have the same.
  std::map<std::uint64_t, LinuxEntriesPtr> entries() const;
  std::size_t entry_count() const;
};

inline constexpr std::uint64_t kLinuxSteps = 20'000'000;

class LinuxCompiler {
 public:
  // Steps for each program of a participant's; nobody's has kCommonSteps.
  explicit LinuxCompiler(std::uint64_t steps = kLinuxSteps) : steps_(steps) {}

  // After it failed all is as before, but for what is known already of the next Program.
  Result<LinuxImage> compile(const program::Program& program);

 private:
  using Row = program::Row;
  struct Known {
    program::Rows::Block block;  // of whose rows
    LinuxUnitPtr unit;           // those, and nobody's
    bool used = false;
  };
  // Of a table.
  struct Table {
    program::Rows common;  // nobody's rows; of a table without owners all
    std::optional<LinuxPart> common_part;
    std::map<std::uint32_t, Known> owners;  // by slot
  };

  Result<void> compile_table(program::TableId id, const program::Rows& rows, LinuxImage& image);
  Result<void> compile_common(program::TableId id, const program::Rows& rows);
  Result<void> compile_owner(program::TableId id, const program::Rows::Block& block);
  Result<void> compile_common();
  Result<LinuxUnitPtr> unit_of(program::TableId table, std::uint32_t slot,
                               std::vector<const Row*> rows) const;

  std::uint64_t steps_;
  std::array<Table, program::kTableCount> tables_;
  LinuxUnitPtr common_;  // null: to be made of the tables' parts
};

// What a packet may ask for at most, from a table on.
struct LinuxDemand {
  std::uint64_t calls = 0;
  std::uint64_t outputs = 0;
  std::uint64_t waiting = 0;
};
LinuxDemand demand_of(const LinuxImage& image);

}  // namespace fabrix::fabric
