// Fates: what a list of clauses does with every packet at once, whatever the routes are.
//
// The fate of a packet is the clauses that match it, in order, up to the first that always applies:
// each is what happens while the targets of those before it are unreachable. Behind the last stands
// what BGP says. A clause that can never be reached behind another one is no part of a fate.
//
// Not thread-safe; as its PacketSpace, which must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/packet_space.h"
#include "diagram/diagram.h"
#include "policy/policy.h"

namespace fabrix::compiler {

using Fate = std::vector<std::uint32_t>;  // indices of clauses, at least one rank each

class Fates {
 public:
  Fates(PacketSpace& space, const policy::ClauseList& list, policy::Direction direction);

  // Leaves are numbers of fates.
  diagram::Diagram diagram() const { return diagram_; }
  const Fate& fate(diagram::Leaf leaf) const { return fates_[leaf]; }
  const policy::Clause& clause(std::uint32_t index) const { return list_->clauses[index]; }

  // Whatever the routes are?
  bool always_applies(std::uint32_t index) const;

 private:
  diagram::Leaf number_of(Fate fate);
  diagram::Leaf joined(diagram::Leaf first, diagram::Leaf then);
  static bool hides(const policy::Clause& earlier, const policy::Clause& later);

  const policy::ClauseList* list_;
  policy::Direction direction_;
  std::vector<Fate> fates_{Fate{}};  // the first: no opinion
  std::map<Fate, diagram::Leaf> numbers_{{Fate{}, diagram::kNone}};
  diagram::Diagram diagram_;
};

// The packets that two lists treat differently in one way.
struct Change {
  std::string before;  // "B, else as BGP says"
  std::string after;
  std::string witness;
  // Of the clauses that come first for some of these packets.
  std::vector<std::uint32_t> clauses_before;
  std::vector<std::uint32_t> clauses_after;
};

// None: every packet has the same fate under both, whatever the routes are. Fails if there are too
// many conditions on routes.
Result<std::vector<Change>> compare(const policy::ClauseList& before,
                                    const policy::ClauseList& after, policy::Direction direction,
                                    const policy::SymbolTable& symbols);

// What a clause does with a packet, without its condition: "B", "dscp:=10, C", "drop".
std::string deed(const policy::Clause& clause, const policy::SymbolTable& symbols);

}  // namespace fabrix::compiler
