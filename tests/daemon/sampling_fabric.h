// A fabric that samples and counts what a test says.
#pragma once

#include <cstddef>
#include <span>

#include "fabric/simulated.h"

namespace fabrix::daemon::testing {

class SamplingFabric : public fabric::SimulatedFabric {
 public:
  Result<void> set_sampling(const fabric::SamplingRates& wanted) override {
    rates = wanted;
    return {};
  }
  void read_port_counts() override { set_port_counts(counts); }

  fabric::SamplingRates rates;
  fabric::PortCounts counts;
};

// A frame from port 1 to port 2, one of a hundred.
inline fabric::Sample sample(std::span<const std::byte> header) {
  return {.port = net::PortNo{1},
          .fate = fabric::Sample::Fate::kForwarded,
          .egress = net::PortNo{2},
          .frames = 1,
          .rate = 100,
          .times = 1,
          .frame_length = 1000,
          .pool = 12345,
          .drops = 6,
          .header = header};
}

}  // namespace fabrix::daemon::testing
