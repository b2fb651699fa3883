// The switches of an OpenFlow fabric and the links between them, as exchange.yaml says them in the
// section `fabric`:
//
//     switches:
//       - {name: e1, datapath: "00000000000000e1", role: edge, ports: {1: 11, 2: 12}}
//       - {name: c1, datapath: "00000000000000c1", role: core}
//     links: [[e1:49, c1:1]]
//
// `ports` are the exchange's ports and what the switch calls them; a list means that both are the
// same. What is read without complaint has the invariants of exchange/topology.h.
//
// Pure.
#pragma once

#include "exchange/topology.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// `fabric` is the section, a map. No switches: none are named, or they make no sense.
Topology read_switches(YamlReader& reader, const YamlNode& fabric);

}  // namespace fabrix::exchange
