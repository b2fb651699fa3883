// Frames: Ethernet octets to net::Packet and back.
//
//   IEEE 802.3, 802.1Q (one tag, a customer's or a provider's); RFC 826 ARP; RFC 791 IPv4; RFC 8200
//   IPv6 (up to 8 extension headers); RFC 9293 TCP; RFC 768 UDP; RFC 9260 SCTP ports; RFC 792, 4443
//   ICMP; RFC 4861 ND
//
// parse_frame() accepts arbitrary octets (fuzzed in fuzz/net/frame_fuzz.cc): what is cut short or
// malformed leaves the later fields at 0, as a switch would see it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "net/packet.h"

namespace fabrix::net {

// None when there is no whole Ethernet header.
std::optional<Packet> parse_frame(std::span<const std::byte> frame);

inline constexpr std::size_t kMaxPayloadSize = 65'000;

// A frame that parse_frame() reads back as `packet` (in_port apart), with right checksums and
// lengths, carrying `payload` after the transport header (TCP, UDP) and padded to 60 octets.
std::vector<std::byte> build_frame(const Packet& packet, std::span<const std::byte> payload = {});

// ARP (RFC 826). A request goes to the broadcast address.
std::vector<std::byte> build_arp_request(MacAddress sender_mac, const IpAddress& sender,
                                         const IpAddress& target);
std::vector<std::byte> build_arp_reply(MacAddress sender_mac, const IpAddress& sender,
                                       MacAddress target_mac, const IpAddress& target);

// Neighbour discovery (RFC 4861). A solicitation goes to the target's solicited-node group; an
// advertisement is unicast, with the solicited and override flags and the target link-layer option;
// to a receiver that has no address yet (::), it goes to all nodes and is not solicited (§7.2.4).
std::vector<std::byte> build_neighbor_solicitation(MacAddress sender_mac, const IpAddress& sender,
                                                   const IpAddress& target);
std::vector<std::byte> build_neighbor_advertisement(MacAddress target_mac, const IpAddress& target,
                                                    MacAddress receiver_mac,
                                                    const IpAddress& receiver);

}  // namespace fabrix::net
