// validate(): is this Program what the policies and routes mean? Translation validation, before
// anything is installed. Independent of the compiler: reads the rows back.
//
// For each sender with an outbound policy and each of its forwarding classes (a distinct tag among
// the next hops announced to it) the rows of the outbound and resolve tables, read in priority
// order under that tag, are built into a diagram and compared with the diagram of the clauses under
// the routes of the class's prefixes; likewise the inbound table for each receiver and sender;
// admit and transit rows by rule. Equality of diagrams covers all packets, not samples.
//
//   I1 isolation, I2 BGP consistency, I3 tag agreement, I4 no blackhole, I5 no hairpin, I6 unicast
//   (equal priorities do not overlap with different actions), I7 header integrity, I8 control
//   plane, I9 anti-spoof, I11 fidelity, I12 capacity. (COMPILER, "Verified before installed".)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/packet.h"
#include "policy/shortfall.h"
#include "program/program.h"
#include "verify/world.h"

namespace fabrix::verify {

struct Violation {
  std::string invariant;               // "I3"
  std::string message;                 // for people
  std::optional<net::Packet> witness;  // as it would enter the fabric
  std::vector<program::Row> rows;      // involved
};

// The next hop that the exchange announces (or will, once the Program is installed) to `client` for
// `prefix`.
using NextHopOf =
    std::function<net::IpAddress(net::ParticipantId client, const net::Prefix& prefix)>;

// A Program that was found right, and for what: a table that is the same, with the same inputs,
// needs no second look. Outbound traffic is checked whatever came before, since the routes decide.
struct Precedent {
  program::ProgramPtr program;                                  // not null
  std::vector<std::shared_ptr<const policy::Policy>> policies;  // as they applied
  std::vector<bool> port_up;
};

// What else decides whether a Program will do.
struct Terms {
  std::size_t max_rows = 100'000;  // of the target, over all tables
  // What of the policies is declared to fall back to default forwarding; all else must be right.
  std::vector<policy::Shortfall> shortfalls;
  const Precedent* precedent = nullptr;  // of the same exchange; null: there is none
};

// Empty result: the Program is right. Stops after `kMaxViolations`.
inline constexpr std::size_t kMaxViolations = 16;
std::vector<Violation> validate(const World& world, const program::Program& program,
                                const NextHopOf& next_hop, const Terms& terms = {});

// Of a Program for which validate() has just found nothing.
Precedent precedent_of(const World& world, program::ProgramPtr program, const Terms& terms);

}  // namespace fabrix::verify
