// A second look at what is about to be sent: do these octets say exactly this, without a flaw?
//
// A route server that hands out malformed UPDATEs takes other people's sessions down (RELIABILITY:
// strict re-parse of everything emitted). The decoder that judges members judges us here, and where
// it would forgive, this does not. Tests, fuzz targets and the sampling of a running server share
// it.
#pragma once

#include <cstddef>
#include <span>

#include "bgp/update_encoder.h"
#include "bgp/update_message.h"

namespace fabrix::bgp {

// Whether `messages`, whole and back to back, are flawless UPDATEs for a peer of these options
// (without ADD-PATH, which Fabrix does not read) that together withdraw and announce what `wanted`
// does, with its attributes. The order of prefixes counts within a family; problems, markers,
// ignored families and FlowSpec of `wanted` do not.
bool says_exactly(std::span<const std::byte> messages, const UpdateMessage& wanted,
                  const EncodeOptions& options);
bool says_exactly(std::span<const std::byte> messages, const UpdateMessage& wanted,
                  AsnWidth asn_width);

}  // namespace fabrix::bgp
