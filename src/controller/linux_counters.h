// LinuxCounters: what programs of the Linux fabric count by (fabric/linux_unit.h), in the kernel's
// map `counters`: there as long as a unit has them, and read many at a time.
//
// What was counted is told once, also of counters that go. Those that a process before this one
// left go on where a unit has them. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "fabric/linux_unit.h"
#include "fabric/query_counts.h"
#include "io/bpf_map.h"

namespace fabrix::controller {

class LinuxCounters {
 public:
  struct Counted {
    fabric::LinuxCounter counter;
    fabric::QueryCount more;
  };

  // Those of a unit that comes: at 0 where they are not there.
  Result<void> add(const io::BpfMap& map, const std::vector<fabric::LinuxCounter>& counters);
  // Those of a unit that goes.
  Result<void> release(const io::BpfMap& map, const std::vector<fabric::LinuxCounter>& counters);

  // From now on no unit is known, and the map may have others; until drop_foreign(), after those
  // have come that there are.
  void forget_units();
  Result<void> drop_foreign(const io::BpfMap& map);

  // Of a key that may be somebody else's, or gone: whether it was as it should be.
  Result<bool> mend(const io::BpfMap& map, std::uint64_t key);

  // Since the last time.
  Result<std::vector<Counted>> take(const io::BpfMap& map);

 private:
  struct Counter {
    fabric::LinuxCounter what;
    fabric::QueryCount counted;  // when it was last looked at
    std::size_t units = 0;       // that count by it
  };

  Result<void> drop(const io::BpfMap& map, std::uint64_t key);
  void note(Counter& counter, const fabric::QueryCount& now);

  std::unordered_map<std::uint64_t, Counter> counters_;  // by key
  std::vector<Counted> untold_;
  bool foreign_ = false;  // there may be some
};

}  // namespace fabrix::controller
