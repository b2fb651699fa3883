// RouteTests: what rib(...), src_rib(...) and best_via(T) ask of one route.
//
// In an outbound policy of A the route is the one that A uses: the best for A to the longest prefix
// with a route for A that covers the address (SEMANTICS, step 2). In an inbound policy of T the
// route for a destination is T's own: the best of those that T announces for the longest prefix
// that T announces and that covers the address; the route for a source is the one that T uses.
//
// Attributes are as the member announced them. A test of an attribute that a route does not have
// fails, but for MED, which is then 0 (RFC 4271 §9.1.2.2 c). Values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "net/route_attributes.h"
#include "policy/address_set.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "policy/text_pattern.h"

namespace fabrix::policy {

// All addresses of the route's prefix are in the set.
struct RoutePrefixTest {
  AddressSet set;

  friend bool operator==(const RoutePrefixTest&, const RoutePrefixTest&) = default;
};

enum class RouteNumber : std::uint8_t {
  kPrefixLength,
  kPathLength,
  kOriginAs,
  kNeighborAs,
  kOrigin,  // net::RouteOrigin
  kMed,
  kRpki,  // net::RpkiState
  kCommunity,
  kExtendedCommunity,
  kAnnouncer,  // net::ParticipantId
};

// The number, or one of them where there are several (communities), lies in the intervals.
struct RouteNumberTest {
  RouteNumber of = RouteNumber::kMed;
  std::vector<Interval> intervals;  // normalized

  friend bool operator==(const RouteNumberTest&, const RouteNumberTest&) = default;
};

// The route has one of these.
struct LargeCommunityTest {
  std::vector<net::LargeCommunity> any;  // sorted

  friend bool operator==(const LargeCommunityTest&, const LargeCommunityTest&) = default;
};

enum class RouteText : std::uint8_t { kPath, kCommunity, kExtendedCommunity, kLargeCommunity };

// The text, or one of them, matches.
struct RouteTextTest {
  RouteText of = RouteText::kPath;
  std::shared_ptr<const TextPattern> pattern;  // never null

  friend bool operator==(const RouteTextTest& a, const RouteTextTest& b) {
    return a.of == b.of && *a.pattern == *b.pattern;
  }
};

using RouteTest = std::variant<RoutePrefixTest, RouteNumberTest, LargeCommunityTest, RouteTextTest>;

struct RouteTests {
  std::vector<RouteTest> all;
  std::string text;  // "community=64500:1, rpki=valid": for people; empty for best_via

  friend bool operator==(const RouteTests& a, const RouteTests& b) { return a.all == b.all; }
};

// Distinct RouteTests in the conditions of one direction of one policy; more is P0411.
inline constexpr std::size_t kMaxRouteTests = 32;

bool holds(const RouteTests& tests, const net::RouteAttributes& route);

inline bool same(const OnRoute& a, const OnRoute& b) {
  return a.side == b.side && (a.tests == b.tests || *a.tests == *b.tests);
}

// Whether no route can be what both ask for: an attribute that a route has once would need two
// values. False proves nothing.
bool exclude(const OnRoute& a, const OnRoute& b);

bool asks(const Predicate& predicate, const OnRoute& question);

// Each OnRoute of the conditions once, in order of appearance.
std::vector<OnRoute> route_tests_of(const ClauseList& list);
std::vector<OnRoute> route_tests_of(const std::vector<Query>& queries);
// Whether a condition, of a clause or of a query, asks for the RPKI state of a route.
bool asks_rpki(const ClauseList& list);

}  // namespace fabrix::policy
