// Why an import filter refuses a route. The route is kept for people to see and used by nobody.
#pragma once

#include <cstdint>
#include <string_view>

namespace fabrix::routeserver {

// In the order in which the filters ask: a route that has several faults has the first.
enum class RejectReason : std::uint8_t {
  kNoPolicy,              // nobody has chosen a policy for the member (RFC 8212 §3)
  kMaxPrefix,             // more than the member may announce, which is to be blocked
  kTooLong,               // the prefix
  kTooShort,              // the prefix; the default route too
  kBogonPrefix,           // IANA special purpose: never on the Internet
  kPeeringLan,            // the prefix lies in the peering LAN
  kOwnPrefix,             // the prefix is the exchange's own
  kListedPrefix,          // the exchange or the member does not want it announced
  kNextHop,               // not an address of the announcing router (RFC 7948 §4.8)
  kFirstAs,               // the path does not begin with the member's AS (RFC 4271 §6.3)
  kPathTooLong,           // the AS path
  kBogonAsn,              // an AS that is reserved or private in the path
  kAsLoop,                // the exchange's own AS in the path (RFC 4271 §9.1.2)
  kRouteLeak,             // a client's route with OTC (RFC 9234 §5)
  kNeverViaRouteServers,  // an AS in the path that wants no route server between
  kTransitFree,           // a network that buys no transit behind the member
  kTooManyCommunities,
  kIrrPrefix,              // not in the prefixes of the member's AS-SETs
  kIrrOrigin,              // its origin is not in the member's AS-SETs
  kRpkiInvalid,            // RFC 6811
  kAspaInvalid,            // draft-ietf-sidrops-aspa-verification: leaked or forged
  kBlackholeLength,        // RFC 7999, out of the bounds
  kBlackholeUnauthorised,  // nothing says that the member may blackhole this
};

inline constexpr std::uint8_t kRejectReasons = 23;

// For people: "the prefix is longer than the exchange accepts".
std::string_view describe(RejectReason reason);

// A word for metrics, JSON and filters: "too-long".
std::string_view name_of(RejectReason reason);

// The last part of the large community RS:1101:N by which looking glasses know the reason (IXP
// Manager, Euro-IX); 0 if they have none.
std::uint32_t looking_glass_code(RejectReason reason);

}  // namespace fabrix::routeserver
