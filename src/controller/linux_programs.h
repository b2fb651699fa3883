// LinuxPrograms: the programs in the slots of both versions, at one of the kernel's hooks: tc, or
// XDP, where the same units are loaded once more.
//
// Of a version at XDP either all of an image is there or not even the program of nobody's rows,
// without which packets go on to tc: another that is missing is an owner without rows.
//
// Fails with what the kernel said. Control thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/linux_reading.h"
#include "fabric/linux_unit.h"
#include "io/bpf_object.h"
#include "io/bpf_program.h"

namespace fabrix::controller {

class LinuxPrograms {
 public:
  using Units = std::map<std::uint64_t, fabric::LinuxUnitPtr>;   // by id
  using BySlot = std::map<std::uint32_t, fabric::LinuxUnitPtr>;  // of one version

  explicit LinuxPrograms(io::BpfKind kind) : kind_(kind) {}

  // The object must outlive it.
  Result<void> start(const io::BpfObject& object);
  // Programs that are there, by their names.
  Result<void> take_over();

  // These and no others, in the slots of a version that is not in force.
  Result<void> put(const BySlot& programs, std::uint32_t version);

  const LinuxSlots& slots(std::uint32_t version) const { return slots_.at(version); }
  // What read_datapath() is to find.
  LinuxHookExpectation expectation() const;
  // As LinuxDatapath::mend(). A program of the version that is not in force is given to the slot by
  // the next install().
  Result<std::optional<LinuxFault>> mend(std::uint32_t at, std::uint32_t in_force,
                                         const Units& units);

  const io::FileDescriptor& entrance() const;
  // The hook's name of its map.
  const char* map_name() const;
  // How many were given to the kernel so far.
  std::size_t loaded() const { return loaded_; }

 private:
  const io::BpfMap& map() const { return object_->maps.at(map_name()); }
  const io::FileDescriptor& finish() const;
  LinuxPlace place() const;
  Result<LinuxSlots> read_slots(std::uint32_t version);
  Result<io::FileDescriptor> program_of(const fabric::LinuxUnit& unit);
  std::optional<io::FileDescriptor> loaded_program(std::uint64_t unit) const;
  int map_of(std::size_t number, const std::vector<io::FileDescriptor>& arrays) const;
  Result<std::optional<LinuxFault>> mend_finish(std::uint32_t at, bool is_in_force);

  io::BpfKind kind_;
  const io::BpfObject* object_ = nullptr;
  std::uint32_t finish_ = 0;  // the kernel's number of that program
  std::array<LinuxSlots, FABRIX_VERSIONS> slots_;
  std::map<std::uint64_t, std::uint32_t> programs_;  // the kernel's numbers, by unit
  std::size_t loaded_ = 0;
};

// Of what is wrong: by whether something is there, and whether it is to be.
fabric::Difference::Kind difference_kind(bool is_there, bool is_wanted);

// The kernel's name of a unit's program.
std::string linux_program_name(std::uint64_t unit);

// By fabric::LinuxMap, at tc.
inline constexpr std::array<const char*, fabric::kLinuxMapCount> kLinuxMapNames{
    "scratch", "programs", "narrow", "wide", "meters", "counters"};

}  // namespace fabrix::controller
