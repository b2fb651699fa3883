#include "controller/linux_datapath.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "controller/linux_object.h"
#include "io/bpf_program.h"

namespace fabrix::controller {
namespace {

using fabric::LinuxImage;

// All packets that were on their way are through: membarrier(2) waits for what the kernel calls a
// grace period of RCU, under which programs of eBPF run.
void wait_for_packets() {
  syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
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

// Before maps of other sizes are asked for.
Result<void> check_version(const std::string& directory) {
  auto pinned = io::open_pinned(directory + "/state");
  if (directory.empty() || !pinned) return {};
  FABRIX_TRY(const auto map, io::BpfMap::adopt(*std::move(pinned), "state"));
  if (map.value_size() == sizeof(fabrix_state)) {
    FABRIX_TRY(const auto state, map.value_of<fabrix_state>(std::uint32_t{0}));
    if (!state || state->layout == 0 || state->layout == FABRIX_LAYOUT) return {};
  }
  return fail(Error{
      fmt::format("{0} has a fabric of another version of Fabrix: `rm {0}/*` ends it", directory)});
}

}  // namespace

Result<std::unique_ptr<LinuxDatapath>> LinuxDatapath::open(const std::string& directory) {
  auto datapath = std::make_unique<LinuxDatapath>();
  if (const auto done = datapath->start(directory); !done) return fail(done.error());
  return datapath;
}

Result<void> LinuxDatapath::start(const std::string& directory) {
  directory_ = directory;
  if (const auto known = check_version(directory); !known) return fail(known.error());
  FABRIX_TRY(object_, io::BpfObject::load(linux_object(), directory));
  FABRIX_TRY(const auto state, map("state").value_of<fabrix_state>(std::uint32_t{0}));
  state_ = state.value_or(fabrix_state{});
  auto done = at_tc_.start(object_);
  if (done) done = at_xdp_.start(object_);
  if (!done) return done;
  if (state_.layout == FABRIX_LAYOUT) return take_over();
  state_.layout = FABRIX_LAYOUT;
  return put_state();
}

// Programs by their names; entries are written anew.
Result<void> LinuxDatapath::take_over() {
  units_.clear();
  entries_.clear();
  counters_.forget_units();
  neighbors_.forget();
  foreign_entries_ = true;
  auto done = at_tc_.take_over();
  if (done) done = at_xdp_.take_over();
  return done;
}

// Nothing is known of those that a process before this one let in.
void LinuxDatapath::let_packets_through() {
  if (!grace_.valid()) return wait_for_packets();
  grace_.get();
}

Result<void> LinuxDatapath::install(const LinuxImage& image) {
  const std::uint32_t version = 1 - state_.version;
  loaded_ = 0;
  let_packets_through();
  auto done = drop_unused(image);
  if (done) done = put_entries(image);
  for (const auto& [slot, unit] : image.programs) {
    if (done) done = put_unit(unit);
  }
  if (done) done = counters_.drop_foreign(map("counters"));
  if (done) done = put_programs(image, version);
  if (done) done = neighbors_.put(map("neighbors"), version, image.neighbors);
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
  for (const auto& [slot, id] : at_tc_.slots(state_.version)) {
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
  for (const auto& [slot, unit] : at_tc_.slots(state_.version)) kept.insert(unit);
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
      if (kept.contains(fabric::linux_entries_of(io::BpfMap::read_as<std::uint64_t>(key, 0))))
        continue;
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

// Those at XDP are gone, or all there, when the version comes into force.
Result<void> LinuxDatapath::put_programs(const LinuxImage& image, std::uint32_t version) {
  const std::size_t loaded = at_tc_.loaded();
  auto done = at_tc_.put(image.programs, version);
  loaded_ = at_tc_.loaded() - loaded;
  if (!done) return done;
  const bool is_at_xdp = attach_ == exchange::FabricAttach::kXdp;
  return at_xdp_.put(is_at_xdp ? image.programs : LinuxPrograms::BySlot(), version);
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
  grace_ = std::async(std::launch::async, wait_for_packets);
  return done;
}

Result<std::vector<LinuxCounters::Counted>> LinuxDatapath::take_counts() {
  return counters_.take(map("counters"));
}

std::size_t LinuxDatapath::program_count() const {
  std::set<std::uint64_t> units;
  for (std::uint32_t version = 0; version < FABRIX_VERSIONS; ++version) {
    for (const auto& [slot, unit] : at_tc_.slots(version)) units.insert(unit);
  }
  return units.size();
}

}  // namespace fabrix::controller
