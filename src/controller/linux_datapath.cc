#include "controller/linux_datapath.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "controller/linux_object.h"
#include "io/bpf_program.h"
#include "net/address_bits.h"

namespace fabrix::controller {
namespace {

using fabric::LinuxImage;
using fabric::LinuxUnit;

constexpr std::uint64_t kFormMask = 0xffff;
constexpr unsigned kFormBits = 16;

// By LinuxMap.
constexpr std::array<const char*, fabric::kLinuxMapCount> kMapNames{
    "scratch", "programs", "narrow", "wide", "meters", "counters"};

// All packets that were on their way are through: membarrier(2) waits for what the kernel calls a
// grace period of RCU, under which programs of eBPF run.
void wait_for_packets() {
  syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

std::uint32_t slot_in(std::uint32_t version, std::uint32_t slot) {
  return version * FABRIX_SLOTS + slot;
}

fabrix_neighbor_key key_of(const program::VirtualNeighbor& neighbor) {
  const auto bits = net::AddressBits::of(neighbor.address);
  fabrix_neighbor_key key{};
  key.sender = std::uint64_t{neighbor.sender.value} + 1;
  if (neighbor.address.family() == net::Family::kIpv4) {
    key.low = bits.high >> 32U | std::uint64_t{1} << 32U;
  } else {
    key.high = bits.high;
    key.low = bits.low;
  }
  return key;
}

template <typename Key>
Result<void> put_entries_in(const io::BpfMap& map,
                            const std::vector<std::pair<Key, fabrix_action>>& entries) {
  std::vector<std::byte> keys;
  std::vector<std::byte> values;
  for (const auto& [key, action] : entries) {
    const auto key_octets = io::BpfMap::octets_of(key);
    const auto value_octets = io::BpfMap::octets_of(action);
    keys.insert(keys.end(), key_octets.begin(), key_octets.end());
    values.insert(values.end(), value_octets.begin(), value_octets.end());
  }
  return map.put_all(keys, values);
}

template <typename Key>
Result<void> erase_entries(const io::BpfMap& map,
                           const std::vector<std::pair<Key, fabrix_action>>& entries) {
  std::vector<std::byte> keys;
  for (const auto& [key, action] : entries) {
    const auto octets = io::BpfMap::octets_of(key);
    keys.insert(keys.end(), octets.begin(), octets.end());
  }
  return map.erase_all(keys);
}

template <typename Key>
Result<void> compare_entries(const io::BpfMap& map,
                             const std::vector<std::pair<Key, fabrix_action>>& entries,
                             std::uint64_t unit, LinuxDatapath::Differences& found) {
  for (const auto& [key, action] : entries) {
    FABRIX_TRY(const auto is, map.get(io::BpfMap::octets_of(key)));
    if (!is) {
      ++found.missing_entries[unit];
    } else if (!std::ranges::equal(*is, io::BpfMap::octets_of(action))) {
      ++found.different_entries[unit];
    } else {
      ++found.right;
    }
  }
  return {};
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

std::uint64_t entries_of_key(std::span<const std::byte> key) {
  return io::BpfMap::read_as<std::uint64_t>(key, 0) & ~kFormMask;
}

}  // namespace

bool is_linux_map(std::string_view name) {
  constexpr std::array<std::string_view, 10> kOthers{
      "state",       "ports_in",  "ports_out", "near_in",  "near_out",
      "port_counts", "neighbors", "punts",     "samplers", "samples"};
  return std::ranges::any_of(kMapNames, [name](const char* each) { return name == each; }) ||
         std::ranges::find(kOthers, name) != kOthers.end();
}

bool is_linux_port_pin(std::string_view name) {
  return name.starts_with("port_") && !is_linux_map(name);
}

std::string linux_program_name(std::uint64_t unit) {
  return fmt::format("fx_{:012x}", unit >> kFormBits);
}

Result<std::unique_ptr<LinuxDatapath>> LinuxDatapath::open(const std::string& directory) {
  auto datapath = std::make_unique<LinuxDatapath>();
  if (const auto done = datapath->start(directory); !done) return fail(done.error());
  return datapath;
}

Result<void> LinuxDatapath::start(const std::string& directory) {
  FABRIX_TRY(object_, io::BpfObject::load(linux_object(), directory));
  FABRIX_TRY(const auto state, map("state").value_of<fabrix_state>(std::uint32_t{0}));
  state_ = state.value_or(fabrix_state{});
  if (state_.layout != 0 && state_.layout != FABRIX_LAYOUT) {
    return fail(Error{
        fmt::format("{} has a fabric of another version of Fabrix; remove it first", directory)});
  }
  for (std::uint32_t version = 0; version < FABRIX_VERSIONS; ++version) {
    const auto slot = slot_in(version, FABRIX_SLOT_FINISH);
    if (auto done = map("programs").put_value(slot, object_.programs.at("finish").get()); !done) {
      return done;
    }
  }
  if (state_.layout == FABRIX_LAYOUT) return take_over();
  state_.layout = FABRIX_LAYOUT;
  return put_state();
}

// Programs by their names; entries are written anew.
Result<void> LinuxDatapath::take_over() {
  units_.clear();
  entries_.clear();
  counters_.forget_units();
  programs_.clear();
  for (auto& neighbors : neighbors_) neighbors = {};
  foreign_entries_ = true;
  foreign_neighbors_.fill(true);
  for (std::uint32_t version = 0; version < FABRIX_VERSIONS; ++version) {
    FABRIX_TRY(slots_.at(version), read_slots(version));
  }
  return {};
}

// A program of somebody else's is unit 0.
Result<LinuxDatapath::Slots> LinuxDatapath::read_slots(std::uint32_t version) {
  Slots slots;
  for (std::uint32_t slot = FABRIX_SLOT_FINISH + 1; slot < FABRIX_SLOTS; ++slot) {
    const std::uint32_t place = version * FABRIX_SLOTS + slot;
    FABRIX_TRY(const auto number, map("programs").value_of<std::uint32_t>(place));
    if (!number) continue;
    auto program = io::open_bpf_program(*number);
    if (!program) continue;
    FABRIX_TRY(const auto info, io::describe_bpf_program(*program));
    std::uint64_t unit = 0;
    if (info.name.starts_with("fx_")) {
      unit = std::strtoull(info.name.c_str() + 3, nullptr, 16) << kFormBits;
      programs_[unit] = *number;
    }
    slots[slot] = unit;
  }
  return slots;
}

Result<void> LinuxDatapath::install(const LinuxImage& image) {
  const std::uint32_t version = 1 - state_.version;
  loaded_ = 0;
  wait_for_packets();
  auto done = drop_unused(image);
  if (done) done = put_entries(image);
  for (const auto& [slot, unit] : image.programs) {
    if (done) done = put_unit(unit);
  }
  if (done) done = counters_.drop_foreign(map("counters"));
  if (done) done = put_programs(image, version);
  if (done) done = put_neighbors(image, version);
  if (done) done = flip(image, version);
  return done;
}

// The ids of entries that packets can meet, of the version in force and of the image. None: the
// version in force has a program of a process before this one, and what that needs is not known.
std::optional<std::set<std::uint64_t>> LinuxDatapath::needed_entries(
    const LinuxImage& image) const {
  std::set<std::uint64_t> needed;
  std::set<std::uint64_t> there;
  for (const auto& [slot, unit] : image.programs) {
    there.insert(unit->id);
    for (const auto& each : unit->entries) needed.insert(each->id);
  }
  for (const auto& [slot, id] : slots_.at(state_.version)) {
    if (there.contains(id)) continue;
    const auto unit = units_.find(id);
    if (unit == units_.end()) return std::nullopt;
    for (const auto& each : unit->second->entries) needed.insert(each->id);
  }
  return needed;
}

// Of programs that no packet can meet any more: those of the other version.
Result<void> LinuxDatapath::drop_unused(const LinuxImage& image) {
  std::set<std::uint64_t> kept;
  for (const auto& [slot, unit] : slots_.at(state_.version)) kept.insert(unit);
  for (const auto& [slot, unit] : image.programs) kept.insert(unit->id);
  for (auto each = units_.begin(); each != units_.end();) {
    if (kept.contains(each->first)) {
      ++each;
      continue;
    }
    if (auto done = counters_.release(map("counters"), each->second->counters); !done) return done;
    each = units_.erase(each);
  }
  const auto needed = needed_entries(image);
  if (!needed) return {};
  if (foreign_entries_) return drop_entries(*needed);
  for (auto each = entries_.begin(); each != entries_.end();) {
    if (needed->contains(each->first)) {
      ++each;
      continue;
    }
    auto done = erase_entries(map("narrow"), each->second->narrow);
    if (done) done = erase_entries(map("wide"), each->second->wide);
    if (!done) return done;
    each = entries_.erase(each);
  }
  return {};
}

// Whatever is there but these.
Result<void> LinuxDatapath::drop_entries(const std::set<std::uint64_t>& kept) {
  for (const char* name : {"narrow", "wide"}) {
    FABRIX_TRY(const auto keys, map(name).keys());
    for (const auto& key : keys) {
      if (kept.contains(entries_of_key(key))) continue;
      if (auto done = map(name).erase(key); !done) return done;
    }
  }
  foreign_entries_ = false;
  return {};
}

Result<void> LinuxDatapath::put_entries(const LinuxImage& image) {
  for (const auto& [id, entries] : image.entries()) {
    if (entries_.contains(id)) continue;
    auto done = put_entries_in(map("narrow"), entries->narrow);
    if (done) done = put_entries_in(map("wide"), entries->wide);
    if (!done) return done;
    entries_[id] = entries;
  }
  return {};
}

Result<void> LinuxDatapath::put_unit(const Unit& unit) {
  if (units_.contains(unit->id)) return {};
  auto done = counters_.add(map("counters"), unit->counters);
  if (done) units_[unit->id] = unit;
  return done;
}

Result<io::FileDescriptor> LinuxDatapath::program_of(const LinuxUnit& unit) {
  const auto known = programs_.find(unit.id);
  if (known != programs_.end()) {
    auto program = io::open_bpf_program(known->second);
    if (program) {
      const auto info = io::describe_bpf_program(*program);
      if (info && info->name == linux_program_name(unit.id)) return program;
    }
  }
  FABRIX_TRY(const auto arrays, arrays_of(unit));
  ebpf::Code code = unit.code;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].code != ebpf::kLoadConstant) continue;
    if (ebpf::source_of(code[i]) == ebpf::kSourceMap) {
      const auto number = static_cast<std::size_t>(code[i].constant);
      code[i].constant = number < fabric::kLinuxMapCount
                             ? map(kMapNames.at(number)).fd()
                             : arrays.at(number - fabric::kLinuxMapCount).get();
    }
    ++i;
  }
  FABRIX_TRY(auto program, io::load_bpf_program(linux_program_name(unit.id), code));
  FABRIX_TRY(const auto info, io::describe_bpf_program(program));
  programs_[unit.id] = info.id;
  ++loaded_;
  return program;
}

Result<void> LinuxDatapath::put_programs(const LinuxImage& image, std::uint32_t version) {
  Slots& slots = slots_.at(version);
  for (auto each = slots.begin(); each != slots.end();) {
    if (image.programs.contains(each->first)) {
      ++each;
      continue;
    }
    if (auto done = map("programs").erase_key(slot_in(version, each->first)); !done) return done;
    each = slots.erase(each);
  }
  for (const auto& [slot, unit] : image.programs) {
    const auto present = slots.find(slot);
    if (present != slots.end() && present->second == unit->id) continue;
    FABRIX_TRY(const auto program, program_of(*unit));
    if (auto done = map("programs").put_value(slot_in(version, slot), program.get()); !done) {
      return done;
    }
    slots[slot] = unit->id;
  }
  std::set<std::uint64_t> used;
  for (const Slots& of : slots_) {
    for (const auto& [slot, unit] : of) used.insert(unit);
  }
  std::erase_if(programs_, [&used](const auto& known) { return !used.contains(known.first); });
  return {};
}

Result<void> LinuxDatapath::put_neighbor(const fabrix_neighbor_key& key, std::uint32_t version,
                                         std::uint64_t mac) const {
  const io::BpfMap& all = map("neighbors");
  FABRIX_TRY(auto present, all.value_of<fabrix_neighbor>(key));
  fabrix_neighbor value = present.value_or(fabrix_neighbor{});
  value.mac[version] = mac;
  if (value.mac[0] == 0 && value.mac[1] == 0) return all.erase_key(key);
  return all.put_value(key, value);
}

Result<void> LinuxDatapath::put_neighbors(const LinuxImage& image, std::uint32_t version) {
  if (foreign_neighbors_.at(version)) {
    FABRIX_TRY(const auto keys, map("neighbors").keys());
    for (const auto& key : keys) {
      const auto known = io::BpfMap::read_as<fabrix_neighbor_key>(key, 0);
      if (auto done = put_neighbor(known, version, 0); !done) return done;
    }
    foreign_neighbors_.at(version) = false;
  }
  program::Neighbors& before = neighbors_.at(version);
  Result<void> done;
  const auto put = [&](const std::vector<program::VirtualNeighbor>& all, bool is_there) {
    for (const auto& each : all) {
      if (done) done = put_neighbor(key_of(each), version, is_there ? each.mac.to_u64() : 0);
    }
  };
  before.for_each_block_unlike(image.neighbors, [&](const auto& block) { put(block, false); });
  if (before.own() != image.neighbors.own()) put(before.own(), false);
  image.neighbors.for_each_block_unlike(before, [&](const auto& block) { put(block, true); });
  if (before.own() != image.neighbors.own()) put(image.neighbors.own(), true);
  if (done) before = image.neighbors;
  return done;
}

Result<void> LinuxDatapath::put_state() {
  return map("state").put_value(std::uint32_t{0}, state_);
}

Result<void> LinuxDatapath::flip(const LinuxImage& image, std::uint32_t version) {
  const fabrix_state before = state_;
  state_.hashes[version] = image.hashes ? 1 : 0;
  if (auto done = put_state(); !done) return done;
  // This is the moment.
  state_.version = version;
  ++state_.installs;
  auto done = put_state();
  if (!done) state_ = before;
  return done;
}

Result<LinuxDatapath::Differences> LinuxDatapath::compare(const LinuxImage& image) {
  Differences found;
  FABRIX_TRY(const Slots present, read_slots(state_.version));
  for (const auto& [slot, unit] : image.programs) {
    const auto is = present.find(slot);
    if (is == present.end()) {
      found.missing.push_back(slot);
    } else if (is->second != unit->id) {
      found.different.push_back(slot);
    } else {
      ++found.right;
    }
  }
  for (const auto& [slot, unit] : present) {
    if (!image.programs.contains(slot)) found.foreign.push_back(slot);
  }
  for (const auto& [id, entries] : image.entries()) {
    auto done = compare_entries(map("narrow"), entries->narrow, id, found);
    if (done) done = compare_entries(map("wide"), entries->wide, id, found);
    if (!done) return fail(done.error());
  }
  return found;
}

Result<std::vector<LinuxCounters::Counted>> LinuxDatapath::take_counts() {
  return counters_.take(map("counters"));
}

std::size_t LinuxDatapath::program_count() const {
  std::set<std::uint64_t> units;
  for (const Slots& slots : slots_) {
    for (const auto& [slot, unit] : slots) units.insert(unit);
  }
  return units.size();
}

}  // namespace fabrix::controller
