// Where a packet's buckets (net/flow_hash.h) are in Open vSwitch: side by side in its first
// register.
//
// Pure.
#pragma once

#include "net/flow_hash.h"
#include "openflow/flow.h"

namespace fabrix::fabric {

// The first of a bucket's bits.
unsigned bucket_offset(net::HashKey key);

// Puts the packet in its bucket.
openflow::OpaqueAction hash_action(net::HashKey key);

}  // namespace fabrix::fabric
