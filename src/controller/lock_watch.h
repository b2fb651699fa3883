// LockWatch: at which ports frames with a foreign source MAC keep coming in, so that they are to be
// closed (exchange::MacLock).
//
// A port is in violation from the reading on that finds as many such frames a second as its lock
// says, or more, until one that finds less than half as many. When that has lasted for the lock's
// seconds, and goes on, the port is to be closed. Only ports that are open are looked at: one that
// is released begins anew.
//
// A fabric may answer a reading before it has counted what came meanwhile, so one without any such
// frame ends nothing until kPatience has passed.
//
// Pure: the time comes with the reading. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "controller/port_drops.h"
#include "exchange/exchange.h"
#include "exchange/port_locks.h"
#include "net/ids.h"

namespace fabrix::controller {

struct LockViolation {
  net::RouterId router;
  std::uint64_t frames = 0;  // since it began
  std::chrono::seconds lasted{0};
};

class LockWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kPatience{5};

  // The ports that are to be closed, by a reading of `now`: once for each time.
  std::vector<LockViolation> look(const exchange::Exchange& exchange,
                                  const exchange::PortLocks& locks,
                                  std::span<const DropReport> drops, TimePoint now);

 private:
  struct Seen {
    std::uint64_t frames = 0;
    TimePoint at;
  };
  struct Port {
    Seen last;
    std::optional<Seen> began;  // a violation
  };
  static std::optional<LockViolation> judge(Port& port, const exchange::MacLock& lock,
                                            const Seen& seen);

  std::map<net::RouterId, Port> ports_;
};

}  // namespace fabrix::controller
