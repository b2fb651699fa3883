// Rows of a list of clauses: the part of a policy table that belongs to one participant.
//
// A clause acts in one of its options: the first whose tag test matches. A clause that always acts
// where its condition holds (Drop, say) has one option without a tag test and is `decisive`; one
// that forwards to a target acts only under tags that say the target is reachable, and else the
// next clause is tried.
//
// Three ways lead to rows. Direct: the boxes of each clause in order; a packet falls past the rows
// of a clause that does not act, to the next clause's. By diagram: the function from packets to the
// list of clauses to try, as rows; better when complements need many boxes. By value, where clauses
// name very many values of one field, or hosts, and treat few kinds of them differently: the rows
// of most values by diagram, and for each of the others rows of its own above them. Direct is taken
// where it takes few rows, or no more than the others, deterministically. Either way rows of equal
// priority are disjoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/route_sense.h"
#include "diagram/diagram.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "program/program.h"
#include "program/tag.h"

namespace fabrix::compiler {

struct Action {
  std::vector<program::SetField> set_fields;
  program::Metadata write_metadata;
  program::Next next;
  std::optional<program::Meter> meter{};
  std::vector<net::PortNo> copies{};
  std::uint64_t counter = 0;  // policy::ClauseCounter::id; 0: none

  friend bool operator==(const Action&, const Action&) = default;
};

struct Option {
  program::MacPattern tag;  // on the destination MAC; mask 0: any
  Action action;

  friend bool operator==(const Option&, const Option&) = default;
};

struct ClauseRows {
  const policy::Predicate* when = nullptr;
  // Index in the ClauseList; a clause may make several of these, one after the other.
  std::uint32_t clause = 0;
  std::vector<Option> options;  // disjoint
  bool decisive = false;
};

// What the rows of one participant's clauses share.
struct Scope {
  program::Metadata metadata;  // matched by each row
  program::MacPattern tag;     // matched by rows that test no other tag; mask 0: any
  program::Origin::Kind kind = program::Origin::Kind::kOutboundClause;
  net::ParticipantId participant;
  Action fall_through;  // what the table does where no clause acts
};

// Priorities of clause rows lie in (0, kTopPriority].
inline constexpr std::uint16_t kTopPriority = 60000;
inline constexpr std::size_t kMaxPolicyRows = 60000;
// For one list of clauses, by diagram.
inline constexpr std::uint64_t kRowSteps = 10'000'000;

// None: more than kMaxPolicyRows, or kRowSteps do not do. Under a budget many rows are read back,
// so that it is spent where a proof would take too much. Uses `store` as scratch: handles of the
// caller become invalid.
std::optional<std::vector<program::Row>> emit(std::vector<ClauseRows> clauses, const Scope& scope,
                                              diagram::Store& store, const RouteSense& sense);

// What to say of a policy whose clauses need more rows than that (P0405), or of which the store's
// budget is spent (P0412).
Diagnostic too_much(std::string_view file, const policy::ClauseList& list,
                    const diagram::Store& store);

}  // namespace fabrix::compiler
