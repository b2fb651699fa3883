// validate(): is this Program what the policies and routes mean? Translation validation, before
// anything is installed. Independent of the compiler: reads the rows back.
//
// The proof has two halves. Rows against clauses: for each sender the rows of the outbound table,
// read in priority order over the packet's fields and the bits of tags, are one diagram; the
// clauses are another, in which "T is reachable by router R" is what Terms::meanings claims of
// tags; the two must be equal. Claims against routes: for each prefix told to the sender, the tag
// that answers for its next hop makes exactly the claims that hold, and names the best route's
// router. Likewise the inbound table for each receiver and sender; admit, resolve and transit rows
// by rule. Equality of diagrams covers all packets, not samples.
//
//   I1 isolation, I2 BGP consistency, I3 tag agreement, I4 no blackhole, I5 no hairpin, I6 unicast
//   (equal priorities do not overlap with different actions), I7 header integrity, I8 control
//   plane, I9 anti-spoof, I11 fidelity, I12 capacity, I13 counting (queries and counted clauses
//   count what they say, and nothing else happens where queries do). (COMPILER, "Verified before
//   installed".) I10 non-interference is about a change: see verify/verifier.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/packet.h"
#include "policy/shortfall.h"
#include "program/program.h"
#include "program/tag_meaning.h"
#include "verify/next_hops.h"
#include "verify/world.h"

namespace fabrix::verify {

// A clause of a policy, and where it stands in its text.
struct ClauseRef {
  net::ParticipantId owner;
  policy::Direction direction = policy::Direction::kOutbound;
  std::uint32_t clause = 0;
  SourceSpan at;
};

struct Violation {
  std::string invariant;               // "I3"
  std::string message;                 // for people
  std::optional<net::Packet> witness;  // as it would enter the fabric
  std::vector<program::Row> rows;      // involved
  // Whose rows they are, or that decides what should happen to the witness. None: no clause's.
  std::optional<ClauseRef> clause = std::nullopt;
};

// The clause that a row is of; none: of no clause, or of none that is there.
std::optional<ClauseRef> clause_of(const World& world, const program::Row& row);

// What else decides whether a Program will do.
struct Terms {
  std::size_t max_rows = 100'000;  // of the target, over all tables
  std::size_t max_meters = 65'536;
  // What of the policies is declared to fall back to default forwarding; all else must be right.
  std::vector<policy::Shortfall> shortfalls;
  // By participant: what its tags claim to say. Null: no tag says anything.
  std::shared_ptr<const std::vector<program::TagMeaningPtr>> meanings;
};

// Empty result: the Program is right. Stops after `kMaxViolations`.
inline constexpr std::size_t kMaxViolations = 16;
std::vector<Violation> validate(const World& world, const program::Program& program,
                                const NextHopOf& next_hop, const Terms& terms = {});

}  // namespace fabrix::verify
