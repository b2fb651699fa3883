// What the kernel's part of the Linux fabric knows of ports: which interface is which port, and
// where a port's frames leave (fabric/linux_layout.h).
//
// Each port is in a hash map, and, unless another port has the same low bits of its number, in an
// array by these, where a packet finds it quicker. The hash map is right whatever the arrays say.
//
// Fails with what the kernel said. Control thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "base/result.h"
#include "controller/linux_datapath.h"

namespace fabrix::controller {

// What is known of a port by its interface, and by its number.
fabrix_in in_of(const LinuxPortPlace& port);
fabrix_out out_of(const LinuxPortPlace& port);

Result<void> put_port_in(const LinuxDatapath& datapath, std::uint32_t interface,
                         const fabrix_in& in);
Result<void> put_port_out(const LinuxDatapath& datapath, std::uint32_t port, const fabrix_out& out);

// None: the interface is no port.
Result<std::optional<fabrix_in>> port_in(const LinuxDatapath& datapath, std::uint32_t interface);

Result<std::optional<fabrix_out>> port_out(const LinuxDatapath& datapath, std::uint32_t port);

// Success if it was not there.
Result<void> drop_port_in(const LinuxDatapath& datapath, std::uint32_t interface);
Result<void> drop_port_out(const LinuxDatapath& datapath, std::uint32_t port);

// All others are dropped.
Result<void> keep_ports(const LinuxDatapath& datapath, const std::set<std::uint32_t>& interfaces,
                        const std::set<std::uint32_t>& ports);

// Of an entry that may be wrong, or a place in an array: what it was, if it was; it is right from
// now on. `ports` are all.
Result<std::optional<fabric::Difference::Kind>> mend_port_map(
    const LinuxDatapath& datapath, const LinuxSuspect& suspect,
    const std::vector<LinuxPortPlace>& ports);

}  // namespace fabrix::controller
