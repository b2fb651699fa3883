// Policy: a participant's checked policy: ordered clauses for what it sends and what it receives.
//
// This is the contract between the language (policy/parse.h makes it) and its users: the compiler
// turns the clauses into rows, the reference evaluator walks them one by one. For a packet, the
// first clause whose condition holds decides, except that an outbound clause whose target has no
// route for the packet's destination does not apply and the next one is tried (SEMANTICS, step 3).
//
// The flat order already honours `//`, `+`, `>>` and `if_`. `shape` remembers which clauses stand
// side by side under `+`, because two of those that overlap and decide differently are an error
// (P0301), which the compiler finds (compiler/ambiguity.h) since it needs diagrams. Immutable; any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/diagnostic.h"
#include "net/field.h"
#include "net/ids.h"
#include "policy/invariant_syntax.h"
#include "policy/predicate.h"
#include "policy/query.h"

namespace fabrix::policy {

enum class Direction : std::uint8_t { kOutbound, kInbound };

// Where fwd() sends. Outbound: another participant, or with `router` one port of it. Inbound:
// always one of the owner's own ports.
struct Target {
  net::ParticipantId participant;
  std::optional<net::RouterId> router;

  friend auto operator<=>(const Target&, const Target&) = default;
};

struct Forward {
  Target target;
  friend auto operator<=>(const Forward&, const Forward&) = default;
};
struct Drop {
  friend auto operator<=>(const Drop&, const Drop&) = default;
};
// "identity": decided to be what BGP says (with the clause's writes applied).
struct UseDefault {
  friend auto operator<=>(const UseDefault&, const UseDefault&) = default;
};
// multicast(): a copy to each of the targets that is reachable; unreachable as a whole where none
// is.
struct Multicast {
  std::vector<Target> targets;  // sorted, each once; at least 2, at most kMaxCopies
  friend auto operator<=>(const Multicast&, const Multicast&) = default;
};
using Verdict = std::variant<Forward, Drop, UseDefault, Multicast>;

// police(): packets beyond the rate are discarded. Clauses with one `number` share one meter: all
// that comes of one police() in the text.
struct Police {
  std::uint32_t number = 0;  // within the policy, both halves; below kMaxMeters
  std::uint64_t kbps = 0;    // kbit/s, at least 1

  friend auto operator<=>(const Police&, const Police&) = default;
};

// What a clause does with a packet besides deciding where it goes.
struct Extras {
  std::optional<Police> police{};
  // mirror(): own ports that get the packet as it came to the policy. Sorted, each once.
  std::vector<net::RouterId> mirrors{};
  // via(): the own middlebox ports that it passes, one after the other, first (outbound) or last
  // (inbound), each once; without those that are down. At most kMaxPassed; not with Drop.
  std::vector<net::RouterId> via{};

  bool empty() const { return !police && mirrors.empty() && via.empty(); }
  friend auto operator<=>(const Extras&, const Extras&) = default;
};

// modify(): sets a field. Only kSrcIp4/kDstIp4, kSrcIp6*/kDstIp6* (both halves), kSrcPort,
// kDstPort, kDscp.
struct Write {
  net::Field field = net::Field::kDscp;
  std::uint64_t value = 0;

  friend auto operator<=>(const Write&, const Write&) = default;
};

// Counts what goes on by a clause, or is dropped by it (#pragma count = clauses).
struct ClauseCounter {
  std::uint64_t id = 0;  // as Query::id: of direction and meaning, the same while those are
  std::string label;     // "dstport=80 -> B"; no two of one direction are alike
};
using ClauseCounterPtr = std::shared_ptr<const ClauseCounter>;

struct Clause {
  PredicatePtr when;          // on the packet as it entered; writes before tests are folded in
  std::vector<Write> writes;  // sorted by field, each field once; empty for Drop
  Verdict verdict;
  SourceSpan at;  // of the text that decides: for messages and provenance
  Extras extras{};
  ClauseCounterPtr counter{};  // null: nothing counts it
};

// How the clauses were composed. Leaves, left to right, are clauses 0, 1, 2, ...
struct Shape {
  enum class Kind : std::uint8_t { kClause, kParallel, kRanked };
  Kind kind = Kind::kRanked;
  std::uint32_t clause = 0;  // kClause
  std::vector<Shape> parts;  // kParallel (`+`), kRanked (`//`)
};

struct ClauseList {
  std::vector<Clause> clauses;
  Shape shape;
  std::vector<Query> queries;  // in the order of their labels; they decide nothing
};

// What the owner says must hold of the policy (docs/policy.md, "Invariants"); the compiler checks
// it (compiler/invariants.h).
struct Invariant {
  std::string name;
  InvariantKind kind = InvariantKind::kWithin;  // not kIsolated: that is several kNever
  SourceSpan at;
  std::vector<PredicatePtr> predicates;  // kWithin, kEqual, kDiffer: the two
  ClauseList outbound;                   // kNever, kAlways: of what is sent,
  ClauseList inbound;                    // and of what is received
};

struct Policy {
  ClauseList outbound;
  ClauseList inbound;
  bool overlap_first = false;   // #pragma overlap = first: parallel overlaps are ranked by order
  bool counts_clauses = false;  // #pragma count = clauses: those that may apply have counters
  std::vector<Invariant> invariants;
  // What outbound clauses do in other states of the policy's fsms (policy/fsm_policy.h), each deed
  // once: no packet is theirs now, and tags foresee them, so that a change of state changes rows
  // and nothing that members are told.
  std::vector<Clause> foreseen;

  // Whether packets that the owner sends are looked at at all.
  bool has_outbound() const { return !outbound.clauses.empty() || !foreseen.empty(); }

  const ClauseList& of(Direction direction) const {
    return direction == Direction::kOutbound ? outbound : inbound;
  }
};

// Bounds on one participant's policy (quota); more is diagnostic P0401.
inline constexpr std::size_t kMaxClauses = 4000;
inline constexpr std::size_t kMaxPolicySize = 1U << 20U;  // octets of text
inline constexpr std::size_t kMaxMeters = 62;             // P0407
inline constexpr std::size_t kMaxCopies = 4;              // of one multicast(), P0408
inline constexpr std::size_t kMaxShares = 8;              // of one balance(), P0408
inline constexpr std::size_t kMaxPassed = 8;              // middleboxes of one clause, P0408

}  // namespace fabrix::policy
