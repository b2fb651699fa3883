// What the kernel says about this process (proc(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fabrix::api {

struct ProcessMetrics {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
  std::uint64_t threads = 0;
  double start_seconds = 0;  // Unix time
};

struct KernelUnits {
  double ticks_per_second = 100;
  std::uint64_t page_octets = 4096;
  double boot_seconds = 0;  // Unix time
};

// From the text of /proc/PID/stat; descriptors are not in it. None if it is not of that form.
std::optional<ProcessMetrics> parse_process_stat(std::string_view stat, const KernelUnits& units);

// Of this process. What cannot be read is 0.
ProcessMetrics read_process_metrics();

}  // namespace fabrix::api
