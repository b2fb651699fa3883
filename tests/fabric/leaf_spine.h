// Two edges and two cores, for tests: e1 has ports 1 and 2 of the exchange, e2 has 3 and 4, each
// edge has a link to each core.
#pragma once

#include "fabric/topology.h"

namespace fabrix::fabric {

inline constexpr SwitchIndex kE1 = 0;
inline constexpr SwitchIndex kE2 = 1;
inline constexpr SwitchIndex kC1 = 2;
inline constexpr SwitchIndex kC2 = 3;

inline LinkEnd link_end(SwitchIndex at, std::uint32_t port) {
  return {.at = at, .port = net::PortNo{port}};
}

// Own numbers: the edges' ports are 11 and 12, their links 21 (to c1) and 22 (to c2); the cores'
// links are 31 (to e1) and 32 (to e2). Datapaths are 0xe1, 0xe2, 0xc1, 0xc2.
inline Topology leaf_spine() {
  using enum SwitchRole;
  using net::PortNo;
  Topology made;
  made.switches = {{.name = "e1",
                    .datapath_id = 0xe1,
                    .role = kEdge,
                    .ports = {{PortNo{1}, PortNo{11}}, {PortNo{2}, PortNo{12}}}},
                   {.name = "e2",
                    .datapath_id = 0xe2,
                    .role = kEdge,
                    .ports = {{PortNo{3}, PortNo{11}}, {PortNo{4}, PortNo{12}}}},
                   {.name = "c1", .datapath_id = 0xc1, .role = kCore},
                   {.name = "c2", .datapath_id = 0xc2, .role = kCore}};
  made.links = {{link_end(kE1, 21), link_end(kC1, 31)},
                {link_end(kE1, 22), link_end(kC2, 31)},
                {link_end(kE2, 21), link_end(kC1, 32)},
                {link_end(kE2, 22), link_end(kC2, 32)}};
  return made;
}

}  // namespace fabrix::fabric
