// explain(): which step of the decision process (decision.h) puts one route before another, in
// words, for people who ask why the best route is best.
//
//   RFC 4271 §9.1.2.2   AS path, origin, MED, BGP identifier, address
//   RFC 8326 §4.2, RFC 9494 §4.3   the last choices
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/ip_address.h"
#include "routeserver/decision.h"

namespace fabrix::routeserver {

enum class DecisionStep : std::uint8_t {
  kAccepted,          // the other one is rejected
  kLongLivedStale,    // the other one is
  kGracefulShutdown,  // the other one's router is about to be shut down
  kAsPath,
  kOrigin,
  kMed,
  kBgpIdentifier,
  kAddress,
};

// A word for JSON: "as-path".
std::string_view name_of(DecisionStep step);

// What a route brings to the decision, as people know it.
struct Rival {
  Preference preference;
  std::uint32_t bgp_identifier = 0;  // of the announcing router
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);  // of its session
};

struct Advantage {
  DecisionStep step = DecisionStep::kAddress;
  std::string text;  // "shorter AS path (2 against 3)"
};

// Why `better` is directly before `next` in the order of rank(). Directly, because of MEDs: which
// routes are compared by theirs depends on what else there is (RFC 4451 §2).
Advantage explain(const Rival& better, const Rival& next);

}  // namespace fabrix::routeserver
