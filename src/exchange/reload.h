// plan(): what becomes of a running exchange when its configuration changes.
//
// Participants are the same if they have the same name, routers if they have the same name and the
// same participant; what is the same keeps its id. What is new gets ids after all others. What is
// no longer there stays in the vectors as a tombstone, `present == false`, so that ids remain dense
// indices: a participant without routers, with an empty list of peers and hence without anybody to
// hear from; a router without addresses, MAC and port. Whoever comes back by the same name gets its
// old id. There is room for kMaxParticipants and kMaxRouters, tombstones included; a restart makes
// room.
//
// Neighbours that were made for sessions stay while the candidate has a range for them, with its
// settings (exchange/dynamic_neighbors.h).
//
// Some things cannot change under a running exchange: its AS number and router id, the route
// server's addresses, ports and MAC, the peering LAN and the virtual next hops, the type of the
// fabric and where it is pinned. Each that does is an error.
//
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "net/ip_address.h"

namespace fabrix::exchange {

// What the sessions with a router's address must go through.
enum class SessionEffect : std::uint8_t {
  kAdded,
  kRemoved,     // end it: Cease, Peer De-configured (RFC 4486 §4)
  kReset,       // end it and begin anew: Cease, Other Configuration Change (RFC 4486 §4)
  kReevaluate,  // filter what it announced, and decide what it is told, anew
};

struct SessionChange {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::RouterId router;  // of kRemoved: the tombstone's, or the router it was taken from
  SessionEffect effect = SessionEffect::kReevaluate;

  friend bool operator==(const SessionChange&, const SessionChange&) = default;
};

// One line of what is different, for people. Passwords are not in it.
struct Change {
  std::string subject;  // "participant B", "router c2", "defaults", "route server"
  std::string what;     // "max_prefix.ipv4 1000 -> 2000", "added"

  friend bool operator==(const Change&, const Change&) = default;
};

struct Reload {
  Exchange exchange;                    // the candidate with lasting ids
  std::vector<Change> changes;          // participants in the order of their ids
  std::vector<SessionChange> sessions;  // by address; those not listed go on as they are
};

// "participant B: max_prefix.ipv4 1000 -> 2000".
std::string to_string(const Change& change);

// Either all that would have to change and cannot, or the plan. A change that takes no effect on an
// established session (send_hold, dial) is listed and resets nothing.
Result<Reload, std::vector<Error>> plan(const Exchange& running, Exchange candidate);

}  // namespace fabrix::exchange
