// Encoding of UPDATE messages: routes and withdrawals to as few messages as hold them.
//
//   RFC 4271 §4.3   IPv4: NEXT_HOP, NLRI, withdrawn routes
//   RFC 4760, 2545  IPv6: MP_REACH_NLRI with a 16-octet next hop, MP_UNREACH_NLRI
//   RFC 8950        IPv4 with an IPv6 next hop: MP_REACH_NLRI, withdrawn as ever
//   RFC 6793 §4.2   AS_TRANS, AS4_PATH and AS4_AGGREGATOR for two-octet peers
//   RFC 7911 §3     path identifiers
//   RFC 8654        messages larger than 4096 octets
//
// Whole messages with their headers, back to back. Attributes appear in order of their type codes,
// except that MP_REACH_NLRI comes first (RFC 7606 §5.1), so that a receiver finds the routes even
// where a later attribute is damaged. decode_update() of each yields the same routes and attributes
// again. Pure functions: the bytes depend on nothing else, so peers of the same options can share
// them.
//
// Two levels: encode_attributes() and pack_announcement() for whoever keeps the attributes of many
// routes encoded; encode_announcement() and encode_update() for the rest. No allocation per prefix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/byte_writer.h"
#include "base/result.h"
#include "bgp/attribute_encoder.h"
#include "bgp/message_header.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::bgp {

enum class EncodeError : std::uint8_t {
  kAttributesTooLarge,  // they leave no room for one prefix: withdraw the routes instead
  kNextHopNotSayable,   // an IPv6 next hop of IPv4 routes, and the peer does not know RFC 8950
};

struct EncodeOptions {
  AsnWidth asn_width = AsnWidth::kFourOctets;
  std::size_t max_message = kMaxMessageSize;  // 4096 .. kMaxExtendedMessageSize
  bool add_path = false;                      // every prefix has a path identifier in front
  bool ipv4_over_ipv6_next_hop = false;       // RFC 8950 is negotiated
};

// Prefixes of one family. With add_path, as many path identifiers, or none, which stands for zeros;
// without, they are not looked at. A view.
struct NlriList {
  std::span<const net::Prefix> prefixes;
  std::span<const std::uint32_t> path_ids = {};
};

// Appends UPDATEs that announce `routes` with an attribute block as encode_attributes() wrote it
// for options.asn_width. Appends nothing if it fails, or if there are no prefixes. Room is reckoned
// for the longest prefix of the family, so success depends on everything but the prefixes.
Result<void, EncodeError> pack_announcement(std::span<const std::byte> attribute_block,
                                            const net::IpAddress& next_hop, const NlriList& routes,
                                            const EncodeOptions& options, ByteWriter& out);

// Appends what pack_announcement() would with another next hop, of the same family as that of the
// `messages` that it appended for this block: quicker.
void copy_announcement(std::span<const std::byte> messages,
                       std::span<const std::byte> attribute_block, const net::IpAddress& next_hop,
                       ByteWriter& out);

// Both steps at once.
Result<void, EncodeError> encode_announcement(const PathAttributes& attributes,
                                              const net::IpAddress& next_hop,
                                              const NlriList& routes, const EncodeOptions& options,
                                              ByteWriter& out);
Result<void, EncodeError> encode_announcement(const PathAttributes& attributes,
                                              const net::IpAddress& next_hop,
                                              std::span<const net::Prefix> prefixes,
                                              AsnWidth asn_width, ByteWriter& out);

// Appends UPDATEs that withdraw `routes`, all of `family`.
void encode_withdrawal(net::Family family, const NlriList& routes, const EncodeOptions& options,
                       ByteWriter& out);
void encode_withdrawal(net::Family family, std::span<const net::Prefix> prefixes, ByteWriter& out);

// Appends UPDATEs that withdraw and announce what `update` does (unicast). Appends nothing if it
// fails.
Result<void, EncodeError> encode_update(const UpdateMessage& update, const EncodeOptions& options,
                                        ByteWriter& out);
Result<void, EncodeError> encode_update(const UpdateMessage& update, AsnWidth asn_width,
                                        ByteWriter& out);

// Appends the End-of-RIB marker of `family` (RFC 4724 §2).
void encode_end_of_rib(net::Family family, ByteWriter& out);

}  // namespace fabrix::bgp
