// A topology as sFlow-RT's users write it:
//
//   {"nodes": {"leaf1": {"agent": "192.0.2.1", "ports": {"swp1": {"ifindex": 3}}}},
//    "links": {"link1": {"node1": "leaf1", "port1": "swp1", "node2": "spine1", "port2": "swp4"}}}
//
// Numbers may be texts; agent, ports and nodes may be left out; what else there is (version) is
// ignored. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "telemetry/topology.h"

namespace fabrix::analyzer {

// Fails with what is wrong, and where.
Result<telemetry::TopologyMap> topology_of(const boost::json::object& object);

// With what was learned of it.
boost::json::object to_json(const telemetry::Topology& topology);

}  // namespace fabrix::analyzer
