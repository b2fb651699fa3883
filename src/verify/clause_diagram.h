// ClauseDiagrams: what a participant's clauses mean, as a diagram from packets to Effects, straight
// from the definition of a policy (policy/policy.h) and SEMANTICS, steps 3 and 4.
//
// Nothing is owned; everything must outlive this. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "diagram/diagram.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "policy/policy.h"
#include "program/tag_meaning.h"
#include "verify/effect.h"
#include "verify/packet_space.h"
#include "verify/world.h"

namespace fabrix::verify {

// Of one sender's outbound policy; without policy, of what BGP says.
class OutboundMeaning {
 public:
  // `few`, unless null: of these packets alone, for others it says nothing.
  OutboundMeaning(const World& world, net::ParticipantId sender, PacketSpace& space,
                  Effects& effects, const FewPackets* few = nullptr);

  // For packets to a prefix with these routes: not empty. Leads to the inbound table, or drops.
  diagram::Diagram under(const exchange::Routes& routes);

  // For packets with an inline tag, over the fields of tags, if a target is reachable by the router
  // that the tag claims. Leads to the inbound table, or to the resolve table where BGP decides.
  diagram::Diagram under(const program::TagMeaning* claims);

  // A packet that goes to that router with those writes.
  diagram::Leaf forward(net::RouterId router, const Writes& writes);

 private:
  class Ranking;
  // Where tags say that these are reachable.
  struct ClaimedCase {
    diagram::Diagram says;
    std::vector<Onward> copies;
  };

  Onward onward(net::RouterId router) const;
  void add_claimed(const policy::Target& target, const program::TagMeaning& claims,
                   std::span<const diagram::Diagram> says, std::vector<ClaimedCase>& cases);
  void rank_claims(std::size_t clause, const program::TagMeaning& claims,
                   std::span<const diagram::Diagram> says, Ranking& ranking);
  diagram::Leaf by_default(const policy::Clause& clause);
  diagram::Diagram combine(const exchange::Routes& routes);
  // What a clause does under the routes; none: it does not apply.
  std::optional<diagram::Leaf> leaf_of(const policy::Clause& clause,
                                       const exchange::Routes& routes);
  exchange::Routes routes_after(const policy::Clause& clause) const;

  const World& world_;
  net::ParticipantId sender_;
  PacketSpace& space_;
  Effects& effects_;
  const policy::ClauseList* clauses_ = nullptr;  // null: no policy
  std::vector<diagram::Diagram> when_;
  std::map<exchange::Routes, diagram::Diagram> by_routes_;
  std::map<std::vector<std::optional<diagram::Leaf>>, diagram::Diagram> by_leaves_;
};

// What `receiver`'s inbound policy does with packets of `sender` that came for `router`. Leads to
// the transit table, or drops.
diagram::Diagram inbound_meaning(const World& world, net::RouterId router,
                                 net::ParticipantId sender, PacketSpace& space, Effects& effects);

// A packet on its way from `sender` to `router`, as metadata.
std::uint64_t on_the_way(const World& world, net::ParticipantId sender, net::RouterId router);

}  // namespace fabrix::verify
