// What agents tell as numbers that people know by name.
//
//   ifType: the IANA's ifType-MIB; directions: sFlow version 5 §5.3; machines and operating
//   systems: sflow_host.txt §Host Descriptor
//
// Empty if the number means nothing to us. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace fabrix::telemetry {

std::string_view if_type_name(std::uint64_t type);            // "ethernetCsmacd"
std::string_view if_direction_name(std::uint64_t direction);  // "full-duplex"
std::string_view machine_name(std::uint64_t machine);         // "x86_64"
std::string_view os_name(std::uint64_t os);                   // "linux"

}  // namespace fabrix::telemetry
