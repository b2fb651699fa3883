// deliver(): the meaning of an exchange, as SEMANTICS states it and nothing cleverer: walks the
// clauses one by one over the packet. The oracle of the compiler, of every fabric and of `fabrix
// trace`.
//
// Independent of tags, rows and diagrams. Slow on purpose: O(clauses + routes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/packet.h"
#include "net/prefix.h"
#include "program/evaluate.h"
#include "verify/reason.h"
#include "verify/world.h"

namespace fabrix::verify {

struct Delivery {
  Reason reason = Reason::kNoRoute;
  // Where it is delivered, or the middlebox port that it passes before; none: nowhere.
  std::optional<net::RouterId> router;
  bool to_route_server = false;
  // As delivered: rewritten, destination MAC the router's; of what the sender's policy sends
  // through middleboxes, as it came.
  net::Packet packet;
  std::optional<net::Prefix> prefix;             // step 2
  std::optional<std::uint32_t> outbound_clause;  // the clause that decided
  std::optional<std::uint32_t> inbound_clause;
  std::optional<net::ParticipantId> target;  // T
  // What else leaves: mirrored packets, with the destination MAC that they came with (none if they
  // came by a route), and what multicast() delivers besides the first.
  std::vector<program::Copy> copies;
  std::vector<program::Meter> meters;  // that limit the packet or copies of it
  // By policy::Query::id, sorted: the sender's queries that count it, and those of T.
  std::vector<std::uint64_t> sent_queries;
  std::vector<std::uint64_t> delivered_queries;
  // Of the clauses that the packet or copies of it go on by, or are dropped by; as they come.
  std::vector<std::uint64_t> clause_counters;
};

// What happens to an IP packet that `from` sends to packet.dst_ip by its routing table, that is, to
// the next hop that the exchange announced for the longest prefix. packet.dst_mac and in_port are
// ignored; packet.src_mac is `from`'s. From a middlebox port, what it gives back of what its owner
// sends: packet.src_mac is that of a router of the owner.
Delivery deliver(const World& world, net::RouterId from, const net::Packet& packet);

// What happens to a frame as it is (destination MAC a router's, or the route server's): bilateral
// traffic; or, from a middlebox port, what it gives back of what is for its owner. Tags are unknown
// here: a locally administered destination gives kUnknownDestination.
Delivery deliver_to_mac(const World& world, net::RouterId from, const net::Packet& packet);

}  // namespace fabrix::verify
