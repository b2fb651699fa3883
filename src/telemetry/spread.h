// Spread: who has the parts of some work done, perhaps at once. Telemetry itself knows no threads
// (docs/adr/0001-floors.md); whoever has some gives it one.
//
// An interface.
#pragma once

#include <cstddef>
#include <functional>

namespace fabrix::telemetry {

class Spread {
 public:
  Spread() = default;
  virtual ~Spread() = default;
  Spread(const Spread&) = delete;
  Spread& operator=(const Spread&) = delete;
  Spread(Spread&&) = delete;
  Spread& operator=(Spread&&) = delete;

  // How many parts the work has; at least 1, always the same.
  virtual std::size_t parts() const = 0;

  // Calls do_part with each number below parts(), in any order or at once; all have ended when it
  // returns. Not from a part.
  virtual void run(const std::function<void(std::size_t part)>& do_part) = 0;
};

}  // namespace fabrix::telemetry
