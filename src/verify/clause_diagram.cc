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

const policy::ClauseList* list_of(const World& world, net::ParticipantId owner,
                                  policy::Direction direction) {
  const auto& policy = world.policies[owner.index()];
  return policy ? &policy->of(direction) : nullptr;
}

// The effect of what a clause of `owner` does besides, on the way to whatever the leaf says.
Effect beginning(const World& world, net::ParticipantId owner, const policy::Clause& clause) {
  Effect effect;
  if (clause.counter != nullptr) effect.counters = {clause.counter->id};
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

Onward delivery(const World& world, net::ParticipantId sender, net::RouterId port,
                std::optional<net::RouterId> via = {}) {
  const std::uint64_t detour = via ? Metadata::via(*via).bits : 0;
  return {.table = TableId::kTransit, .metadata = on_the_way(world, sender, port) | detour};
}

// What a clause does with packets of `sender` that came for `router`, whose owner's it is.
Leaf inbound_leaf(const World& world, const policy::Clause& clause, net::RouterId router,
                  net::ParticipantId sender, Effects& effects) {
  const Effect effect = beginning(world, world.exchange->router(router).participant, clause);
  if (std::holds_alternative<policy::Drop>(clause.verdict)) return effects.leaf_of(effect);
  const auto via = next_middlebox(world, clause);
  std::vector<Onward> copies;
  for (const policy::Target& target : policy::targets_of(clause.verdict)) {
    copies.push_back(delivery(world, sender, target.router.value_or(router), via));
  }
  if (copies.empty()) copies.push_back(delivery(world, sender, router, via));
  return to_each(std::move(copies), clause, effect, effects);
}

}  // namespace

// What goes on by which clause. By way of middleboxes: what comes from one of them goes to the
// next, what comes from the last or from another of the sender's goes on, and the rest goes to the
// first.
class OutboundMeaning::Ranking {
 public:
  explicit Ranking(OutboundMeaning& of) : of_(of) {
    std::vector<PredicatePtr> ports;
    const exchange::Exchange& exchange = *of.world_.exchange;
    for (const net::RouterId box : exchange.middleboxes_of(of.sender_)) {
      ports.push_back(equals(net::Field::kInPort, exchange.router(box).port.value));
    }
    returning_ = of.space_.of(*any_of(std::move(ports)), {});
  }

  // Where both conditions hold.
  void add(const policy::Clause& clause, Diagram when, Diagram besides, Leaf leaf) {
    const auto first = next_middlebox(of_.world_, clause);
    if (!first) return cases_.push_back({when, besides, leaf});
    diagram::Store& store = of_.space_.store();
    for (const net::RouterId box : clause.extras.via) {
      const auto next = next_middlebox(of_.world_, clause, box);
      if (!next) continue;
      const auto port = equals(net::Field::kInPort, port_of(box).value);
      cases_.push_back(
          {store.conjunction(when, of_.space_.of(*port, {})), besides, to_middlebox(*next)});
    }
    cases_.push_back({store.conjunction(when, returning_), besides, leaf});
    cases_.push_back({when, besides, to_middlebox(*first)});
  }
  void add(const policy::Clause& clause, Diagram when, Leaf leaf) {
    add(clause, when, of_.space_.store().always(), leaf);
  }
  Diagram otherwise(Leaf leaf) {
    diagram::Store& store = of_.space_.store();
    cases_.push_back({store.always(), store.always(), leaf});
    return store.first_match(cases_);
  }

 private:
  net::PortNo port_of(net::RouterId box) const { return of_.world_.exchange->router(box).port; }
  Leaf to_middlebox(net::RouterId box) {
    return of_.effects_.leaf_of({.kind = Effect::Kind::kOutput,
                                 .table = TableId::kAdmit,
                                 .metadata = 0,
                                 .port = port_of(box),
                                 .writes = {}});
  }

  OutboundMeaning& of_;
  std::vector<diagram::Case> cases_;
  Diagram returning_;
};

std::uint64_t on_the_way(const World& world, net::ParticipantId sender, net::RouterId router) {
  const net::ParticipantId owner = world.exchange->router(router).participant;
  return (Metadata::sender(sender) | Metadata::egress(owner) | Metadata::egress_router(router))
      .bits;
}

OutboundMeaning::OutboundMeaning(const World& world, net::ParticipantId sender, PacketSpace& space,
                                 Effects& effects, const FewPackets* few)
    : world_(world),
      sender_(sender),
      space_(space),
      effects_(effects),
      clauses_(list_of(world, sender, policy::Direction::kOutbound)) {
  if (clauses_ == nullptr) return;
  for (const policy::Clause& clause : clauses_->clauses) {
    when_.push_back(space.of_clause(*clause.when, {.sender = sender, .owner = sender, .few = few}));
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
  if (std::holds_alternative<policy::Drop>(clause.verdict)) return effects_.leaf_of(effect);
  const exchange::Routes valid = changes_destination(clause) ? routes_after(clause) : routes;
  std::vector<Onward> copies;
  for (const policy::Target& target : policy::targets_of(clause.verdict)) {
    if (const auto router = route_to(world_, target, valid)) copies.push_back(onward(*router));
  }
  if (policy::may_be_unreachable(clause.verdict)) {
    if (copies.empty()) return std::nullopt;
  } else if (valid.empty()) {
    return effects_.leaf_of(effect);
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
  Ranking ranking(*this);
  for (std::size_t i = 0; i < when_.size(); ++i) {
    if (leaves[i]) ranking.add(clauses_->clauses[i], when_[i], *leaves[i]);
  }
  const Diagram meaning = ranking.otherwise(*leaves.back());
  by_leaves_.emplace(std::move(leaves), meaning);
  return meaning;
}

Leaf OutboundMeaning::by_default(const policy::Clause& clause) {
  return to_each({{TableId::kResolve, Metadata::sender(sender_).bits}}, clause,
                 beginning(world_, sender_, clause), effects_);
}

// To each case one more where the target is claimed to be reachable besides.
void OutboundMeaning::add_claimed(const policy::Target& target, const program::TagMeaning& claims,
                                  std::span<const Diagram> says, std::vector<ClaimedCase>& cases) {
  const std::size_t without = cases.size();
  for (std::size_t i = 0; i < claims.reached.size(); ++i) {
    const program::Reached& claim = claims.reached[i];
    if (claim.participant != target.participant || claim.port != target.router) continue;
    for (std::size_t j = 0; j < without; ++j) {
      ClaimedCase with = cases[j];
      with.says = space_.store().conjunction(with.says, says[i]);
      with.copies.push_back(onward(claim.router));
      cases.push_back(std::move(with));
    }
  }
}

// A clause that goes to targets, by what tags say of them: where they say that all of them are
// reachable, then all but one, and so on.
void OutboundMeaning::rank_claims(std::size_t clause, const program::TagMeaning& claims,
                                  std::span<const Diagram> says, Ranking& ranking) {
  const policy::Clause& from = clauses_->clauses[clause];
  const auto targets = policy::targets_of(from.verdict);
  std::vector<ClaimedCase> cases{{space_.store().always(), {}}};
  for (const policy::Target& target : targets) add_claimed(target, claims, says, cases);
  if (targets.size() > 1) {
    std::ranges::stable_sort(cases, std::ranges::greater{},
                             [](const ClaimedCase& each) { return each.copies.size(); });
  }
  const Effect effect = beginning(world_, sender_, from);
  for (const ClaimedCase& each : cases) {
    if (each.copies.empty()) continue;
    ranking.add(from, when_[clause], each.says, to_each(each.copies, from, effect, effects_));
  }
}

Diagram OutboundMeaning::under(const program::TagMeaning* claims) {
  std::vector<Diagram> says;  // of which tags each claim is
  if (claims != nullptr) {
    for (const program::Reached& claim : claims->reached) {
      std::vector<Diagram> tags;
      for (const program::MacPattern& test : claim.tests) tags.push_back(space_.of_tag(test));
      says.push_back(space_.store().disjunction(tags));
    }
  }
  Ranking ranking(*this);
  for (std::size_t i = 0; i < when_.size(); ++i) {
    const policy::Clause& clause = clauses_->clauses[i];
    std::optional<Leaf> leaf;
    if (changes_destination(clause) || std::holds_alternative<policy::Drop>(clause.verdict)) {
      leaf = leaf_of(clause, {});
    } else if (!policy::may_be_unreachable(clause.verdict)) {
      leaf = by_default(clause);
    } else if (claims != nullptr) {
      rank_claims(i, *claims, says, ranking);
    }
    if (leaf) ranking.add(clause, when_[i], *leaf);
  }
  return ranking.otherwise(by_default({}));
}

Diagram inbound_meaning(const World& world, net::RouterId router, net::ParticipantId sender,
                        PacketSpace& space, Effects& effects) {
  diagram::Store& store = space.store();
  std::vector<diagram::Case> cases;
  const net::ParticipantId owner = world.exchange->router(router).participant;
  const PacketSpace::Asked asked{
      .sender = sender, .owner = owner, .direction = policy::Direction::kInbound};
  const auto* list = list_of(world, owner, policy::Direction::kInbound);
  const std::size_t count = list == nullptr ? 0 : list->clauses.size();
  for (std::size_t i = 0; i < count; ++i) {
    const policy::Clause& clause = list->clauses[i];
    const Leaf leaf = inbound_leaf(world, clause, router, sender, effects);
    cases.push_back({space.of_clause(*clause.when, asked), store.always(), leaf});
  }
  cases.push_back({store.always(), store.always(),
                   to_each({delivery(world, sender, router)}, {}, {}, effects)});
  return store.first_match(cases);
}

}  // namespace fabrix::verify
