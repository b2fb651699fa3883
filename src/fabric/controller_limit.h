// ControllerLimit: the meter that bounds what a switch sends to the controller, from all its ports
// together; that of each port is the Program's (program/drop.h).
//
//   OpenFlow 1.3.5 / 1.4.1 §7.3.4.4: OFPM_CONTROLLER, a virtual meter
//
// A switch may have no such meter: then it is not asked again before the next connection, and the
// limits of the ports and the controller's own bound it. Not thread-safe; no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "openflow/meter.h"

namespace fabrix::fabric {

class ControllerLimit {
 public:
  static constexpr std::uint32_t kPacketsPerSecond = 5000;
  static constexpr std::uint32_t kPacketsAtOnce = 1000;

  static openflow::MeterConfig wanted();

  // A switch has connected.
  void forget() { refused_ = false; }
  // Takes the meter out of what was read. What puts it right; none: it is right, or was refused.
  std::optional<openflow::MeterMod> note(std::vector<openflow::MeterConfig>& meters) const;
  void refused() { refused_ = true; }

 private:
  bool refused_ = false;
};

}  // namespace fabrix::fabric
