#include "controller/linux_reading.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "controller/linux_pins.h"
#include "io/bpf_program.h"

namespace fabrix::controller {
namespace {

using io::BpfMap;
using Visit = BpfMap::Visit;

constexpr unsigned kFormBits = 16;

// How far in the future the time may be at which a meter's bucket is full: twice what a bucket
// holds, and a train of segments of the longest kind.
std::uint64_t limit_of(const program::Meter& meter) {
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  constexpr std::uint64_t kTrainKbits = 4096;  // 512 KiB
  constexpr std::uint64_t kTrainPackets = 1024;
  if (meter.pps != 0) {
    return (2 * meter.burst_packets() + kTrainPackets) * (kNanoseconds / meter.pps + 1);
  }
  const std::uint64_t rate = std::max<std::uint64_t>(meter.kbps, 1);
  return (2 * meter.burst_kbits() + kTrainKbits) * (kNanoseconds / rate + 1);
}

class Reader {
 public:
  Reader(const std::map<std::string, BpfMap>& maps, const LinuxExpectation& expected,
         const std::atomic<bool>& stop)
      : maps_(maps), expected_(expected), stop_(stop) {}

  Result<std::vector<LinuxSuspect>> read() {
    auto done = read_state();
    for (const LinuxHookExpectation& hook : expected_.hooks) {
      for (std::uint32_t version = 0; version < FABRIX_VERSIONS && done; ++version) {
        done = read_slots(hook, version);
      }
    }
    if (done) done = read_rows<fabrix_narrow_key>("narrow", LinuxPlace::kNarrow);
    if (done) done = read_rows<fabrix_wide_key>("wide", LinuxPlace::kWide);
    if (done) done = read_neighbors();
    if (done) done = read_counters();
    if (done) done = read_meters();
    read_pins();
    if (done) done = read_ports();
    if (!done) return fail(done.error());
    return std::move(suspects_);
  }

 private:
  const BpfMap& map(const char* name) const { return maps_.at(name); }

  template <typename Key>
  void suspect(LinuxPlace place, const Key& key, std::uint64_t limit = 0) {
    const auto octets = BpfMap::octets_of(key);
    suspects_.push_back({place, {octets.begin(), octets.end()}, limit});
  }

  // Calls `look` with each key and value.
  template <typename Key, typename Value, typename Look>
  Result<void> scan(const char* name, const Look& look) const {
    const BpfMap& of = map(name);
    return of.scan([&](const BpfMap::Contents& part) {
      for (std::size_t i = 0; i < part.count; ++i) {
        look(BpfMap::read_as<Key>(part.keys, i * sizeof(Key)),
             BpfMap::read_as<Value>(part.values, i * of.stride()));
      }
      return stop_ ? Visit::kStop : Visit::kGoOn;
    });
  }

  template <typename Key>
  Result<void> suspect_if_absent(const char* name, LinuxPlace place, const Key& key) {
    if (stop_) return {};
    FABRIX_TRY(const auto is, map(name).get(BpfMap::octets_of(key)));
    if (!is) suspect(place, key);
    return {};
  }

  Result<void> read_state() {
    const std::uint32_t zero = 0;
    FABRIX_TRY(const auto is, map("state").value_of<fabrix_state>(zero));
    const bool right =
        is && std::ranges::equal(BpfMap::octets_of(*is), BpfMap::octets_of(expected_.state));
    if (!right) suspect(LinuxPlace::kState, zero);
    return {};
  }

  Result<void> read_slots(const LinuxHookExpectation& hook, std::uint32_t version) {
    const LinuxSlots& slots = hook.slots.at(version);
    for (std::uint32_t slot = 0; slot < FABRIX_SLOTS && !stop_; ++slot) {
      const std::uint32_t place = version * FABRIX_SLOTS + slot;
      if (slot == FABRIX_SLOT_FINISH) {
        FABRIX_TRY(const auto number, map(hook.map).value_of<std::uint32_t>(place));
        if (number != hook.finish) suspect(hook.place, place);
        continue;
      }
      FABRIX_TRY(const auto is, read_slot(map(hook.map), place));
      const auto wanted = slots.find(slot);
      const bool right = wanted == slots.end() ? !is : is == wanted->second;
      if (!right) suspect(hook.place, place);
    }
    return {};
  }

  template <typename Key>
  static const auto& rows_of(const fabric::LinuxEntries& entries) {
    if constexpr (std::is_same_v<Key, fabrix_narrow_key>) {
      return entries.narrow;
    } else {
      return entries.wide;
    }
  }

  template <typename Key>
  Result<void> read_rows(const char* name, LinuxPlace place) {
    std::size_t right = 0;
    auto done = scan<Key, fabrix_action>(name, [&](const Key& key, const fabrix_action& is) {
      const auto of = expected_.entries.find(fabric::linux_entries_of(key.form));
      const auto* wanted = of == expected_.entries.end() ? nullptr : of->second->find(key);
      const bool same = wanted != nullptr &&
                        std::ranges::equal(BpfMap::octets_of(is), BpfMap::octets_of(*wanted));
      if (same) ++right;
      if (!same) suspect(place, key);
    });
    std::size_t wanted = 0;
    for (const auto& [id, each] : expected_.entries) wanted += rows_of<Key>(*each).size();
    if (!done || right >= wanted) return done;
    for (const auto& [id, each] : expected_.entries) {
      for (const auto& [key, action] : rows_of<Key>(*each)) {
        if (done) done = suspect_if_absent(name, place, key);
      }
    }
    return done;
  }

  // Entries for both versions.
  std::size_t neighbors_wanted() const {
    LinuxNeighborsOfVersions one;
    one[0] = expected_.neighbors[0];
    std::size_t count = one[0].size();
    const auto add = [&](std::span<const program::VirtualNeighbor> all) {
      for (const auto& each : all) {
        if (!linux_neighbor(one, linux_neighbor_key(each.sender, each.address))) ++count;
      }
    };
    program::for_each_unlike(expected_.neighbors[1], one[0], add);
    add(expected_.neighbors[1].own());
    return count;
  }

  Result<void> read_neighbors() {
    std::size_t right = 0;
    const auto look = [&](const fabrix_neighbor_key& key, const fabrix_neighbor& is) {
      const auto wanted = linux_neighbor(expected_.neighbors, key);
      const bool same = wanted && std::ranges::equal(wanted->mac, is.mac);
      if (same) ++right;
      if (!same) suspect(LinuxPlace::kNeighbor, key);
    };
    auto done = scan<fabrix_neighbor_key, fabrix_neighbor>("neighbors", look);
    if (!done || right + expected_.neighbors_left_out >= neighbors_wanted()) return done;
    LinuxNeighborsOfVersions before;  // those looked for already
    for (std::size_t version = 0; version < FABRIX_VERSIONS; ++version) {
      for (const program::VirtualNeighbor& each : expected_.neighbors.at(version)) {
        const auto key = linux_neighbor_key(each.sender, each.address);
        if (!done || linux_neighbor(before, key)) continue;
        done = suspect_if_absent("neighbors", LinuxPlace::kNeighbor, key);
      }
      before.at(version) = expected_.neighbors.at(version);
    }
    return done;
  }

  Result<void> read_counters() {
    std::set<std::uint64_t> wanted;
    for (const auto& unit : expected_.units) {
      for (const fabric::LinuxCounter& each : unit->counters) wanted.insert(each.key);
    }
    auto done = scan<std::uint64_t, fabrix_count>(
        "counters", [&](const std::uint64_t& key, const fabrix_count& /*count*/) {
          if (wanted.erase(key) == 0) suspect(LinuxPlace::kCounter, key);
        });
    for (const std::uint64_t key : wanted) suspect(LinuxPlace::kCounter, key);
    return done;
  }

  Result<void> read_meters() {
    if (!expected_.program) return {};
    std::unordered_map<std::uint32_t, std::uint64_t> limits;
    for (const program::Meter& each : expected_.program->meters()) {
      limits[each.id] = limit_of(each);
    }
    const std::uint64_t now = linux_meter_time();
    return scan<std::uint32_t, std::uint64_t>(
        "meters", [&](const std::uint32_t& id, const std::uint64_t& full_at) {
          const auto limit = limits.find(id);
          if (limit == limits.end() || full_at <= now + limit->second) return;
          suspect(LinuxPlace::kMeter, id, limit->second);
        });
  }

  using Ports = std::map<std::uint32_t, const LinuxPortPlace*>;  // by a number of theirs

  template <typename Value>
  Result<void> read_ports_in(const char* name, LinuxPlace place, const Ports& wanted) {
    std::set<std::uint32_t> seen;
    const auto look = [&](const std::uint32_t& number, const Value& is) {
      const auto known = wanted.find(number);
      seen.insert(number);
      if (known == wanted.end() || !is_of_port(is, *known->second)) suspect(place, number);
    };
    auto done = scan<std::uint32_t, Value>(name, look);
    for (const auto& [number, port] : wanted) {
      if (!seen.contains(number)) suspect(place, number);
    }
    return done;
  }

  // Places may be empty, of two ports with the same low bits too.
  template <typename Near>
  Result<void> read_near(const char* name, LinuxPlace place, const Ports& wanted,
                         std::uint32_t Near::*number_of) {
    std::map<std::uint32_t, const LinuxPortPlace*> missing;
    for (const auto& [number, port] : wanted) missing.emplace(number % FABRIX_NEAR, port);
    const auto look = [&](const std::uint32_t& at, const Near& is) {
      const std::uint32_t number = is.*number_of;
      if (number == 0) return;
      missing.erase(at);
      const auto known = wanted.find(number);
      const bool right =
          number % FABRIX_NEAR == at && known != wanted.end() && is_of_port(is, *known->second);
      if (!right) suspect(place, at);
    };
    auto done = scan<std::uint32_t, Near>(name, look);
    for (const auto& [at, port] : missing) suspect(place, at);
    return done;
  }

  // By the names of files, which take one look for all.
  void read_pins() {
    if (expected_.directory.empty()) return;
    std::error_code gone;  // then nothing is there
    for (const auto& entry : std::filesystem::directory_iterator(expected_.directory, gone)) {
      pins_.insert(entry.path().filename().string());
    }
    for (const auto& [name, map] : maps_) {
      if (pins_.contains(name)) continue;
      const auto octets = std::as_bytes(std::span(name));
      suspects_.push_back({LinuxPlace::kPin, {octets.begin(), octets.end()}});
    }
  }

  bool is_pinned(const LinuxPortPlace& port) const {
    if (expected_.directory.empty()) return true;
    return pins_.contains(linux_port_pin(port.port)) &&
           (port.xdp_link < 0 || pins_.contains(linux_xdp_pin(port.port)));
  }

  static bool is_tied(int link, std::uint32_t interface) {
    const auto tied = io::interface_of_link(link);
    return tied && *tied == interface;
  }

  Result<void> read_ports() {
    Ports by_interface;
    Ports by_port;
    for (const LinuxPortPlace& each : expected_.ports) {
      by_interface[each.interface] = &each;
      by_port[each.port] = &each;
      const bool tied = is_tied(each.link, each.interface) &&
                        (each.xdp_link < 0 || is_tied(each.xdp_link, each.interface)) &&
                        is_pinned(each);
      if (!tied) suspect(LinuxPlace::kLink, each.port);
    }
    auto done = read_ports_in<fabrix_in>("ports_in", LinuxPlace::kPortIn, by_interface);
    if (done) done = read_ports_in<fabrix_out>("ports_out", LinuxPlace::kPortOut, by_port);
    if (done) {
      done = read_near("near_in", LinuxPlace::kNearIn, by_interface, &fabrix_near_in::interface);
    }
    if (done) done = read_near("near_out", LinuxPlace::kNearOut, by_port, &fabrix_near_out::port);
    return done;
  }

  const std::map<std::string, BpfMap>& maps_;
  const LinuxExpectation& expected_;
  const std::atomic<bool>& stop_;
  std::vector<LinuxSuspect> suspects_;
  std::set<std::string> pins_;  // files that are there
};

}  // namespace

bool is_of_port(const fabrix_in& is, const LinuxPortPlace& port) {
  return is.port == port.port && is.slot == port.slot && is.sample_rate == port.sample_rate &&
         is.vlan == port.vlan;
}
bool is_of_port(const fabrix_out& is, const LinuxPortPlace& port) {
  return is.interface == port.interface && is.flags == port.flags && is.slot == port.slot &&
         is.vlan == port.vlan;
}
bool is_of_port(const fabrix_near_in& is, const LinuxPortPlace& port) {
  return is.interface == port.interface && is.port == port.port && is.slot == port.slot &&
         is.sample_rate == port.sample_rate && is.vlan == port.vlan;
}
bool is_of_port(const fabrix_near_out& is, const LinuxPortPlace& port) {
  return is.port == port.port && is.interface == port.interface && is.flags == port.flags &&
         is.slot == port.slot && is.vlan == port.vlan;
}

std::uint64_t linux_meter_time() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  return static_cast<std::uint64_t>(now.tv_sec) * kNanoseconds +
         static_cast<std::uint64_t>(now.tv_nsec);
}

Result<std::optional<std::uint64_t>> read_slot(const BpfMap& programs, std::uint32_t place) {
  FABRIX_TRY(const auto number, programs.value_of<std::uint32_t>(place));
  if (!number) return std::optional<std::uint64_t>();
  const auto program = io::open_bpf_program(*number);
  if (!program) return std::optional<std::uint64_t>();
  FABRIX_TRY(const auto info, io::describe_bpf_program(*program));
  if (!info.name.starts_with("fx_")) return std::optional<std::uint64_t>(0);
  return std::optional<std::uint64_t>(std::strtoull(info.name.c_str() + 3, nullptr, 16)
                                      << kFormBits);
}

Result<std::vector<LinuxSuspect>> read_datapath(const std::map<std::string, BpfMap>& maps,
                                                const LinuxExpectation& expected,
                                                const std::atomic<bool>& stop) {
  return Reader(maps, expected, stop).read();
}

}  // namespace fabrix::controller
