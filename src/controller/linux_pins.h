// What the files are called that keep a Linux fabric beyond its process: its maps by their names,
// and the links of ports, which say by what interface frames enter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fabrix::controller {

bool is_linux_map(std::string_view name);
// The link of a port, at tc or at XDP.
bool is_linux_port_pin(std::string_view name);

std::string linux_port_pin(std::uint32_t port);
std::string linux_xdp_pin(std::uint32_t port);

}  // namespace fabrix::controller
