// What this process has used, as the kernel counts it (getrusage(2), proc(5)).
#pragma once

#include <chrono>
#include <cstdint>

namespace fabrix::analyzer {

struct ProcessUse {
  std::chrono::milliseconds processor{};  // of all its threads, in user and kernel mode
  std::uint64_t resident_octets = 0;
  std::uint64_t memory_octets = 0;  // that the machine has
};

// What cannot be read is 0.
ProcessUse process_use();

}  // namespace fabrix::analyzer
