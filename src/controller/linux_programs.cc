#include "controller/linux_programs.h"

#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace fabrix::controller {
namespace {

using fabric::LinuxUnit;

constexpr unsigned kFormBits = 16;

std::uint32_t slot_in(std::uint32_t version, std::uint32_t slot) {
  return version * FABRIX_SLOTS + slot;
}

// The program that reads them holds them.
Result<std::vector<io::FileDescriptor>> arrays_of(const LinuxUnit& unit) {
  std::vector<io::FileDescriptor> arrays;
  for (const fabric::LinuxArrayPtr& each : unit.arrays) {
    FABRIX_TRY(auto made, io::BpfMap::make_array("fabrix_rows", sizeof(fabrix_dense),
                                                 std::as_bytes(std::span(*each))));
    arrays.push_back(std::move(made));
  }
  return arrays;
}

}  // namespace

std::string linux_program_name(std::uint64_t unit) {
  return fmt::format("fx_{:012x}", unit >> kFormBits);
}

fabric::Difference::Kind difference_kind(bool is_there, bool is_wanted) {
  using Kind = fabric::Difference::Kind;
  if (!is_there) return Kind::kMissing;
  return is_wanted ? Kind::kDifferent : Kind::kForeign;
}

const char* LinuxPrograms::map_name() const {
  return kind_ == io::BpfKind::kXdp ? "xdp_programs" : "programs";
}

const io::FileDescriptor& LinuxPrograms::entrance() const {
  return object_->programs.at(kind_ == io::BpfKind::kXdp ? "entrance_xdp" : "entrance");
}

const io::FileDescriptor& LinuxPrograms::finish() const {
  return object_->programs.at(kind_ == io::BpfKind::kXdp ? "finish_xdp" : "finish");
}

Result<void> LinuxPrograms::start(const io::BpfObject& object) {
  object_ = &object;
  FABRIX_TRY(const auto info, io::describe_bpf_program(finish()));
  finish_ = info.id;
  for (std::uint32_t version = 0; version < FABRIX_VERSIONS; ++version) {
    const auto slot = slot_in(version, FABRIX_SLOT_FINISH);
    if (auto done = map().put_value(slot, finish().get()); !done) return done;
  }
  return {};
}

Result<void> LinuxPrograms::take_over() {
  programs_.clear();
  for (std::uint32_t version = 0; version < FABRIX_VERSIONS; ++version) {
    FABRIX_TRY(slots_.at(version), read_slots(version));
  }
  return {};
}

// A program of somebody else's is unit 0.
Result<LinuxSlots> LinuxPrograms::read_slots(std::uint32_t version) {
  LinuxSlots slots;
  for (std::uint32_t slot = FABRIX_SLOT_FINISH + 1; slot < FABRIX_SLOTS; ++slot) {
    const std::uint32_t place = slot_in(version, slot);
    FABRIX_TRY(const auto number, map().value_of<std::uint32_t>(place));
    if (!number) continue;
    FABRIX_TRY(const auto unit, read_slot(map(), place));
    if (!unit) continue;
    if (*unit != 0) programs_[*unit] = *number;
    slots[slot] = *unit;
  }
  return slots;
}

// None: the kernel has none that is still the unit's.
std::optional<io::FileDescriptor> LinuxPrograms::loaded_program(std::uint64_t unit) const {
  const auto known = programs_.find(unit);
  if (known == programs_.end()) return std::nullopt;
  auto program = io::open_bpf_program(known->second);
  if (!program) return std::nullopt;
  const auto info = io::describe_bpf_program(*program);
  if (!info || info->name != linux_program_name(unit)) return std::nullopt;
  return *std::move(program);
}

// What a unit's code calls by this number: first the maps that all have, then its own arrays.
int LinuxPrograms::map_of(std::size_t number, const std::vector<io::FileDescriptor>& arrays) const {
  if (number >= fabric::kLinuxMapCount) return arrays.at(number - fabric::kLinuxMapCount).get();
  const bool is_programs = number == static_cast<std::size_t>(fabric::LinuxMap::kPrograms);
  return object_->maps.at(is_programs ? map_name() : kLinuxMapNames.at(number)).fd();
}

Result<io::FileDescriptor> LinuxPrograms::program_of(const LinuxUnit& unit) {
  if (auto present = loaded_program(unit.id)) return *std::move(present);
  FABRIX_TRY(const auto arrays, arrays_of(unit));
  ebpf::Code code = unit.code;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].code != ebpf::kLoadConstant) continue;
    if (ebpf::source_of(code[i]) == ebpf::kSourceMap) {
      code[i].constant = map_of(static_cast<std::size_t>(code[i].constant), arrays);
    }
    ++i;
  }
  FABRIX_TRY(auto program, io::load_bpf_program(linux_program_name(unit.id), code, kind_));
  FABRIX_TRY(const auto info, io::describe_bpf_program(program));
  programs_[unit.id] = info.id;
  ++loaded_;
  return program;
}

Result<void> LinuxPrograms::put(const BySlot& programs, std::uint32_t version) {
  LinuxSlots& slots = slots_.at(version);
  for (auto each = slots.begin(); each != slots.end();) {
    if (programs.contains(each->first)) {
      ++each;
      continue;
    }
    if (auto done = map().erase_key(slot_in(version, each->first)); !done) return done;
    each = slots.erase(each);
  }
  for (const auto& [slot, unit] : programs) {
    const auto present = slots.find(slot);
    if (present != slots.end() && present->second == unit->id) continue;
    FABRIX_TRY(const auto program, program_of(*unit));
    if (auto done = map().put_value(slot_in(version, slot), program.get()); !done) return done;
    slots[slot] = unit->id;
  }
  std::set<std::uint64_t> used;
  for (const LinuxSlots& of : slots_) {
    for (const auto& [slot, unit] : of) used.insert(unit);
  }
  std::erase_if(programs_, [&used](const auto& known) { return !used.contains(known.first); });
  return {};
}

LinuxPlace LinuxPrograms::place() const {
  return kind_ == io::BpfKind::kXdp ? LinuxPlace::kXdpSlot : LinuxPlace::kSlot;
}

LinuxHookExpectation LinuxPrograms::expectation() const {
  return {.map = map_name(), .place = place(), .finish = finish_, .slots = slots_};
}

Result<std::optional<LinuxFault>> LinuxPrograms::mend_finish(std::uint32_t at, bool is_in_force) {
  using Fault = std::optional<LinuxFault>;
  FABRIX_TRY(const auto number, map().value_of<std::uint32_t>(at));
  if (number == finish_) return Fault();
  if (auto done = map().put_value(at, finish().get()); !done) return fail(done.error());
  if (!is_in_force) return Fault();
  return Fault({place(), difference_kind(number.has_value(), true),
                std::uint32_t{FABRIX_SLOT_FINISH}, "another end"});
}

Result<std::optional<LinuxFault>> LinuxPrograms::mend(std::uint32_t at, std::uint32_t in_force,
                                                      const Units& units) {
  using Fault = std::optional<LinuxFault>;
  const std::uint32_t version = at / FABRIX_SLOTS;
  const std::uint32_t slot = at % FABRIX_SLOTS;
  const bool is_in_force = version == in_force;
  if (slot == FABRIX_SLOT_FINISH) return mend_finish(at, is_in_force);
  LinuxSlots& slots = slots_.at(version);
  FABRIX_TRY(const auto is, read_slot(map(), at));
  const auto wanted = slots.find(slot);
  if (wanted == slots.end() ? !is : is == wanted->second) return Fault();
  const bool is_wanted = wanted != slots.end();
  const auto unit = is_wanted ? units.find(wanted->second) : units.end();
  Result<void> done;
  if (unit == units.end() || !is_in_force) {
    done = map().erase_key(at);
    if (is_wanted) slots.erase(wanted);
    // One that is to be there and cannot: then none is (see above).
    const bool is_partial = kind_ == io::BpfKind::kXdp && is_wanted && is_in_force;
    if (is_partial && done) done = map().erase_key(slot_in(version, FABRIX_SLOT_COMMON));
    if (is_partial) slots.erase(FABRIX_SLOT_COMMON);
  } else {
    FABRIX_TRY(const auto program, program_of(*unit->second));
    done = map().put_value(at, program.get());
  }
  if (!done) return fail(done.error());
  if (!is_in_force) return Fault();
  return Fault({place(), difference_kind(is.has_value(), is_wanted), slot,
                is ? fmt::format("another program in slot {}", slot) : ""});
}

}  // namespace fabrix::controller
