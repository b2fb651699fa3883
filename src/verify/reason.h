// Reason: what becomes of a packet that the exchange delivers, or why it does not (reference.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace fabrix::verify {

enum class Reason : std::uint8_t {
  kDelivered,
  kSpoofedSource,  // source MAC is not the port's
  kBadEtherType,   // neither IPv4, IPv6 nor ARP; tagged; group address
  kNoRoute,        // nothing announced to the sender covers the destination
  kOutboundDrop,
  kInboundDrop,
  kNoPortUp,            // the target has no port that is up
  kUnknownDestination,  // a MAC that belongs to nobody
  kHairpin,             // would go back to the port it came from
  kAnsweredByFabrix,    // ARP or ND
  kNotReturned,         // from a middlebox port, and not what it may give back
  kForeignAddress,      // from an address of the peering LAN that is not the router's
  kRefused,             // DHCP
  kNotOpen,             // the port is in quarantine, or shut down
  kUnannounced,         // from an address that the sender does not announce
};
std::string_view describe(Reason reason);  // for people

}  // namespace fabrix::verify
