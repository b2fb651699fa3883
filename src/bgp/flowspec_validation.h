// May this client ask for that? The validation of flow specifications: RFC 8955 §6 as amended by
// RFC 8956 §5 and RFC 9117 §4.
//
//   a)  the rule has a destination prefix, with offset 0; Fabrix does not relax this
//   b)  its originator is the originator of the best-match unicast route: the one with the longest
//       prefix that covers the destination. To a route server the originator is the client, through
//       whichever of its sessions, and the client's own route counts even where another client's
//       route to the same prefix is preferred (each client has a best route of its own, RFC 7947)
//   b.2 of RFC 9117 (an empty AS path) speaks of rules from inside one's own AS: here no client is
//   c)  no other neighbouring AS announces a more specific of the destination
//   RFC 9117 §4.2  the first AS of the rule's path is that of the unicast route's path
//
// Must be done again whenever unicast routes under or over the destination change. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "bgp/flowspec.h"
#include "net/asn.h"
#include "net/ids.h"
#include "net/prefix.h"

namespace fabrix::bgp {

// The longest prefix that covers a destination and has a usable unicast route from anybody.
struct FlowSpecBestMatch {
  net::Prefix prefix;
  // The client has a usable route to exactly `prefix`; the first AS of its best one. None: it has
  // none.
  std::optional<net::Asn> first_as;
};

// What validation asks of the unicast routes. Usable: accepted by the import filters.
struct FlowSpecUnicast {
  std::function<std::optional<FlowSpecBestMatch>(net::ParticipantId client,
                                                 const net::Prefix& destination)>
      best_match;
  // A usable route to a prefix strictly inside `destination` from a neighbouring AS that is not the
  // client's.
  std::function<bool(net::ParticipantId client, const net::Prefix& destination)>
      others_have_more_specific;
};

// Who announces the rule. `first_as` is that of its AS path; none: the path has no first AS.
struct FlowSpecOrigin {
  net::ParticipantId client;
  std::optional<net::Asn> first_as;
};

enum class FlowSpecValidity : std::uint8_t {
  kValid,
  kNoDestination,
  kDestinationOffset,
  kNoUnicastRoute,
  kOtherOriginator,
  kFirstAs,
  kMoreSpecific,
};

// For people: what is missing.
std::string_view describe(FlowSpecValidity validity);

FlowSpecValidity validate_flowspec(const FlowSpecRule& rule, const FlowSpecOrigin& origin,
                                   const FlowSpecUnicast& unicast);

}  // namespace fabrix::bgp
