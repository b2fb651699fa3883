// An Open vSwitch of the lab's own: ovsdb-server and ovs-vswitchd with the userspace datapath, in
// the switch's namespace and the lab's directory, which end with the namespace's processes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/network.h"

namespace fabrix::lab {

// Starts both daemons; they write below lab_directory(lab). Returns when the database answers.
Result<void> start_switch(std::string_view lab);

// Makes the bridge with a port for each node, numbered as the exchange says, forwarding nothing
// (fail-mode secure) until the controller at openflow_socket(lab) says what. Of a fabric of several
// switches: a bridge for each, called "sw-NAME", with its ports and its ends of links
// (lay_links()).
Result<void> configure_bridges(std::string_view lab, const std::vector<Node>& nodes,
                               const exchange::Topology& topology);

std::vector<std::string> switch_logs(std::string_view lab);

}  // namespace fabrix::lab
