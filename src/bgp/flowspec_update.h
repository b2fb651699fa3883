// UPDATE messages that carry flow specifications: SAFI 133 in MP_REACH_NLRI and MP_UNREACH_NLRI
// (RFC 8955 §4, RFC 4760 §3, §4).
//
// There is no next hop: its length is 0 when sent (RFC 8955 §4), and whatever it is when received
// is ignored. Whole messages with their headers, back to back, each of at most `max_message_size`
// octets (4096, or what RFC 8654 allows between two peers). Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "bgp/flowspec.h"
#include "bgp/update_encoder.h"
#include "net/ip_address.h"

namespace fabrix::bgp {

// Appends UPDATEs that announce `rules`, all of `family`, with the path attributes `attributes`
// (encoded; ORIGIN and AS_PATH among them, neither MP_REACH_NLRI nor MP_UNREACH_NLRI). Appends
// nothing if one of the rules fits no message with them: it is to be withdrawn instead.
Result<void, EncodeError> encode_flowspec_announcement(net::Family family,
                                                       std::span<const FlowSpecRule> rules,
                                                       std::span<const std::byte> attributes,
                                                       std::size_t max_message_size,
                                                       ByteWriter& out);

// Appends UPDATEs that withdraw `rules`, all of `family`. Rules that fit no message are left out:
// no message of that size can have announced them.
void encode_flowspec_withdrawal(net::Family family, std::span<const FlowSpecRule> rules,
                                std::size_t max_message_size, ByteWriter& out);

// Appends the End-of-RIB marker (RFC 4724 §2).
void encode_flowspec_end_of_rib(net::Family family, ByteWriter& out);

}  // namespace fabrix::bgp
