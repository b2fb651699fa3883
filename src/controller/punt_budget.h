// PuntBudget: how many of the frames that fabrics send to the controller it looks at, from all
// switches and ports together: kPerSecond. Each switch bounds what it sends (fabric/
// controller_limit.h), but there may be many.
//
// Fair to ports: time is cut into windows of a tenth of a second. Ports that asked in the window
// before share it evenly; others have what the former cannot take (a port's own limit,
// program::kPuntsPerSecond), and kReserve at least. So one port's flood, or many ports', leaves
// room for who asks now and then.
//
// Pure: the time comes with the frame. Remembers the ports that asked lately. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "net/ids.h"
#include "program/drop.h"

namespace fabrix::controller {

class PuntBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::uint32_t kPerSecond = 5000;
  static constexpr std::chrono::milliseconds kWindow{100};
  static constexpr std::uint32_t kPerWindow = kPerSecond / 10;
  static constexpr std::uint32_t kOfOnePort = program::kPuntsPerSecond / 10;
  static constexpr std::uint32_t kReserve = kPerWindow / 5;

  // Whether one more frame of that port is to be looked at; it counts if so.
  bool take(net::PortNo port, TimePoint now);

  std::uint64_t taken() const { return taken_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void begin_window(TimePoint now);
  bool has_room(net::PortNo port) const;

  TimePoint began_{};
  std::map<net::PortNo, std::uint32_t> before_;  // those that asked in the window before
  std::map<net::PortNo, std::uint32_t> ports_;   // what each has taken in this window
  std::uint32_t known_ = 0;                      // what those of before_ have taken together
  std::uint32_t new_ = 0;                        // and all others
  std::uint64_t taken_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace fabrix::controller
