#include "controller/linux_port_maps.h"

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

}  // namespace

Result<void> put_port_in(const LinuxDatapath& datapath, std::uint32_t interface,
                         const fabrix_in& in) {
  const io::BpfMap& near = datapath.map("near_in");
  const io::BpfMap& all = datapath.map("ports_in");
  if (auto done = all.put_value(interface, in); !done) return done;
  FABRIX_TRY(const bool taken, is_taken(near, all, interface, &fabrix_near_in::interface));
  if (taken) return {};
  const fabrix_near_in here{
      .interface = interface, .port = in.port, .slot = in.slot, .sample_rate = in.sample_rate};
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
