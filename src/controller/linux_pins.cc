#include "controller/linux_pins.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "controller/linux_programs.h"

namespace fabrix::controller {

bool is_linux_map(std::string_view name) {
  constexpr std::array<std::string_view, 12> kOthers{
      "state",     "ports_in", "ports_out", "near_in",      "near_out", "port_counts",
      "neighbors", "punts",    "samplers",  "all_punts_at", "samples",  "xdp_programs"};
  return std::ranges::any_of(kLinuxMapNames, [name](const char* each) { return name == each; }) ||
         std::ranges::find(kOthers, name) != kOthers.end();
}

bool is_linux_port_pin(std::string_view name) {
  return name.starts_with("port_") && !is_linux_map(name);
}

std::string linux_port_pin(std::uint32_t port) {
  return fmt::format("port_{}", port);
}

std::string linux_xdp_pin(std::uint32_t port) {
  return linux_port_pin(port) + "_xdp";
}

}  // namespace fabrix::controller
