// LinuxDatapath: what the kernel has of a Linux fabric, and how to make it another: programs in
// their slots, entries of rows, counters, virtual next hops, ports.
//
// Two versions have slots of their own, and packets go by one of them. install() writes to the
// other's, after those packets are through that might still be there, and makes it the one in force
// by the write of a number. What both versions need is there once. A failure on the way leaves what
// is in force as it was.
//
// What was pinned before is taken over with all it has: programs are known by their names, which
// say what they do (fabric/linux_unit.h), and what nobody needs goes at the next install().
//
// Blocks the caller, for milliseconds as a rule. Control thread only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "controller/linux_counters.h"
#include "fabric/linux_image.h"
#include "io/bpf_object.h"

namespace fabrix::controller {

class LinuxDatapath {
 public:
  // `directory` is on a bpffs, or empty: nothing is pinned.
  static Result<std::unique_ptr<LinuxDatapath>> open(const std::string& directory);

  Result<void> install(const fabric::LinuxImage& image);

  // What differs from an image, which is to be what was installed last.
  struct Differences {
    std::size_t right = 0;                 // programs and entries
    std::vector<std::uint32_t> missing;    // slots of programs
    std::vector<std::uint32_t> different;  // likewise
    std::vector<std::uint32_t> foreign;    // likewise
    // Units' entries that are not as they should be, by their id, and how many.
    std::map<std::uint64_t, std::size_t> missing_entries;
    std::map<std::uint64_t, std::size_t> different_entries;
  };
  Result<Differences> compare(const fabric::LinuxImage& image);
  // Reads what the kernel has; the next install() corrects the rest.
  Result<void> take_over();

  // Since the last time.
  Result<std::vector<LinuxCounters::Counted>> take_counts();

  const io::FileDescriptor& entrance() const { return object_.programs.at("entrance"); }
  const io::BpfMap& map(const std::string& name) const { return object_.maps.at(name); }
  std::uint64_t installs() const { return state_.installs; }
  // Of both versions.
  std::size_t program_count() const;
  // How many programs the last install() gave to the kernel.
  std::size_t loaded() const { return loaded_; }

 private:
  using Unit = fabric::LinuxUnitPtr;
  using Slots = std::map<std::uint32_t, std::uint64_t>;  // ids of units, by slot of a version

  Result<void> start(const std::string& directory);
  Result<Slots> read_slots(std::uint32_t version);
  Result<void> put_programs(const fabric::LinuxImage& image, std::uint32_t version);
  Result<io::FileDescriptor> program_of(const fabric::LinuxUnit& unit);
  Result<void> put_entries(const fabric::LinuxImage& image);
  std::optional<std::set<std::uint64_t>> needed_entries(const fabric::LinuxImage& image) const;
  Result<void> put_unit(const Unit& unit);
  Result<void> drop_unused(const fabric::LinuxImage& image);
  Result<void> drop_entries(const std::set<std::uint64_t>& kept);
  Result<void> put_neighbors(const fabric::LinuxImage& image, std::uint32_t version);
  Result<void> put_neighbor(const fabrix_neighbor_key& key, std::uint32_t version,
                            std::uint64_t mac) const;
  Result<void> flip(const fabric::LinuxImage& image, std::uint32_t version);
  Result<void> put_state();

  io::BpfObject object_;
  fabrix_state state_{};
  std::array<Slots, FABRIX_VERSIONS> slots_;
  std::array<program::Neighbors, FABRIX_VERSIONS> neighbors_;
  std::map<std::uint64_t, std::uint32_t> programs_;  // the kernel's numbers, by unit
  std::map<std::uint64_t, Unit> units_;              // of this process, in one of the versions
  std::map<std::uint64_t, fabric::LinuxEntriesPtr> entries_;  // that are there
  LinuxCounters counters_;
  bool foreign_entries_ = false;  // there may be some
  std::array<bool, FABRIX_VERSIONS> foreign_neighbors_{};
  std::size_t loaded_ = 0;
};

// Of the maps that are pinned: files in the directory.
bool is_linux_map(std::string_view name);
// Of the link of a port, likewise.
bool is_linux_port_pin(std::string_view name);

// The kernel's name of a unit's program.
std::string linux_program_name(std::uint64_t unit);

}  // namespace fabrix::controller
