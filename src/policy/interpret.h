// interpret(): the meaning of a term for one packet, straight from the definition.
//
// [[p]](packet) is a list of candidates, what p would do in the order in which it would rather do
// it. The plan is independent of reachability; decide() then takes the first candidate whose target
// has a route. This is the definition that lowering (policy/lower.h) must preserve. Pure; any
// thread; may take time proportional to the number of clauses.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "net/packet.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "policy/term.h"

namespace fabrix::policy {

struct Candidate {
  net::Packet packet;  // after the writes
  Verdict verdict;
  bool writes = false;  // some modify() was applied, even if it changed nothing
  Extras extras{};

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

std::vector<Candidate> interpret(const Term& term, const net::Packet& packet,
                                 const PacketContext& context);

// A query that a packet reaches, and what the packet is like there.
struct Arrival {
  QuerySpecPtr query;
  net::Packet packet;  // after the writes
};

// The queries that a packet reaches, one perhaps more than once. A query behind `//` is reached
// where no earlier rank has an opinion, whatever is reachable.
std::vector<Arrival> queries_reached(const Term& term, const net::Packet& packet,
                                     const PacketContext& context);

// May a packet such as `packet` (after its writes) be sent to `participant`?
using Reachable = std::function<bool(net::ParticipantId participant, const net::Packet& packet)>;

// The first candidate that can be carried out; none: the policy has no opinion. An identity that
// stands beside a decision under `+` gives way to it.
std::optional<Candidate> decide(const std::vector<Candidate>& candidates,
                                const Reachable& reachable);

// The candidates as decide() would try them, without those it would never reach. Two terms mean the
// same for a packet, whatever is reachable, when these are equal.
std::vector<Candidate> essence(const std::vector<Candidate>& candidates);

// The same question to a list of clauses: the first one that applies, with its writes carried out.
std::optional<Candidate> first_applicable(const ClauseList& list, const net::Packet& packet,
                                          const PacketContext& context, const Reachable& reachable);

}  // namespace fabrix::policy
