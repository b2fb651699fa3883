#include "controller/linux_counters.h"

#include <span>
#include <utility>

#include "fabric/linux_layout.h"

namespace fabrix::controller {
namespace {

using fabric::LinuxCounter;

// Of all CPUs; octets of one entry.
fabric::QueryCount sum_of(const io::BpfMap& map, std::span<const std::byte> value) {
  fabric::QueryCount sum;
  for (std::size_t at = 0; at < value.size(); at += map.value_size()) {
    const auto count = io::BpfMap::read_as<fabrix_count>(value, at);
    sum.packets += count.packets;
    sum.octets += count.octets;
  }
  return sum;
}

}  // namespace

Result<void> LinuxCounters::add(const io::BpfMap& map, const std::vector<LinuxCounter>& counters) {
  std::vector<std::byte> keys;
  for (const LinuxCounter& each : counters) {
    if (counters_.contains(each.key)) continue;
    const auto octets = io::BpfMap::octets_of(each.key);
    if (foreign_) {
      FABRIX_TRY(const auto present, map.get(octets));
      if (present) continue;
    }
    keys.insert(keys.end(), octets.begin(), octets.end());
  }
  const std::vector<std::byte> zeros(keys.size() / map.key_size() * map.stride());
  if (auto done = map.put_all(keys, zeros); !done) return done;
  for (const LinuxCounter& each : counters) {
    Counter& counter = counters_[each.key];
    counter.what = each;
    ++counter.units;
  }
  return {};
}

Result<void> LinuxCounters::release(const io::BpfMap& map,
                                    const std::vector<LinuxCounter>& counters) {
  for (const LinuxCounter& each : counters) {
    const auto found = counters_.find(each.key);
    if (found == counters_.end() || --found->second.units != 0) continue;
    if (auto done = drop(map, each.key); !done) return done;
  }
  return {};
}

void LinuxCounters::forget_units() {
  for (auto& [key, counter] : counters_) counter.units = 0;
  foreign_ = true;
}

Result<void> LinuxCounters::drop_foreign(const io::BpfMap& map) {
  if (!foreign_) return {};
  std::vector<std::uint64_t> unused;
  for (const auto& [key, counter] : counters_) {
    if (counter.units == 0) unused.push_back(key);
  }
  for (const std::uint64_t key : unused) {
    if (auto done = drop(map, key); !done) return done;
  }
  FABRIX_TRY(const auto keys, map.keys());
  for (const auto& key : keys) {
    if (counters_.contains(io::BpfMap::read_as<std::uint64_t>(key, 0))) continue;
    if (auto done = map.erase(key); !done) return done;
  }
  foreign_ = false;
  return {};
}

// What it counted last is told yet.
Result<void> LinuxCounters::drop(const io::BpfMap& map, std::uint64_t key) {
  FABRIX_TRY(const auto value, map.get(io::BpfMap::octets_of(key)));
  if (value) note(counters_.at(key), sum_of(map, *value));
  counters_.erase(key);
  return map.erase_key(key);
}

// One that is made anew begins at 0.
Result<bool> LinuxCounters::mend(const io::BpfMap& map, std::uint64_t key) {
  const auto known = counters_.find(key);
  const bool wanted = known != counters_.end() && known->second.units != 0;
  FABRIX_TRY(const auto is, map.get(io::BpfMap::octets_of(key)));
  if (is.has_value() == wanted) return true;
  if (!wanted) {
    if (auto done = map.erase_key(key); !done) return fail(done.error());
    return true;
  }
  known->second.counted = {};
  auto done = map.put(io::BpfMap::octets_of(key), std::vector<std::byte>(map.stride()));
  if (!done) return fail(done.error());
  return false;
}

void LinuxCounters::note(Counter& counter, const fabric::QueryCount& now) {
  fabric::QueryCount& before = counter.counted;
  // Somebody else has reset it.
  if (now.packets < before.packets || now.octets < before.octets) before = {};
  if (now == before) return;
  untold_.push_back(
      {.counter = counter.what,
       .more = {.packets = now.packets - before.packets, .octets = now.octets - before.octets}});
  before = now;
}

Result<std::vector<LinuxCounters::Counted>> LinuxCounters::take(const io::BpfMap& map) {
  FABRIX_TRY(const auto all, map.contents());
  const std::span<const std::byte> values = all.values;
  for (std::size_t i = 0; i < all.count; ++i) {
    const auto key = io::BpfMap::read_as<std::uint64_t>(all.keys, i * map.key_size());
    const auto found = counters_.find(key);
    if (found == counters_.end()) continue;
    note(found->second, sum_of(map, values.subspan(i * map.stride(), map.stride())));
  }
  return std::exchange(untold_, {});
}

}  // namespace fabrix::controller
