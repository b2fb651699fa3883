// The UPDATE message as a member's router sends it: decoding, with the reactions RFC 7606
// prescribes.
//
//   RFC 4271 §4.3, §6.3   format
//   RFC 4760, 2545        IPv6 (and IPv4) unicast in MP_REACH_NLRI and MP_UNREACH_NLRI
//   RFC 8950              IPv4 in MP_REACH_NLRI with an IPv6 next hop
//   RFC 8955, 8956        FlowSpec; its next hop is ignored, a malformed rule resets
//   RFC 6793              four-octet AS numbers; AS4_PATH and AS4_AGGREGATOR from two-octet peers
//   RFC 7606, 7607        errors: discard an attribute, treat as withdraw, or reset; strongest wins
//   RFC 4724 §2           End-of-RIB
//
// Every peer of a route server is external; of one that is internal LOCAL_PREF is kept, too. What
// is legal here but unwanted at an exchange (first AS, AS loops, foreign next hops, bogons) is the
// route server's import filter's to refuse.
//
// decode_update() parses all, then reports: nothing of a message that resets takes effect. Pure; it
// accepts arbitrary bytes and is fuzzed in fuzz/bgp/update_message_fuzz.cc. Cost: O(octets), or
// O(n log n) when a message both announces and withdraws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bgp/capability.h"
#include "bgp/family_set.h"
#include "bgp/flowspec.h"
#include "bgp/notification_message.h"
#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::bgp {

// How wide AS numbers are in AS_PATH and AGGREGATOR: four octets if both sides said so.
enum class AsnWidth : std::uint8_t { kTwoOctets = 2, kFourOctets = 4 };

struct UpdateOptions {
  AsnWidth asn_width = AsnWidth::kFourOctets;
  FamilySet families{.ipv4 = true, .ipv6 = true};  // negotiated; routes of others are ignored
  FamilySet flowspec = {};                         // likewise
  bool ipv4_over_ipv6_next_hop = false;            // RFC 8950 is negotiated
  bool internal = false;                           // the peer is: LOCAL_PREF counts
};

// Routes of one family with one next hop. The next hop is of that family, or IPv6 for IPv4 routes
// where RFC 8950 is negotiated, and a host address: not unspecified, loopback, multicast, reserved
// or (IPv6) link-local. `prefixes` is not empty.
struct Announcement {
  net::Family family = net::Family::kIpv4;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  std::vector<net::Prefix> prefixes;  // as received: may repeat

  friend bool operator==(const Announcement&, const Announcement&) = default;
};

// What is wrong with an attribute, or with the attributes as a whole.
enum class AttributeError : std::uint8_t {
  kMalformedList,  // they end within an attribute
  kUnknownWellKnown,
  kMissing,  // a mandatory attribute
  kFlags,    // Optional or Transitive bit
  kLength,
  kInvalidOrigin,
  kInvalidNextHop,
  kMalformedAsPath,
  kMalformedValue,  // of an optional attribute
  kRepeated,        // all but the first are dropped
  kNotAllowed,      // well-formed or not, it has no place in an exchange: dropped
};

std::string_view describe(AttributeError error);

// The code with which RFC 4271 §6.3 would have ended the session.
NotificationCode notification_for(AttributeError error);

// `type` is the attribute's type code as on the wire, 0 when no single attribute is to blame.
struct AttributeProblem {
  std::uint8_t type = 0;
  AttributeError error = AttributeError::kMalformedList;

  friend bool operator==(const AttributeProblem&, const AttributeProblem&) = default;
};

// "attribute 1: wrong length"
std::string to_string(const AttributeProblem& problem);

// FlowSpec rules of one family. Rules treated as withdrawn (RFC 7606 §2) are in `withdrawn`.
struct FlowSpecRoutes {
  net::Family family = net::Family::kIpv4;
  std::vector<FlowSpecRule> announced;
  std::vector<FlowSpecRule> withdrawn;
  bool end_of_rib = false;

  friend bool operator==(const FlowSpecRoutes&, const FlowSpecRoutes&) = default;
};

// What an UPDATE asks for. Apply `withdrawn`, then `announced` in order.
struct UpdateMessage {
  // Of both families. No prefix is also announced (RFC 4271 §4.3). Routes treated as withdrawn are
  // among them.
  std::vector<net::Prefix> withdrawn;

  // One per family and next hop: at most MP_REACH_NLRI's and the classic NLRI's.
  std::vector<Announcement> announced;

  // Of all announced routes and FlowSpec rules; null exactly when none are announced.
  AttributesPtr attributes;

  // Not empty: all announced routes were treated as withdrawn (RFC 7606 §2), and why.
  std::vector<AttributeProblem> treated_as_withdraw;

  // Attributes that were dropped while the routes were kept. Nothing for a peer to be told.
  std::vector<AttributeProblem> discarded;

  // Families whose initial routes are now complete. At most one.
  std::vector<net::Family> end_of_rib;

  // Families that were not negotiated, whose routes were ignored.
  std::vector<Multiprotocol> ignored_families;

  // At most one per negotiated FlowSpec family.
  std::vector<FlowSpecRoutes> flowspec;

  // Compares the attributes, not where they are.
  friend bool operator==(const UpdateMessage& a, const UpdateMessage& b);
};

// An UPDATE that ends the session: the NOTIFICATION to send, and its reason for people.
struct UpdateReset {
  NotificationMessage notification;
  std::string_view reason;  // static

  friend bool operator==(const UpdateReset&, const UpdateReset&) = default;
};

// Decodes the body of an UPDATE: what follows the 19-octet header, and no more.
Result<UpdateMessage, UpdateReset> decode_update(std::span<const std::byte> body,
                                                 const UpdateOptions& options);

}  // namespace fabrix::bgp
