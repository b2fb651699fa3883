// All packets that policy::Probes makes.
#pragma once

#include <vector>

#include "policy/readings.h"

namespace fabrix::policy {

inline std::vector<net::Packet> probes_of(const ClauseList& list, const ClauseList& other = {}) {
  std::vector<net::Packet> all;
  Probes probes(list, other);
  while (const auto packet = probes.next()) all.push_back(*packet);
  return all;
}

}  // namespace fabrix::policy
