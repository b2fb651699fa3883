#include "controller/linux_port_maps.h"

#include <algorithm>
#include <utility>

namespace fabrix::controller {
namespace {

// Another one that is a port has the place.
template <typename Near>
Result<bool> is_taken(const io::BpfMap& near, const io::BpfMap& all, std::uint32_t number,
                      std::uint32_t Near::*number_of) {
  FABRIX_TRY(const auto there, near.value_of<Near>(number % FABRIX_NEAR));
  if (!there || (*there).*number_of == 0 || (*there).*number_of == number) return false;
  const std::uint32_t other = (*there).*number_of;
  FABRIX_TRY(const auto present, all.get(io::BpfMap::octets_of(other)));
  return present.has_value();
}

template <typename Near>
Result<void> clear(const io::BpfMap& near, std::uint32_t number, std::uint32_t Near::*number_of) {
  const std::uint32_t place = number % FABRIX_NEAR;
  FABRIX_TRY(const auto there, near.value_of<Near>(place));
  if (!there || (*there).*number_of != number) return {};
  return near.put_value(place, Near{});
}

template <typename Near>
Result<void> keep(const io::BpfMap& near, const io::BpfMap& all,
                  const std::set<std::uint32_t>& kept, std::uint32_t Near::*number_of) {
  FABRIX_TRY(const auto keys, all.keys());
  for (const auto& key : keys) {
    if (kept.contains(io::BpfMap::read_as<std::uint32_t>(key, 0))) continue;
    if (auto done = all.erase(key); !done) return done;
  }
  FABRIX_TRY(const auto contents, near.contents());
  for (std::size_t i = 0; i < contents.count; ++i) {
    const auto there = io::BpfMap::read_as<Near>(contents.values, i * sizeof(Near));
    const std::uint32_t number = there.*number_of;
    if (number == 0 || kept.contains(number)) continue;
    if (auto done = clear<Near>(near, number, number_of); !done) return done;
  }
  return {};
}

using Kind = fabric::Difference::Kind;
using Wrong = std::optional<Kind>;

// `wanted`: the port of the key; null: none.
template <typename Value>
Result<Wrong> mend_entry(const io::BpfMap& all, std::uint32_t key, const LinuxPortPlace* wanted,
                         const Value& value) {
  FABRIX_TRY(const auto is, all.value_of<Value>(key));
  const bool right = wanted == nullptr ? !is : is && is_of_port(*is, *wanted);
  if (right) return Wrong();
  auto done = wanted == nullptr ? all.erase_key(key) : all.put_value(key, value);
  if (!done) return fail(done.error());
  if (!is) return Wrong(Kind::kMissing);
  return Wrong(wanted == nullptr ? Kind::kForeign : Kind::kDifferent);
}

// `near_of`: what a port would have at the place. An empty place is never wrong: the hash map has
// all. It is filled where it can be.
template <typename Near>
Result<Wrong> mend_near(const io::BpfMap& near, std::uint32_t place,
                        const std::vector<LinuxPortPlace>& ports,
                        std::pair<std::uint32_t, Near> (*near_of)(const LinuxPortPlace&)) {
  FABRIX_TRY(const auto is, near.value_of<Near>(place));
  std::optional<Near> first;
  for (const LinuxPortPlace& port : ports) {
    const auto [number, value] = near_of(port);
    if (number % FABRIX_NEAR != place) continue;
    if (is && is_of_port(*is, port)) return Wrong();
    if (!first) first = value;
  }
  const bool was_empty =
      is && std::ranges::equal(io::BpfMap::octets_of(*is), io::BpfMap::octets_of(Near{}));
  if (was_empty && !first) return Wrong();
  auto done = near.put_value(place, first.value_or(Near{}));
  if (!done) return fail(done.error());
  if (was_empty) return Wrong(Kind::kMissing);
  return Wrong(first ? Kind::kDifferent : Kind::kForeign);
}

std::pair<std::uint32_t, fabrix_near_in> near_in_of(const LinuxPortPlace& port) {
  return {port.interface,
          {.interface = port.interface,
           .port = port.port,
           .slot = static_cast<__u16>(port.slot),
           .vlan = port.vlan,
           .sample_rate = port.sample_rate}};
}

std::pair<std::uint32_t, fabrix_near_out> near_out_of(const LinuxPortPlace& port) {
  return {port.port,
          {.port = port.port,
           .interface = port.interface,
           .flags = port.flags,
           .vlan = port.vlan,
           .slot = port.slot}};
}

const LinuxPortPlace* find(const std::vector<LinuxPortPlace>& ports, std::uint32_t number,
                           std::uint32_t LinuxPortPlace::*by) {
  const auto found = std::ranges::find(ports, number, by);
  return found == ports.end() ? nullptr : &*found;
}

}  // namespace

fabrix_in in_of(const LinuxPortPlace& port) {
  return {.port = port.port,
          .slot = port.slot,
          .punts_at = 0,
          .sample_rate = port.sample_rate,
          .vlan = port.vlan};
}

fabrix_out out_of(const LinuxPortPlace& port) {
  return {.interface = port.interface, .flags = port.flags, .vlan = port.vlan, .slot = port.slot};
}

Result<Wrong> mend_port_map(const LinuxDatapath& datapath, const LinuxSuspect& suspect,
                            const std::vector<LinuxPortPlace>& ports) {
  const auto key = io::BpfMap::read_as<std::uint32_t>(suspect.key, 0);
  const LinuxPortPlace* port = nullptr;
  switch (suspect.place) {
    case LinuxPlace::kPortIn: {
      port = find(ports, key, &LinuxPortPlace::interface);
      const fabrix_in in = port == nullptr ? fabrix_in{} : in_of(*port);
      return mend_entry(datapath.map("ports_in"), key, port, in);
    }
    case LinuxPlace::kPortOut: {
      port = find(ports, key, &LinuxPortPlace::port);
      const fabrix_out out = port == nullptr ? fabrix_out{} : out_of(*port);
      return mend_entry(datapath.map("ports_out"), key, port, out);
    }
    case LinuxPlace::kNearIn:
      return mend_near(datapath.map("near_in"), key, ports, near_in_of);
    case LinuxPlace::kNearOut:
      return mend_near(datapath.map("near_out"), key, ports, near_out_of);
    default:
      return Wrong();
  }
}

Result<void> put_port_in(const LinuxDatapath& datapath, std::uint32_t interface,
                         const fabrix_in& in) {
  const io::BpfMap& near = datapath.map("near_in");
  const io::BpfMap& all = datapath.map("ports_in");
  if (auto done = all.put_value(interface, in); !done) return done;
  FABRIX_TRY(const bool taken, is_taken(near, all, interface, &fabrix_near_in::interface));
  if (taken) return {};
  const fabrix_near_in here{.interface = interface,
                            .port = in.port,
                            .slot = static_cast<__u16>(in.slot),
                            .vlan = static_cast<__u16>(in.vlan),
                            .sample_rate = in.sample_rate};
  return near.put_value(interface % FABRIX_NEAR, here);
}

Result<void> put_port_out(const LinuxDatapath& datapath, std::uint32_t port,
                          const fabrix_out& out) {
  const io::BpfMap& near = datapath.map("near_out");
  const io::BpfMap& all = datapath.map("ports_out");
  if (auto done = all.put_value(port, out); !done) return done;
  FABRIX_TRY(const bool taken, is_taken(near, all, port, &fabrix_near_out::port));
  if (taken) return {};
  const fabrix_near_out here{.port = port,
                             .interface = out.interface,
                             .flags = out.flags,
                             .vlan = out.vlan,
                             .slot = static_cast<std::uint32_t>(out.slot)};
  return near.put_value(port % FABRIX_NEAR, here);
}

Result<std::optional<fabrix_in>> port_in(const LinuxDatapath& datapath, std::uint32_t interface) {
  return datapath.map("ports_in").value_of<fabrix_in>(interface);
}

Result<std::optional<fabrix_out>> port_out(const LinuxDatapath& datapath, std::uint32_t port) {
  return datapath.map("ports_out").value_of<fabrix_out>(port);
}

Result<void> drop_port_in(const LinuxDatapath& datapath, std::uint32_t interface) {
  auto done = clear(datapath.map("near_in"), interface, &fabrix_near_in::interface);
  if (done) done = datapath.map("ports_in").erase_key(interface);
  return done;
}

Result<void> drop_port_out(const LinuxDatapath& datapath, std::uint32_t port) {
  auto done = clear(datapath.map("near_out"), port, &fabrix_near_out::port);
  if (done) done = datapath.map("ports_out").erase_key(port);
  return done;
}

Result<void> keep_ports(const LinuxDatapath& datapath, const std::set<std::uint32_t>& interfaces,
                        const std::set<std::uint32_t>& ports) {
  auto done = keep(datapath.map("near_in"), datapath.map("ports_in"), interfaces,
                   &fabrix_near_in::interface);
  if (!done) return done;
  return keep(datapath.map("near_out"), datapath.map("ports_out"), ports, &fabrix_near_out::port);
}

}  // namespace fabrix::controller
