// trace(): the fate of a packet that a member's router sends, step by step: the route it follows,
// the class and tag, the clause that decides, the rows it hits, where it comes out; and what the
// plain meaning of the policies says about it. What `fabrix trace`, `fabrix simulate` and failing
// lab expectations show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/controller.h"
#include "net/flow_hash.h"
#include "net/packet.h"
#include "verify/reference.h"

namespace fabrix::controller {

struct TraceStep {
  std::string table;
  std::string row;     // program::to_string; empty: no row matched
  std::string reason;  // "A's outbound clause 1 (walkthrough/A.policy:2): dstport=80 -> B"
};

struct Trace {
  net::Packet packet;    // as it enters the fabric: with its MACs, port and buckets
  net::HashKeys hashes;  // of which the fabric has put it in its buckets
  std::optional<net::Prefix> prefix;
  std::optional<net::IpAddress> next_hop;
  std::optional<net::MacAddress> next_hop_mac;
  bool is_virtual = false;  // the next hop is a virtual one, its MAC a tag
  std::vector<TraceStep> steps;
  std::optional<net::RouterId> delivered;  // by the installed Program
  bool to_route_server = false;
  std::vector<program::Copy> copies;  // what else leaves: mirror(), multicast()
  net::Packet out;                    // as it leaves
  verify::Delivery meaning;           // by the reference evaluator
  std::string verdict;  // one line: "delivered to b1", "dropped: C's inbound clause 3 ..."
  bool agrees = false;  // the two say the same
};

// `packet` carries the IP headers; `from`'s routing table (what it was announced) gives the rest.
// An address of the peering LAN is reached directly.
Trace trace(const Controller& controller, net::RouterId from, const net::Packet& packet);

// Several lines for a terminal.
std::string to_string(const Trace& trace, const exchange::Exchange& exchange);

}  // namespace fabrix::controller
