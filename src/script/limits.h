// What a script may use. Every limit is for one script; what goes beyond costs only that one.
#pragma once

#include <chrono>
#include <cstddef>

namespace fabrix::script {

struct Limits {
  std::size_t memory_mib = 64;                     // besides the interpreter's own
  unsigned cpu_percent = 25;                       // of a core, in the long run: it waits
  std::chrono::milliseconds cpu_burst{10'000};     // of CPU time, before it waits
  std::chrono::milliseconds cpu_at_once{2'000};    // of CPU time for one piece of work: it ends
  std::chrono::milliseconds time_at_once{60'000};  // for one piece of work: it ends
  unsigned calls_percent = 10;                     // of our thread's time for its calls: it waits
  std::size_t queue = 256;                         // pieces of work: the oldest is lost
  // Before it is started again: longer each time.
  std::chrono::milliseconds least_pause{1'000};
  std::chrono::milliseconds most_pause{60'000};

  friend bool operator==(const Limits&, const Limits&) = default;
};

// Octets.
inline constexpr std::size_t kMaxSource = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxMessage = std::size_t{16} << 20U;

}  // namespace fabrix::script
