// Which routers may have BGP sessions with the engine (docs/telemetry.md). Values.
#pragma once

#include <optional>
#include <vector>

#include "io/endpoint.h"
#include "speaker/neighbor.h"

namespace fabrix::analyzer {

struct BgpOptions {
  std::optional<io::IpEndpoint> listen;  // none: nowhere
  std::vector<speaker::NeighborOptions> neighbors;

  friend bool operator==(const BgpOptions&, const BgpOptions&) = default;
};

}  // namespace fabrix::analyzer
