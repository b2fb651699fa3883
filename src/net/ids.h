// The names of an exchange's parts, as dense numbers: who (ParticipantId), which of its routers
// (RouterId), where it is plugged in (PortNo).
#pragma once

#include <cstdint>

#include "base/strong_id.h"

namespace fabrix::net {

// A member network. Index into Exchange::participants. At most 4094 (12 bits of metadata; 0 =
// none).
using ParticipantId = StrongId<struct ParticipantTag, std::uint16_t>;

// A member's router, or its attachment to the fabric: one port with one MAC. Index into
// Exchange::routers. At most 4094 (12 bits of tag; 0 = none).
using RouterId = StrongId<struct RouterTag, std::uint16_t>;

// A fabric port, numbered as OpenFlow does: 1 .. 0xfeff.
using PortNo = StrongId<struct PortNoTag, std::uint32_t>;

}  // namespace fabrix::net
