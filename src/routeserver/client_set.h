// ClientSet: a set of sessions, one bit a PeerId.
#pragma once

#include "base/bit_set.h"
#include "routeserver/peer.h"

namespace fabrix::routeserver {

using ClientSet = BitSet<PeerId>;

}  // namespace fabrix::routeserver
