// The fixed part of the Linux fabric, bpf/fabric.bpf.c, compiled: an ELF file for libbpf. It is
// part of the executable, so that nothing has to be found, and no compiler, where the fabric runs.
#pragma once

#include <cstddef>
#include <span>

namespace fabrix::controller {

std::span<const std::byte> linux_object();

}  // namespace fabrix::controller
