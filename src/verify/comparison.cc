#include "verify/comparison.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "verify/clause_diagram.h"
#include "verify/findings.h"
#include "verify/route_bound.h"
#include "verify/traffic.h"
#include "verify/workspace.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using exchange::Routes;
using net::ParticipantId;
using net::Prefix;

class Comparer {
 public:
  Comparer(const World& before, const World& after, std::span<const Prefix> prefixes)
      : before_(before), after_(after), prefixes_(prefixes), work_(*before.reachability) {}

  Comparison run();

 private:
  using Fates = std::pair<Leaf, Leaf>;  // before, after

  bool is_full() const { return result_.changes.size() >= kMaxChanges; }
  bool same_policy(ParticipantId id) const {
    return before_.policies[id.index()] == after_.policies[id.index()];
  }
  bool minds_routes(ParticipantId id) const {
    const auto& policy = after_.policies[id.index()];
    return !prefixes_.empty() && policy != nullptr && depends_on_routes(policy->inbound);
  }
  void compare_sent(const exchange::Participant& sender);
  void compare_received(const exchange::Participant& receiver);
  std::vector<Prefix> candidates(ParticipantId sender) const;
  static Routes routes_for(const World& world, ParticipantId sender, const Prefix& prefix);
  Diagram region_of(const std::vector<Prefix>& all, const Prefix& prefix);
  void add_all(ParticipantId sender, const std::optional<Prefix>& prefix, Diagram before,
               Diagram after, std::set<Fates>& seen);

  const World& before_;
  const World& after_;
  std::span<const Prefix> prefixes_;
  Workspace work_;
  Comparison result_;
};

// Whose routes may matter: all that the sender hears of if its policy is another.
std::vector<Prefix> Comparer::candidates(ParticipantId sender) const {
  std::vector<Prefix> all(prefixes_.begin(), prefixes_.end());
  if (same_policy(sender)) return all;
  for (const World* world : {&before_, &after_}) {
    world->reachability->for_each_prefix(
        sender, [&](const Prefix& prefix, const Routes& /*routes*/) { all.push_back(prefix); });
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// Without a route of its own a destination is routed by what covers it.
Routes Comparer::routes_for(const World& world, ParticipantId sender, const Prefix& prefix) {
  Routes routes = world.reachability->routes(sender, prefix);
  if (!routes.empty()) return routes;
  const auto covering = world.reachability->resolve(sender, prefix.address());
  if (!covering || covering->length() > prefix.length()) return {};
  return world.reachability->routes(sender, *covering);
}

Diagram Comparer::region_of(const std::vector<Prefix>& all, const Prefix& prefix) {
  std::vector<Diagram> inner;
  auto next = std::ranges::upper_bound(all, prefix);
  for (; next != all.end() && prefix.contains(*next); ++next) {
    inner.push_back(work_.space.of(*is_for(*next), {}));
  }
  return work_.space.store().difference(work_.space.of(*is_for(prefix), {}),
                                        work_.space.store().disjunction(inner));
}

// A packet for each pair of fates that is not yet known.
void Comparer::add_all(ParticipantId sender, const std::optional<Prefix>& prefix, Diagram before,
                       Diagram after, std::set<Fates>& seen) {
  std::map<Fates, Leaf> numbers;
  std::vector<Fates> fates;
  diagram::Store& store = work_.space.store();
  const Diagram both = store.combine(before, after, [&](Leaf one, Leaf other) {
    if (one == other) return diagram::kNone;
    const auto [place, is_new] =
        numbers.emplace(Fates{one, other}, static_cast<Leaf>(fates.size() + 1));
    if (is_new) fates.emplace_back(one, other);
    return place->second;
  });
  const exchange::Exchange& exchange = *before_.exchange;
  for (const Leaf leaf : store.leaves(both)) {
    if (leaf == diagram::kNone || !seen.insert(fates[leaf - 1]).second) continue;
    if (is_full()) {
      result_.complete = false;
      return;
    }
    const auto point = store.find_point(both, [leaf](Leaf each) { return each == leaf; });
    const auto& [one, other] = fates[leaf - 1];
    result_.changes.push_back({.sender = sender,
                               .prefix = prefix,
                               .witness = packet_at(*point, {}),
                               .before = describe(work_.effects.at(one), exchange),
                               .after = describe(work_.effects.at(other), exchange)});
  }
}

void Comparer::compare_sent(const exchange::Participant& sender) {
  const auto all = candidates(sender.id);
  if (all.empty() || sender.routers.empty()) return;
  work_.space.look_at(*before_.reachability);
  OutboundMeaning was(before_, sender.id, work_.space, work_.effects);
  work_.space.look_at(*after_.reachability);
  OutboundMeaning is(after_, sender.id, work_.space, work_.effects);
  diagram::Store& store = work_.space.store();
  const std::vector<ParticipantId> senders{sender.id};
  const Diagram sent = store.conjunction(work_.routed(*before_.exchange),
                                         work_.entering_from(*before_.exchange, senders));
  std::set<Fates> seen;
  for (const Prefix& prefix : all) {
    const Routes had = routes_for(before_, sender.id, prefix);
    const Routes has = routes_for(after_, sender.id, prefix);
    const Diagram then = had.empty() ? store.none() : was.under(had);
    const Diagram now = has.empty() ? store.none() : is.under(has);
    if (then == now) continue;
    const Diagram where = store.conjunction(sent, region_of(all, prefix));
    add_all(sender.id, prefix, store.restrict(where, then), store.restrict(where, now), seen);
  }
}

void Comparer::compare_received(const exchange::Participant& receiver) {
  if (same_policy(receiver.id) && !minds_routes(receiver.id)) return;
  diagram::Store& store = work_.space.store();
  std::set<Fates> seen;
  for (const net::RouterId router : before_.exchange->routers_of(receiver.id)) {
    for (const exchange::Participant& sender : before_.exchange->participants) {
      if (sender.routers.empty() || sender.id == receiver.id || is_full()) continue;
      work_.space.look_at(*before_.reachability);
      const Diagram then = inbound_meaning(before_, router, sender.id, work_.space, work_.effects);
      work_.space.look_at(*after_.reachability);
      const Diagram now = inbound_meaning(after_, router, sender.id, work_.space, work_.effects);
      if (then == now) continue;
      const std::vector<ParticipantId> senders{sender.id};
      const Diagram where = store.conjunction(work_.entering_from(*before_.exchange, senders),
                                              work_.space.well_formed_ip());
      add_all(sender.id, {}, store.restrict(where, then), store.restrict(where, now), seen);
    }
  }
}

Comparison Comparer::run() {
  for (const exchange::Participant& each : before_.exchange->participants) {
    if (!each.present || each.dynamic || is_full()) continue;
    compare_sent(each);
    compare_received(each);
  }
  return std::move(result_);
}

}  // namespace

Comparison compare(const World& before, const World& after, std::span<const Prefix> prefixes) {
  return Comparer(before, after, prefixes).run();
}

}  // namespace fabrix::verify
