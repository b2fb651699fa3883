// PortDrops: what the ports' rules have dropped, by port and reason, with rates: what `fabrix show
// drops`, `fabrix show ports` and the metrics tell.
//
// The fabric counts (program/drop.h); a rate is that of the time between the last two readings.
// Bounded: a counter for each port of the exchange and reason. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "exchange/exchange.h"
#include "fabric/query_counts.h"
#include "program/drop.h"

namespace fabrix::controller {

struct DropReport {
  program::PortDrop drop;
  fabric::QueryCount total;
  std::optional<double> packets_per_second;  // none before the second reading
  // When it was last seen to have counted more; none: never.
  std::optional<std::chrono::system_clock::time_point> last_change;
};

class PortDrops {
 public:
  struct Now {
    std::chrono::steady_clock::time_point steady;
    std::chrono::system_clock::time_point wall;
  };

  // What has been counted up to now at the exchange's ports; others are forgotten.
  void update(const exchange::Exchange& exchange, const fabric::QueryCounts& counts,
              const Now& now);

  // By port, then reason; those that counted something.
  const std::vector<DropReport>& reports() const { return reports_; }

 private:
  std::vector<DropReport> reports_;
  std::optional<std::chrono::steady_clock::time_point> read_;
};

}  // namespace fabrix::controller
