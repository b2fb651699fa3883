#include "verify/clause_diagram.h"

#include <algorithm>

#include "net/packet.h"
#include "policy/extras.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using program::Metadata;
using program::TableId;

// While clauses are ranked, a drop is an opinion; afterwards it is kNone.
constexpr Leaf kDropOpinion = diagram::kTrue;

Leaf drops_are_none(Leaf leaf) {
  return leaf == kDropOpinion ? diagram::kNone : leaf;
}

Diagram where(PacketSpace& space, Diagram condition, Leaf leaf) {
  return space.store().restrict(condition, space.store().leaf(leaf));
}

const policy::ClauseList* list_of(const World& world, net::ParticipantId owner,
                                  policy::Direction direction) {
  const auto& policy = world.policies[owner.index()];
  return policy ? &policy->of(direction) : nullptr;
}

// The effect of what a clause of `owner` does besides, on the way to whatever the leaf says.
Effect beginning(const World& world, net::ParticipantId owner, const policy::Clause& clause) {
  Effect effect;
  if (const auto& police = clause.extras.police) {
    effect.meters = {program::meter_of(owner, police->number, police->kbps)};
  }
  for (const net::RouterId port : clause.extras.mirrors) {
    effect.mirrors.push_back({.port = world.exchange->router(port).port, .writes = {}});
  }
  std::ranges::sort(effect.mirrors);
  return effect;
}

// Copies go to each of the routers: at least one.
Leaf to_each(std::vector<Onward> copies, const policy::Clause& clause, Effect effect,
             Effects& effects) {
  std::ranges::sort(copies);
  copies.erase(std::unique(copies.begin(), copies.end()), copies.end());
  continue_with(effect, std::move(copies));
  effect.writes = clause.writes;
  return effects.leaf_of(effect);
}

Leaf dropped(const Effect& effect, Effects& effects) {
  const Leaf leaf = effects.leaf_of(effect);
  return leaf == diagram::kNone ? kDropOpinion : leaf;
}

// What goes on by the clause. Outbound, by way of a middlebox: what comes from one of the sender's
// goes on, the rest goes there.
class Detours {
 public:
  Detours(const World& world, net::ParticipantId sender, PacketSpace& space, Effects& effects)
      : world_(world), space_(space), effects_(effects) {
    std::vector<PredicatePtr> ports;
    for (const net::RouterId box : world.exchange->middleboxes_of(sender)) {
      ports.push_back(equals(net::Field::kInPort, world.exchange->router(box).port.value));
    }
    returning_ = space.of(*any_of(std::move(ports)), {});
  }

  void rank(const policy::Clause& clause, Diagram when, Leaf leaf, std::vector<Diagram>& ranked) {
    const auto box = open_middlebox(world_, clause);
    if (!box) return ranked.push_back(where(space_, when, leaf));
    ranked.push_back(where(space_, space_.store().conjunction(when, returning_), leaf));
    ranked.push_back(where(space_, when,
                           effects_.leaf_of({.kind = Effect::Kind::kOutput,
                                             .table = TableId::kAdmit,
                                             .metadata = 0,
                                             .port = world_.exchange->router(*box).port,
                                             .writes = {}})));
  }

 private:
  const World& world_;
  PacketSpace& space_;
  Effects& effects_;
  Diagram returning_;
};

}  // namespace

std::uint64_t on_the_way(const World& world, net::ParticipantId sender, net::RouterId router) {
  const net::ParticipantId owner = world.exchange->router(router).participant;
  return (Metadata::sender(sender) | Metadata::egress(owner) | Metadata::egress_router(router))
      .bits;
}

OutboundMeaning::OutboundMeaning(const World& world, net::ParticipantId sender, PacketSpace& space,
                                 Effects& effects)
    : world_(world),
      sender_(sender),
      space_(space),
      effects_(effects),
      clauses_(list_of(world, sender, policy::Direction::kOutbound)) {
  if (clauses_ == nullptr) return;
  for (const policy::Clause& clause : clauses_->clauses) {
    when_.push_back(space.of_clause(*clause.when, {.sender = sender, .owner = sender}));
  }
}

Onward OutboundMeaning::onward(net::RouterId router) const {
  return {.table = entrance_of(world_, world_.exchange->router(router).participant),
          .metadata = on_the_way(world_, sender_, router)};
}

Leaf OutboundMeaning::forward(net::RouterId router, const Writes& writes) {
  const Onward to = onward(router);
  return effects_.leaf_of({.kind = Effect::Kind::kContinue,
                           .table = to.table,
                           .metadata = to.metadata,
                           .port = {},
                           .writes = writes});
}

// The routes for the destination that the clause writes.
exchange::Routes OutboundMeaning::routes_after(const policy::Clause& clause) const {
  net::Packet packet;
  for (const policy::Write& write : clause.writes) {
    if (write.field == net::Field::kDstIp6High || write.field == net::Field::kDstIp6Low) {
      net::set_value(packet, net::Field::kEthType, net::kEthTypeIpv6);
    }
  }
  for (const policy::Write& write : clause.writes) {
    net::set_value(packet, write.field, write.value);
  }
  const auto prefix = world_.reachability->resolve(sender_, packet.dst_ip);
  return prefix ? world_.reachability->routes(sender_, *prefix) : exchange::Routes{};
}

std::optional<Leaf> OutboundMeaning::leaf_of(const policy::Clause& clause,
                                             const exchange::Routes& routes) {
  const Effect effect = beginning(world_, sender_, clause);
  if (std::holds_alternative<policy::Drop>(clause.verdict)) return dropped(effect, effects_);
  const exchange::Routes valid = changes_destination(clause) ? routes_after(clause) : routes;
  std::vector<Onward> copies;
  for (const policy::Target& target : policy::targets_of(clause.verdict)) {
    if (const auto router = route_to(world_, target, valid)) copies.push_back(onward(*router));
  }
  if (policy::may_be_unreachable(clause.verdict)) {
    if (copies.empty()) return std::nullopt;
  } else if (valid.empty()) {
    return dropped(effect, effects_);
  } else {
    copies.push_back(onward(valid.front()));
  }
  return to_each(std::move(copies), clause, effect, effects_);
}

Diagram OutboundMeaning::under(const exchange::Routes& routes) {
  const auto known = by_routes_.find(routes);
  if (known != by_routes_.end()) return known->second;
  return by_routes_.emplace(routes, combine(routes)).first->second;
}

// Many routes have one meaning, by what each clause does under them.
Diagram OutboundMeaning::combine(const exchange::Routes& routes) {
  std::vector<std::optional<Leaf>> leaves;
  if (clauses_ != nullptr) {
    for (const policy::Clause& clause : clauses_->clauses) {
      leaves.push_back(leaf_of(clause, routes));
    }
  }
  leaves.emplace_back(forward(routes.front(), {}));
  const auto known = by_leaves_.find(leaves);
  if (known != by_leaves_.end()) return known->second;
  std::vector<Diagram> ranked;
  Detours detours(world_, sender_, space_, effects_);
  for (std::size_t i = 0; i < when_.size(); ++i) {
    if (leaves[i]) detours.rank(clauses_->clauses[i], when_[i], *leaves[i], ranked);
  }
  ranked.push_back(space_.store().leaf(*leaves.back()));
  const Diagram meaning = space_.store().map(space_.store().over(ranked), drops_are_none);
  by_leaves_.emplace(std::move(leaves), meaning);
  return meaning;
}

Leaf OutboundMeaning::by_default(const policy::Clause& clause) {
  return to_each({{TableId::kResolve, Metadata::sender(sender_).bits}}, clause,
                 beginning(world_, sender_, clause), effects_);
}

// A clause that goes to targets, by what tags say of them: where they say that all of them are
// reachable, then all but one, and so on.
void OutboundMeaning::rank_claims(std::size_t clause, const program::TagMeaning& claims,
                                  std::vector<Diagram>& ranked) {
  struct Case {
    Diagram when;
    std::vector<Onward> copies;
  };
  const policy::Clause& from = clauses_->clauses[clause];
  const auto targets = policy::targets_of(from.verdict);
  std::vector<Case> cases{{when_[clause], {}}};
  for (const policy::Target& target : targets) {
    std::vector<Case> next = cases;
    for (const program::Reached& claim : claims.reached) {
      if (claim.participant != target.participant || claim.port != target.router) continue;
      std::vector<Diagram> tags;
      for (const program::MacPattern& test : claim.tests) tags.push_back(space_.of_tag(test));
      const Diagram says = space_.store().disjunction(tags);
      for (const Case& each : cases) {
        next.push_back({space_.store().conjunction(each.when, says), each.copies});
        next.back().copies.push_back(onward(claim.router));
      }
    }
    cases = std::move(next);
  }
  std::ranges::stable_sort(cases, std::ranges::greater{},
                           [](const Case& each) { return each.copies.size(); });
  const Effect effect = beginning(world_, sender_, from);
  Detours detours(world_, sender_, space_, effects_);
  for (const Case& each : cases) {
    if (each.copies.empty()) continue;
    const Leaf leaf = to_each(each.copies, from, effect, effects_);
    detours.rank(from, each.when, leaf, ranked);
  }
}

Diagram OutboundMeaning::under(const program::TagMeaning* claims) {
  std::vector<Diagram> ranked;
  Detours detours(world_, sender_, space_, effects_);
  for (std::size_t i = 0; i < when_.size(); ++i) {
    const policy::Clause& clause = clauses_->clauses[i];
    std::optional<Leaf> leaf;
    if (changes_destination(clause) || std::holds_alternative<policy::Drop>(clause.verdict)) {
      leaf = leaf_of(clause, {});
    } else if (!policy::may_be_unreachable(clause.verdict)) {
      leaf = by_default(clause);
    } else if (claims != nullptr) {
      rank_claims(i, *claims, ranked);
    }
    if (leaf) detours.rank(clause, when_[i], *leaf, ranked);
  }
  ranked.push_back(space_.store().leaf(by_default({})));
  return space_.store().map(space_.store().over(ranked), drops_are_none);
}

Diagram inbound_meaning(const World& world, net::RouterId router, net::ParticipantId sender,
                        PacketSpace& space, Effects& effects) {
  const auto deliver = [&](net::RouterId port, std::optional<net::RouterId> via = {}) {
    const std::uint64_t detour = via ? Metadata::via(*via).bits : 0;
    return Onward{.table = TableId::kTransit, .metadata = on_the_way(world, sender, port) | detour};
  };
  std::vector<Diagram> ranked;
  const net::ParticipantId owner = world.exchange->router(router).participant;
  const PacketSpace::Asked asked{
      .sender = sender, .owner = owner, .direction = policy::Direction::kInbound};
  const auto* list = list_of(world, owner, policy::Direction::kInbound);
  const std::size_t count = list == nullptr ? 0 : list->clauses.size();
  for (std::size_t i = 0; i < count; ++i) {
    const policy::Clause& clause = list->clauses[i];
    const Effect effect = beginning(world, owner, clause);
    Leaf leaf = kDropOpinion;
    if (std::holds_alternative<policy::Drop>(clause.verdict)) {
      leaf = dropped(effect, effects);
    } else {
      const auto via = open_middlebox(world, clause);
      std::vector<Onward> copies;
      for (const policy::Target& target : policy::targets_of(clause.verdict)) {
        copies.push_back(deliver(target.router.value_or(router), via));
      }
      if (copies.empty()) copies.push_back(deliver(router, via));
      leaf = to_each(std::move(copies), clause, effect, effects);
    }
    ranked.push_back(where(space, space.of_clause(*clause.when, asked), leaf));
  }
  ranked.push_back(space.store().leaf(to_each({deliver(router)}, {}, {}, effects)));
  return space.store().map(space.store().over(ranked), drops_are_none);
}

}  // namespace fabrix::verify
