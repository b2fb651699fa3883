// The switches of a fabric and the links between them are what the configuration says: here are
// the names of exchange/topology.h that the fabric uses.
#pragma once

#include "exchange/topology.h"

namespace fabrix::fabric {

using exchange::describe;
using exchange::kMaxSwitches;
using exchange::Link;
using exchange::LinkEnd;
using exchange::LinkIndex;
using exchange::Paths;
using exchange::switch_of;
using exchange::SwitchIndex;
using exchange::SwitchRole;
using exchange::SwitchSpec;
using exchange::Topology;

}  // namespace fabrix::fabric
