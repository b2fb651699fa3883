// SessionPolicy: how the route server speaks BGP with one router; ImportPolicy: which of its routes
// are used. Both are resolved values: the exchange's defaults with a participant's own settings
// over them.
//
// Pure values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/asn.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::exchange {

// Who opens the connection. Dialling does not exclude being dialled (RFC 4271 §6.8).
enum class Dialling : std::uint8_t { kPassive, kActive };

struct SessionPolicy {
  std::optional<std::string> md5_password;  // RFC 2385: 1 to 80 octets
  bool gtsm = false;                        // RFC 5082
  Dialling dialling = Dialling::kPassive;
  std::chrono::seconds hold_time{90};             // offered; 0 or 3 .. 65535
  std::optional<std::chrono::seconds> send_hold;  // none: twice the negotiated hold time
  bool role = true;                               // RFC 9234: we are its route server
  bool strict_role = false;                       // the peer must send a fitting one
  bool add_path = false;                          // RFC 7911: all routes it may use, when it asks
  bool extended_next_hop = false;                 // RFC 8950
  bool extended_messages = true;                  // RFC 8654
  bool flowspec = false;                          // RFC 8955
  // RFC 4724: offered with this restart time, and kept as long for a peer that restarts. 0: not.
  std::chrono::seconds graceful_restart{120};
  std::chrono::seconds long_lived{0};  // RFC 9494 stale time; 0: not

  friend bool operator==(const SessionPolicy&, const SessionPolicy&) = default;
};

// Lengths of prefixes that are accepted, inclusive.
struct LengthBounds {
  std::uint8_t least = 0;
  std::uint8_t most = 128;

  friend bool operator==(const LengthBounds&, const LengthBounds&) = default;
};

// Which next hops a router's routes may have.
enum class NextHopRule : std::uint8_t {
  kStrict,    // an address of the announcing router
  kSameAs,    // an address of any router of a participant with its AS
  kAnyOnLan,  // any member's router
};

enum class LimitAction : std::uint8_t { kWarn, kBlock, kShutdown, kRestart };

// At most so many prefixes of a family.
struct PrefixLimit {
  std::optional<std::uint32_t> ipv4;  // none: no limit of this kind
  std::optional<std::uint32_t> ipv6;
  std::uint8_t warn_percent = 80;
  LimitAction action = LimitAction::kShutdown;  // kBlock: further prefixes are rejected
  std::chrono::minutes restart_after{15};       // of kRestart
  bool count_rejected = true;                   // before the filters, not after

  friend bool operator==(const PrefixLimit&, const PrefixLimit&) = default;
};

// What a member may announce by the IRR: the prefixes and origins of its AS-SETs, as bgpq4 writes
// them (routeserver/irr_sets.h). `enforce_*` without data rejects everything of the kind.
struct IrrRule {
  std::vector<std::string> as_sets;  // for people
  std::string prefixes_file;         // bgpq4 -j; one file may hold both families
  std::string origins_file;          // bgpq4 -jt
  bool enforce_prefix = false;
  bool enforce_origin = false;
  bool allow_longer = false;  // more specifics up to the length bounds

  friend bool operator==(const IrrRule&, const IrrRule&) = default;
};

enum class RpkiRule : std::uint8_t { kOff, kMark, kRejectInvalid };

// RFC 7999. Routes with BLACKHOLE are accepted within these bounds, and only from members that are
// authorised by IRR, or by a ROA that covers them whatever its maximum length, if either is on.
struct BlackholeRule {
  bool accept = false;
  LengthBounds ipv4{25, 32};
  LengthBounds ipv6{65, 128};
  std::optional<net::IpAddress> next_hop_ipv4;  // written into the routes; none: unchanged
  std::optional<net::IpAddress> next_hop_ipv6;

  friend bool operator==(const BlackholeRule&, const BlackholeRule&) = default;
};

struct ImportPolicy {
  // False: nobody has chosen a policy, so nothing is accepted, and nothing told (RFC 8212 §3).
  bool chosen = true;
  LengthBounds ipv4{0, 32};
  LengthBounds ipv6{0, 128};
  bool reject_bogon_prefixes = false;  // with the default route
  bool reject_bogon_asns = false;
  std::optional<std::uint16_t> max_as_path_length;
  std::optional<std::uint16_t> max_communities;  // of all three kinds together
  NextHopRule next_hop = NextHopRule::kStrict;
  bool enforce_first_as = true;
  std::vector<net::Asn> transit_free;             // sorted; not behind a member
  std::vector<net::Asn> never_via_route_servers;  // sorted
  std::vector<net::Prefix> own_prefixes;          // the exchange's, with what is inside
  std::vector<net::Prefix> rejected_prefixes;     // this member's or the exchange's black list
  IrrRule irr;
  RpkiRule rpki = RpkiRule::kOff;  // origins (RFC 6811)
  RpkiRule aspa = RpkiRule::kOff;  // paths (draft-ietf-sidrops-aspa-verification)
  BlackholeRule blackhole;
  bool graceful_shutdown = true;  // RFC 8326: the community makes a route the last choice
  PrefixLimit limit;

  friend bool operator==(const ImportPolicy&, const ImportPolicy&) = default;
};

// The presets of the configuration's `policy`.
enum class PolicyPreset : std::uint8_t {
  kNone,     // none is written: no routes (RFC 8212)
  kMinimal,  // next hop, first AS, AS loop, peering LAN
  kIxp,      // + lengths 8..24 and 12..48, bogons, AS path 64, communities 100, blackhole
  kStrict,  // + RPKI invalid rejected, transit-free ASNs, limit 170,000 and 12,000, IRR where given
};

ImportPolicy preset(PolicyPreset which);

// Free of charge for everyone at an exchange: networks that buy no transit (IXP Manager's and
// ARouteServer's list).
const std::vector<net::Asn>& transit_free_asns();

}  // namespace fabrix::exchange
