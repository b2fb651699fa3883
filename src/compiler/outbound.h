// OutboundPolicy: one sender's outbound clauses, as the compiler needs them: what must be told by
// tags and what is decided when compiling.
//
// A clause that forwards and leaves the destination as it is asks the tag whether its target is
// reachable. A clause that writes the destination asks the routes for the new destination, here and
// now (SEMANTICS, step 3); a Drop, or an `identity` that writes, acts in place. Since the table
// matches tags only, a sender with clauses that act without asking needs a tag on every prefix.
//
// Keeps the policy alive. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compiler/clause_rows.h"
#include "compiler/codebook.h"
#include "compiler/route_answers.h"
#include "compiler/route_sense.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "policy/policy.h"
#include "program/tag_meaning.h"

namespace fabrix::compiler {

// For each participant the reach bit where its targets' fields would like to begin, so that they
// keep their place whoever else is a target.
std::vector<unsigned> reach_homes(const exchange::Exchange& exchange);

// What the routes say about clauses that do not ask the tag; rows depend on nothing else of the
// routes.
struct RouteFacts {
  // By clause, for those that write the destination: the routers of the routes to take, sorted;
  // several for a multicast only.
  std::vector<std::vector<net::RouterId>> chosen;
  // The prefix sets that conditions mention, in order of participant.
  std::vector<std::vector<net::Prefix>> prefix_sets;
  // By question: the addresses for which the answer is yes.
  std::vector<policy::AddressSet> regions;

  friend bool operator==(const RouteFacts&, const RouteFacts&) = default;
};

class OutboundPolicy {
 public:
  // What it refers to must outlive it.
  struct Surroundings {
    const exchange::Exchange& exchange;
    const std::vector<unsigned>& homes;  // reach_homes()
    const std::vector<bool>& counted;    // by participant: what it receives is counted first
    const std::vector<bool>& port_up;    // by router
  };
  OutboundPolicy(const Surroundings& surroundings, net::ParticipantId sender,
                 std::shared_ptr<const policy::Policy> policy);

  // Sorted. What tags have to tell.
  const std::vector<CodedTarget>& targets() const { return targets_; }
  // Whether a prefix needs a tag even if no target is reachable.
  bool needs_every_prefix() const { return needs_every_prefix_; }
  bool depends_on_routes() const { return depends_on_routes_; }
  // Whether every prefix is in the same class under both, in one exchange.
  bool classifies_as(const OutboundPolicy& other) const {
    return targets_ == other.targets_ && needs_every_prefix_ == other.needs_every_prefix_;
  }
  // Whether facts() may be others now: these routers announce other prefixes than before (sorted),
  // and these prefixes have other routes.
  bool is_concerned(std::span<const net::RouterId> announcers,
                    std::span<const net::Prefix> changed) const;

  // What a tag has to say under these routes: which targets are reachable, by which router.
  Units units_of(const exchange::Routes& routes) const;
  void units_of(std::span<const net::RouterId> routes, Units& units) const;

  // Asks the routes what conditions ask of them: of all prefixes, or of these again.
  void read(const exchange::Reachability& reachability) { answers_.read(reachability); }
  void read(std::span<const net::Prefix> changed, const exchange::Reachability& reachability) {
    answers_.read(RouteChange{.prefixes = changed}, reachability);
  }
  // As of the last read().
  RouteFacts facts(const exchange::Reachability& reachability) const;
  std::vector<ClauseRows> clauses(const Codebook& codebook, const RouteFacts& facts) const;
  // What the conditions ask; good as long as `facts`.
  RouteSense sense(const RouteFacts& facts, const exchange::Reachability& reachability) const;
  Scope scope() const;
  // What tags by this codebook say.
  program::TagMeaning meaning(const Codebook& codebook) const;

 private:
  policy::Target normal(const policy::Target& target) const;
  void add_targets(const std::vector<unsigned>& homes);
  std::vector<net::RouterId> choose(const policy::Clause& clause,
                                    const exchange::Reachability& reachability) const;
  Action to(const policy::Clause& clause, std::vector<net::RouterId> routers) const;
  Action discard(const policy::Clause& clause) const;
  std::vector<std::vector<Option>> options(std::size_t clause, const Codebook& codebook,
                                           const RouteFacts& facts) const;
  std::vector<std::vector<Option>> tagged(const policy::Clause& clause,
                                          const Codebook& codebook) const;
  std::vector<Unit> units_for(const policy::Target& target) const;
  void add_returning();
  void add_rows(std::size_t clause, std::vector<Option> options,
                std::vector<ClauseRows>& all) const;

  const exchange::Exchange& exchange_;
  const std::vector<bool>& counted_;
  const std::vector<bool>& port_up_;
  net::ParticipantId sender_;
  std::shared_ptr<const policy::Policy> policy_;
  std::vector<policy::Target> named_;  // as clauses that ask the tag name them; sorted
  std::vector<CodedTarget> targets_;
  std::vector<std::pair<net::RouterId, std::size_t>> targets_of_router_;  // sorted
  std::vector<net::ParticipantId> prefix_sets_;                           // sorted
  std::vector<net::IpAddress> destinations_;                              // that clauses write
  // By clause, for those that send packets through middleboxes: its condition, for those that come
  // from a middlebox port.
  struct Returning {
    policy::PredicatePtr from_any;                // of the sender's
    std::vector<policy::PredicatePtr> from_each;  // of Extras::via
  };
  std::vector<Returning> returning_;
  RouteAnswers answers_;
  bool needs_every_prefix_ = false;
  bool depends_on_routes_ = false;
};

// The participants whose prefix sets the conditions mention, sorted.
std::vector<net::ParticipantId> prefix_sets_of(const policy::ClauseList& list);
std::vector<net::ParticipantId> prefix_sets_of(const std::vector<policy::Query>& queries);

}  // namespace fabrix::compiler
