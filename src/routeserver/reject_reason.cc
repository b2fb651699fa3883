#include "routeserver/reject_reason.h"

#include <array>
#include <cstddef>

namespace fabrix::routeserver {
namespace {

struct Words {
  RejectReason reason;
  std::string_view name;
  std::string_view description;
  std::uint32_t looking_glass_code;
};

// The codes are those of IXP Manager, which Alice and its kin know by default. Its 6 (path too
// short), 11 (prefix not in origin AS) and 12 (RPKI unknown) reject nothing here; 16 is ours.
constexpr std::array<Words, kRejectReasons> kWords{{
    {RejectReason::kNoPolicy, "no-policy", "the exchange has chosen no policy", 0},
    {RejectReason::kMaxPrefix, "max-prefix", "the member announces more prefixes than it may", 0},
    {RejectReason::kTooLong, "too-long", "the prefix is longer than the exchange accepts", 1},
    {RejectReason::kTooShort, "too-short", "the prefix is shorter than the exchange accepts", 2},
    {RejectReason::kBogonPrefix, "bogon-prefix", "the prefix is not for use on the Internet", 3},
    {RejectReason::kPeeringLan, "peering-lan", "the prefix lies in the peering LAN", 0},
    {RejectReason::kOwnPrefix, "own-prefix", "the prefix is the exchange's own", 0},
    {RejectReason::kListedPrefix, "listed-prefix", "the prefix is on a list of the unwanted", 0},
    {RejectReason::kNextHop, "next-hop", "the next hop is not an address of the announcing router",
     8},
    {RejectReason::kFirstAs, "first-as", "the first AS of the path is not the member's", 7},
    {RejectReason::kPathTooLong, "path-too-long", "the AS path is longer than the exchange accepts",
     5},
    {RejectReason::kBogonAsn, "bogon-asn", "the path contains a reserved or private AS", 4},
    {RejectReason::kAsLoop, "as-loop", "the path contains the exchange's own AS", 0},
    {RejectReason::kRouteLeak, "route-leak", "the route was for customers only (OTC)", 0},
    {RejectReason::kNeverViaRouteServers, "never-via-route-servers",
     "the path contains an AS that wants no route server between", 0},
    {RejectReason::kTransitFree, "transit-free",
     "the path contains a network that buys no transit behind the member", 14},
    {RejectReason::kTooManyCommunities, "too-many-communities",
     "the route has more communities than the exchange accepts", 15},
    {RejectReason::kIrrPrefix, "irr-prefix", "the prefix is not in the member's AS-SETs", 9},
    {RejectReason::kIrrOrigin, "irr-origin", "the origin AS is not in the member's AS-SETs", 10},
    {RejectReason::kRpkiInvalid, "rpki-invalid", "RPKI says that the origin or length is wrong",
     13},
    {RejectReason::kAspaInvalid, "aspa-invalid",
     "ASPA says that an AS of the path is not the provider of the next", 16},
    {RejectReason::kBlackholeLength, "blackhole-length",
     "the prefix is too short or too long for a blackhole", 0},
    {RejectReason::kBlackholeUnauthorised, "blackhole-unauthorised",
     "nothing says that the member may blackhole the prefix", 0},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (static_cast<std::size_t>(kWords[i].reason) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

constexpr Words kUnknown{RejectReason::kMaxPrefix, "unknown", "unknown reason", 0};

const Words& words_of(RejectReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kWords.size() ? kWords.at(index) : kUnknown;
}

}  // namespace

std::string_view describe(RejectReason reason) {
  return words_of(reason).description;
}

std::string_view name_of(RejectReason reason) {
  return words_of(reason).name;
}

std::uint32_t looking_glass_code(RejectReason reason) {
  return words_of(reason).looking_glass_code;
}

}  // namespace fabrix::routeserver
