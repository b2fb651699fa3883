// TagMeaning: what the tags of one sender say about its policy's targets: the compiler's claim, for
// the verifier to hold against the routes without asking the compiler's codebook.
//
// A tag says that a target is reachable by a router if one of the tests of that entry matches the
// tag's MAC; a target that no matching entry names is not reachable under that tag. Immutable, and
// shared: the same pointer means the same claim. A claim that did not change keeps its pointer.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "net/ids.h"
#include "program/tag.h"

namespace fabrix::program {

// The target as the policy names it: a participant, or one port of it; and the router of its best
// route.
struct Reached {
  net::ParticipantId participant;
  std::optional<net::RouterId> port;
  net::RouterId router;
  std::vector<MacPattern> tests;  // not empty; at most one matches a MAC

  friend bool operator==(const Reached&, const Reached&) = default;
};

struct TagMeaning {
  net::ParticipantId sender;
  std::vector<Reached> reached;  // sorted by participant, port, router; targets without room: none

  friend bool operator==(const TagMeaning&, const TagMeaning&) = default;
};
using TagMeaningPtr = std::shared_ptr<const TagMeaning>;

}  // namespace fabrix::program
