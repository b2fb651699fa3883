// explain(): how the clauses of a list take one packet, and why those that do not.
//
// Nothing is known of routes: a condition on them may hold or not, and a target may be reachable or
// not. So the clauses that match are what is tried in turn. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/ids.h"
#include "net/packet.h"
#include "policy/parse.h"
#include "policy/policy.h"

namespace fabrix::policy {

struct Trial {
  enum class Outcome : std::uint8_t {
    kDoesNotMatch,
    kMatches,
    kDepends,  // on what routes say, or on who sent it
  };
  std::uint32_t clause = 0;
  Outcome outcome = Outcome::kDoesNotMatch;
  std::string reason;  // kDoesNotMatch: why not; kDepends: on what
};

// Who looks at the packet. `sender` is who sent it; none: not known.
struct Viewpoint {
  Direction direction = Direction::kOutbound;
  std::optional<net::ParticipantId> sender;
};

// In the order of the clauses, up to and with the first that matches and applies whatever the
// routes are.
std::vector<Trial> explain(const ClauseList& list, const net::Packet& packet,
                           const Viewpoint& viewpoint, const SymbolTable& symbols);

}  // namespace fabrix::policy
