// LinuxDatapath::mend(): what the audit of the Linux fabric suspects, looked at again and put
// right.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "controller/linux_datapath.h"
#include "io/bpf_program.h"

namespace fabrix::controller {
namespace {

using Fault = std::optional<LinuxFault>;
using Kind = fabric::Difference::Kind;

}  // namespace

LinuxExpectation LinuxDatapath::expectation() const {
  LinuxExpectation all;
  all.hooks.push_back(at_tc_.expectation());
  if (attach_ == exchange::FabricAttach::kXdp) all.hooks.push_back(at_xdp_.expectation());
  all.entries = entries_;
  all.neighbors = neighbors_.versions();
  all.neighbors_left_out = neighbors_.left_out();
  for (const auto& [id, unit] : units_) all.units.push_back(unit);
  all.state = state_;
  all.directory = directory_;
  return all;
}

Result<Fault> LinuxDatapath::mend(const LinuxSuspect& suspect) {
  switch (suspect.place) {
    case LinuxPlace::kSlot:
      return at_tc_.mend(io::BpfMap::read_as<std::uint32_t>(suspect.key, 0), state_.version,
                         units_);
    case LinuxPlace::kXdpSlot:
      return at_xdp_.mend(io::BpfMap::read_as<std::uint32_t>(suspect.key, 0), state_.version,
                          units_);
    case LinuxPlace::kNarrow:
      return mend_row<fabrix_narrow_key>(suspect, "narrow");
    case LinuxPlace::kWide:
      return mend_row<fabrix_wide_key>(suspect, "wide");
    case LinuxPlace::kNeighbor:
      return mend_neighbor(suspect);
    case LinuxPlace::kCounter:
      return mend_counter(suspect);
    case LinuxPlace::kMeter:
      return mend_meter(suspect);
    case LinuxPlace::kState:
      return mend_state();
    case LinuxPlace::kPin:
      return mend_pin(suspect);
    default:
      return Fault();
  }
}

// Of the version in force; 0: no program of it reads them.
std::uint32_t LinuxDatapath::slot_of_entries(std::uint64_t id) const {
  for (const auto& [slot, unit] : at_tc_.slots(state_.version)) {
    const auto known = units_.find(unit);
    const bool reads = known != units_.end() &&
                       std::ranges::find(known->second->entries, id, &fabric::LinuxEntries::id) !=
                           known->second->entries.end();
    if (reads) return slot;
  }
  return 0;
}

template <typename Key>
Result<Fault> LinuxDatapath::mend_row(const LinuxSuspect& suspect, const char* name) {
  const auto key = io::BpfMap::read_as<Key>(suspect.key, 0);
  const std::uint64_t id = fabric::linux_entries_of(key.form);
  const auto of = entries_.find(id);
  const fabrix_action* wanted = of == entries_.end() ? nullptr : of->second->find(key);
  FABRIX_TRY(const auto is, map(name).get(suspect.key));
  const bool right =
      wanted == nullptr ? !is : is && std::ranges::equal(*is, io::BpfMap::octets_of(*wanted));
  if (right) return Fault();
  auto done = wanted == nullptr ? map(name).erase(suspect.key) : map(name).put_value(key, *wanted);
  if (!done) return fail(done.error());
  const std::uint32_t slot = slot_of_entries(id);
  if (slot == 0 && wanted != nullptr) return Fault();
  return Fault({suspect.place, difference_kind(is.has_value(), wanted != nullptr), slot,
                is ? fmt::format("another entry among the rows of slot {}", slot) : ""});
}

Result<Fault> LinuxDatapath::mend_neighbor(const LinuxSuspect& suspect) {
  const auto key = io::BpfMap::read_as<fabrix_neighbor_key>(suspect.key, 0);
  const auto wanted = linux_neighbor(neighbors_.versions(), key);
  const io::BpfMap& all = map("neighbors");
  FABRIX_TRY(const auto is, all.value_of<fabrix_neighbor>(key));
  const bool right = wanted ? is && std::ranges::equal(is->mac, wanted->mac) : !is;
  if (right || (wanted && !is && neighbors_.is_left_out(key))) return Fault();
  auto done = wanted ? all.put_value(key, *wanted) : all.erase_key(key);
  if (!done) return fail(done.error());
  const std::uint32_t version = state_.version;
  const std::uint64_t mac = is ? is->mac[version] : 0;
  if (wanted && is && mac == wanted->mac[version]) return Fault();
  const auto name = linux_neighbor_name(key);
  const std::string whose =
      name ? fmt::format("{} for participant {}", name->address.to_string(), name->sender.value)
           : "an address that nobody has";
  return Fault({LinuxPlace::kNeighbor, difference_kind(is.has_value(), wanted.has_value()), 0,
                is ? fmt::format("virtual next hop {} at {}", whose,
                                 net::MacAddress::from_u64(mac).to_string())
                   : fmt::format("no virtual next hop {}", whose)});
}

Result<Fault> LinuxDatapath::mend_counter(const LinuxSuspect& suspect) {
  const auto key = io::BpfMap::read_as<std::uint64_t>(suspect.key, 0);
  FABRIX_TRY(const bool is_there, counters_.mend(map("counters"), key));
  if (is_there) return Fault();
  return Fault(
      {LinuxPlace::kCounter, Kind::kMissing, 0, "a counter was gone, and what it counted"});
}

Result<Fault> LinuxDatapath::mend_meter(const LinuxSuspect& suspect) const {
  FABRIX_TRY(const auto full_at, map("meters").get(suspect.key));
  if (!full_at) return Fault();
  const auto time = io::BpfMap::read_as<std::uint64_t>(*full_at, 0);
  const std::uint64_t now = linux_meter_time();
  if (time <= now + suspect.limit) return Fault();
  const auto id = io::BpfMap::read_as<std::uint32_t>(suspect.key, 0);
  auto done = map("meters").put_value(id, std::uint64_t{0});
  if (!done) return fail(done.error());
  constexpr std::uint64_t kMillisecond = 1'000'000;
  return Fault(
      {LinuxPlace::kMeter, Kind::kDifferent, 0,
       fmt::format("meter {} was to let nothing pass for {} ms", id, (time - now) / kMillisecond)});
}

Result<Fault> LinuxDatapath::mend_state() {
  FABRIX_TRY(const auto is, map("state").value_of<fabrix_state>(std::uint32_t{0}));
  if (is && std::ranges::equal(io::BpfMap::octets_of(*is), io::BpfMap::octets_of(state_))) {
    return Fault();
  }
  if (auto done = put_state(); !done) return fail(done.error());
  return Fault({LinuxPlace::kState, Kind::kDifferent, 0,
                fmt::format("version {} in force", is ? is->version : 0U)});
}

// The map is there as long as this process is. Without its file the next one would not find it, and
// programs of a map that nobody holds are gone at once (Linux: prog_array_map_clear()).
Result<Fault> LinuxDatapath::mend_pin(const LinuxSuspect& suspect) const {
  const std::string name(reinterpret_cast<const char*>(suspect.key.data()), suspect.key.size());
  const std::string path = directory_ + "/" + name;
  if (io::open_pinned(path)) return Fault();
  auto done = io::prepare_bpf_directory(directory_);
  if (done) done = io::pin(map(name).fd(), path);
  if (!done) return fail(done.error());
  return Fault(
      {LinuxPlace::kPin, Kind::kMissing, 0, fmt::format("the file of map {} was gone", name)});
}

}  // namespace fabrix::controller
