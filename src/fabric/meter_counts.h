// MeterCounts: what a switch's meters have dropped, by what they count for
// (program::Meter::counter).
//
//   OpenFlow 1.4.1 §7.3.5.14 meter statistics
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "fabric/query_counts.h"
#include "openflow/meter.h"
#include "program/program.h"

namespace fabrix::fabric {

class MeterCounts {
 public:
  struct More {
    std::uint64_t counter = 0;
    QueryCount count;

    friend bool operator==(const More&, const More&) = default;
  };

  // What the meters of `program`, if there is one, that count have dropped since they were last
  // told of. One that says less than before was set anew.
  std::vector<More> update(const program::ProgramPtr& program,
                           std::span<const openflow::MeterStats> meters);

 private:
  std::map<std::pair<std::uint32_t, std::uint64_t>, QueryCount> seen_;  // by meter and counter
};

}  // namespace fabrix::fabric
