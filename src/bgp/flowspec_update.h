// UPDATE messages that carry flow specifications: SAFI 133 in MP_REACH_NLRI and MP_UNREACH_NLRI
// (RFC 8955 §4, RFC 4760 §3, §4).
//
// There is no next hop: its length is 0 when sent (RFC 8955 §4), and whatever it is when received
// is ignored; but for rules with kRedirectToNextHop, which is where they send their packets. Whole
// messages with their headers, back to back, each of at most `max_message_size` octets (4096, or
// what RFC 8654 allows between two peers). Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "bgp/flowspec.h"
#include "bgp/update_encoder.h"
#include "net/ip_address.h"

namespace fabrix::bgp {

// The value of an extended community (draft-simpson-idr-flowspec-redirect-02 §3): packets are
// redirected, not copied (C = 0), to the next hop of MP_REACH_NLRI.
inline constexpr std::uint64_t kRedirectToNextHop = 0x0800'0000'0000'0000;

// What is said of rules beside themselves.
struct FlowSpecPath {
  // Encoded; ORIGIN and AS_PATH among them, neither MP_REACH_NLRI nor MP_UNREACH_NLRI.
  std::span<const std::byte> attributes;
  std::optional<net::IpAddress> next_hop{};
};

// Appends UPDATEs that announce `rules`, all of `family`. Appends nothing if one of the rules fits
// no message with its path: it is to be withdrawn instead.
Result<void, EncodeError> encode_flowspec_announcement(net::Family family,
                                                       std::span<const FlowSpecRule> rules,
                                                       const FlowSpecPath& path,
                                                       std::size_t max_message_size,
                                                       ByteWriter& out);

// Appends UPDATEs that withdraw `rules`, all of `family`. Rules that fit no message are left out:
// no message of that size can have announced them.
void encode_flowspec_withdrawal(net::Family family, std::span<const FlowSpecRule> rules,
                                std::size_t max_message_size, ByteWriter& out);

// Appends the End-of-RIB marker (RFC 4724 §2).
void encode_flowspec_end_of_rib(net::Family family, ByteWriter& out);

}  // namespace fabrix::bgp
