// Ambiguity: what can be said against a checked list of clauses by looking at all packets at once.
//
//   P0301 error    two clauses side by side under `+` overlap and decide differently: with a packet
//   P0310 warning  a clause can never apply, because earlier ones take all of its packets
//
// Diagrams answer both exactly; boxes first sort out the many pairs that obviously do not overlap.
// Pure but for `store`, which is scratch: handles of the caller become invalid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "diagram/diagram.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// At most this many diagnostics of each code for a list.
inline constexpr std::size_t kMaxFindings = 16;

// What a policy is judged by.
struct Surroundings {
  const exchange::Exchange& exchange;
  const exchange::Reachability& reachability;
  diagram::Store& store;
};

// Whose policy, which half, and the name of its file for the diagnostics.
struct Subject {
  net::ParticipantId owner;
  policy::Direction direction = policy::Direction::kOutbound;
  std::string_view file;
};

struct Findings {
  std::vector<Diagnostic> warnings;
  std::vector<Diagnostic> errors;
};

// Of one half of a policy.
std::vector<Diagnostic> find_ambiguities(const policy::ClauseList& list, const Subject& subject,
                                         const Surroundings& surroundings);
std::vector<Diagnostic> find_shadowed(const policy::ClauseList& list, const Subject& subject,
                                      const Surroundings& surroundings);

// Of both; where a policy says that the first of overlapping clauses counts, none is ambiguous.
Findings judge(net::ParticipantId owner, const policy::Policy& policy, std::string_view file,
               const Surroundings& surroundings);

}  // namespace fabrix::compiler
