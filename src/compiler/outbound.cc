#include "compiler/outbound.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <variant>

#include "compiler/delivery.h"
#include "compiler/extras.h"
#include "policy/extras.h"
#include "policy/route_test.h"
#include "policy/simplify.h"
#include "program/tag.h"

namespace fabrix::compiler {
namespace {

using policy::Clause;
using policy::PredicatePtr;
using policy::Target;
using program::Metadata;

bool writes_destination(const Clause& clause) {
  return std::ranges::any_of(clause.writes, [](const policy::Write& write) {
    return write.field == net::Field::kDstIp4 || write.field == net::Field::kDstIp6High ||
           write.field == net::Field::kDstIp6Low;
  });
}

std::uint64_t written(const Clause& clause, net::Field field) {
  const auto write = std::ranges::find(clause.writes, field, &policy::Write::field);
  return write == clause.writes.end() ? 0 : write->value;
}

std::uint8_t octet_of(std::uint64_t value, std::size_t index_from_right) {
  return static_cast<std::uint8_t>(value >> (8 * index_from_right) & 0xffU);
}

// Of a clause that writes it.
net::IpAddress new_destination(const Clause& clause) {
  const auto ip4 = std::ranges::find(clause.writes, net::Field::kDstIp4, &policy::Write::field);
  if (ip4 != clause.writes.end()) {
    const std::uint64_t value = ip4->value;
    return net::IpAddress::v4(
        {octet_of(value, 3), octet_of(value, 2), octet_of(value, 1), octet_of(value, 0)});
  }
  const std::uint64_t high = written(clause, net::Field::kDstIp6High);
  const std::uint64_t low = written(clause, net::Field::kDstIp6Low);
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 8; ++i) {
    octets.at(i) = octet_of(high, 7 - i);
    octets.at(8 + i) = octet_of(low, 7 - i);
  }
  return net::IpAddress::v6(octets);
}

PredicatePtr enters_at(std::vector<policy::Interval> ports) {
  return policy::test_field(net::Field::kInPort, policy::normalize(std::move(ports)));
}

// The condition itself stays as it is: the order of its operands matters (box.h).
PredicatePtr both(PredicatePtr place, const Clause& clause) {
  return std::make_shared<const policy::Predicate>(
      policy::Predicate{policy::And{{std::move(place), clause.when}}});
}

bool asks_tag(const Clause& clause) {
  return policy::may_be_unreachable(clause.verdict) && !writes_destination(clause);
}

// `identity` without more only keeps later clauses from acting, and they ask the tag themselves.
bool acts_unasked(const Clause& clause) {
  if (std::holds_alternative<policy::UseDefault>(clause.verdict)) return !policy::is_plain(clause);
  return !asks_tag(clause);
}

std::vector<program::SetField> set_fields(const Clause& clause) {
  std::vector<program::SetField> all;
  for (const policy::Write& write : clause.writes) all.push_back({write.field, write.value});
  return all;
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate or Shape, at most policy::kMaxDepth.
void collect_prefix_sets(const policy::Predicate& predicate,
                         std::vector<net::ParticipantId>& found) {
  if (const auto* set = std::get_if<policy::InPrefixesOf>(&predicate.node)) {
    found.push_back(set->participant);
  } else if (const auto* negation = std::get_if<policy::Not>(&predicate.node)) {
    collect_prefix_sets(*negation->operand, found);
  } else if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
    for (const auto& operand : all->operands) collect_prefix_sets(*operand, found);
  } else if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
    for (const auto& operand : any->operands) collect_prefix_sets(*operand, found);
  }
}

// NOLINTEND(misc-no-recursion)

// Whether no tag matches both.
bool are_disjoint(const program::MacPattern& a, const program::MacPattern& b) {
  return ((a.bits ^ b.bits) & a.mask & b.mask) != 0;
}

bool is_disjoint_from_all(const Option& option, const std::vector<Option>& others) {
  return std::ranges::all_of(
      others, [&option](const Option& other) { return are_disjoint(option.tag, other.tag); });
}

// Options that may match one tag stand in lists of their own: rows of one list share a priority.
std::vector<std::vector<Option>> parted(std::vector<std::vector<Option>> ranks) {
  std::vector<std::vector<Option>> lists;
  for (std::vector<Option>& rank : ranks) {
    const std::size_t first = lists.size();
    for (Option& option : rank) {
      std::size_t place = first;
      while (place < lists.size() && !is_disjoint_from_all(option, lists[place])) ++place;
      if (place == lists.size()) lists.emplace_back();
      lists[place].push_back(std::move(option));
    }
  }
  return lists;
}

// What a tag says of the targets of a clause that are reachable, by these routers.
struct Case {
  program::MacPattern tag;
  std::vector<net::RouterId> routers;
};

// Those of `cases` that may be so, with one more target that is reachable, by `router`.
void add_cases(const std::vector<Case>& cases, const ReachTest& test, net::RouterId router,
               std::vector<Case>& to) {
  const program::MacPattern reached = program::match_reach(test.bits, test.mask);
  for (const Case& each : cases) {
    if (are_disjoint(each.tag, reached)) continue;
    to.push_back(each);
    to.back().tag = {each.tag.bits | reached.bits, each.tag.mask | reached.mask};
    to.back().routers.push_back(router);
  }
}

// Any of them says that the unit is reachable.
std::vector<program::MacPattern> patterns_of(const Codebook& codebook, const Unit& unit) {
  std::vector<program::MacPattern> patterns;
  for (const ReachTest& test : codebook.tests(unit)) {
    patterns.push_back(program::match_reach(test.bits, test.mask));
  }
  return patterns;
}

std::vector<net::ParticipantId> sorted(std::vector<net::ParticipantId> found) {
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

unsigned width_of(std::size_t routers) {
  return static_cast<unsigned>(std::bit_width(routers));
}

}  // namespace

std::vector<unsigned> reach_homes(const exchange::Exchange& exchange) {
  std::vector<unsigned> homes;
  unsigned next = 0;
  for (const exchange::Participant& participant : exchange.participants) {
    homes.push_back(next % program::kReachBits);
    const std::size_t routers = exchange.routers_of(participant.id).size();
    // The participant as a target, then each of its ports as one.
    next += width_of(routers) + (routers > 1 ? static_cast<unsigned>(routers) : 0);
  }
  return homes;
}

OutboundPolicy::OutboundPolicy(const Surroundings& surroundings, net::ParticipantId sender,
                               std::shared_ptr<const policy::Policy> policy)
    : exchange_(surroundings.exchange),
      counted_(surroundings.counted),
      port_up_(surroundings.port_up),
      sender_(sender),
      policy_(std::move(policy)),
      prefix_sets_(prefix_sets_of(policy_->outbound)),
      answers_(sender, policy::Direction::kOutbound, route_tests_of(policy_->outbound)) {
  add_targets(surroundings.homes);
  add_returning();
  const auto& clauses = policy_->outbound.clauses;
  needs_every_prefix_ = std::ranges::any_of(clauses, acts_unasked) ||
                        std::ranges::any_of(policy_->foreseen, acts_unasked);
  for (const Clause& clause : clauses) {
    if (writes_destination(clause)) destinations_.push_back(new_destination(clause));
  }
  depends_on_routes_ =
      !prefix_sets_.empty() || !destinations_.empty() || !answers_.questions().empty();
}

bool OutboundPolicy::is_concerned(std::span<const net::RouterId> announcers,
                                  std::span<const net::Prefix> changed) const {
  if (!answers_.questions().empty() && !changed.empty()) return true;
  const bool other_sets =
      !prefix_sets_.empty() && std::ranges::any_of(announcers, [this](net::RouterId router) {
        return std::ranges::binary_search(prefix_sets_, exchange_.router(router).participant);
      });
  return other_sets || std::ranges::any_of(destinations_, [changed](const net::IpAddress& each) {
           return std::ranges::any_of(
               changed, [&each](const net::Prefix& prefix) { return prefix.contains(each); });
         });
}

// A port of a participant that has one router is the participant.
Target OutboundPolicy::normal(const Target& target) const {
  if (!target.router) return target;
  if (exchange_.routers_of(target.participant).size() > 1) return target;
  return {.participant = target.participant, .router = std::nullopt};
}

void OutboundPolicy::add_targets(const std::vector<unsigned>& homes) {
  for (const auto* clauses : {&policy_->outbound.clauses, &policy_->foreseen}) {
    for (const Clause& clause : *clauses) {
      if (!asks_tag(clause)) continue;
      for (const Target& target : policy::targets_of(clause.verdict)) named_.push_back(target);
    }
  }
  std::ranges::sort(named_);
  named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
  std::vector<Target> targets;
  for (const Target& target : named_) targets.push_back(normal(target));
  std::ranges::sort(targets);
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  for (const Target& target : targets) {
    std::vector<net::RouterId> routers = exchange_.routers_of(target.participant);
    if (routers.empty()) continue;  // a remote participant announces nothing from a port
    std::ranges::sort(routers);
    unsigned home = homes[target.participant.index()];
    if (target.router) {
      const auto place = std::ranges::find(routers, *target.router) - routers.begin();
      home += width_of(routers.size()) + static_cast<unsigned>(place);
      routers = {*target.router};
    }
    for (const net::RouterId router : routers) {
      targets_of_router_.emplace_back(router, targets_.size());
    }
    targets_.push_back({target, std::move(routers), home % program::kReachBits});
  }
  std::ranges::sort(targets_of_router_);
}

void OutboundPolicy::add_returning() {
  const auto port_of = [this](net::RouterId box) -> policy::Interval {
    const std::uint64_t port = exchange_.router(box).port.value;
    return {port, port};
  };
  std::vector<policy::Interval> ports;
  for (const net::RouterId box : exchange_.middleboxes_of(sender_)) ports.push_back(port_of(box));
  const PredicatePtr from_any = enters_at(std::move(ports));
  for (const Clause& clause : policy_->outbound.clauses) {
    returning_.emplace_back();
    if (clause.extras.via.empty()) continue;
    returning_.back().from_any = both(from_any, clause);
    for (const net::RouterId box : clause.extras.via) {
      returning_.back().from_each.push_back(both(enters_at({port_of(box)}), clause));
    }
  }
}

Units OutboundPolicy::units_of(const exchange::Routes& routes) const {
  Units units;
  units_of(routes, units);
  return units;
}

void OutboundPolicy::units_of(std::span<const net::RouterId> routes, Units& units) const {
  units.clear();
  for (const net::RouterId router : routes) {
    auto at = std::ranges::lower_bound(targets_of_router_, std::pair{router, std::size_t{0}});
    for (; at != targets_of_router_.end() && at->first == router; ++at) {
      const Target& target = targets_[at->second].target;
      const bool known = std::ranges::find(units, target, &Unit::target) != units.end();
      if (!known) units.push_back({.target = target, .router = router});
    }
  }
  std::ranges::sort(units);
}

std::vector<net::RouterId> OutboundPolicy::choose(
    const Clause& clause, const exchange::Reachability& reachability) const {
  const auto prefix = reachability.resolve(sender_, new_destination(clause));
  if (!prefix) return {};
  const exchange::Routes routes = reachability.routes(sender_, *prefix);
  const auto targets = policy::targets_of(clause.verdict);
  if (targets.empty()) {
    return routes.empty() ? std::vector<net::RouterId>{} : std::vector{routes.front()};
  }
  std::vector<net::RouterId> chosen;
  for (const Target& target : targets) {
    const auto reached = std::ranges::find_if(routes, [&](net::RouterId router) {
      return target.router ? router == *target.router
                           : exchange_.router(router).participant == target.participant;
    });
    if (reached != routes.end()) chosen.push_back(*reached);
  }
  return chosen;
}

RouteFacts OutboundPolicy::facts(const exchange::Reachability& reachability) const {
  RouteFacts facts;
  if (!depends_on_routes_) return facts;
  for (const Clause& clause : policy_->outbound.clauses) {
    const bool asks =
        writes_destination(clause) && !std::holds_alternative<policy::Drop>(clause.verdict);
    facts.chosen.push_back(asks ? choose(clause, reachability) : std::vector<net::RouterId>{});
  }
  for (const net::ParticipantId participant : prefix_sets_) {
    facts.prefix_sets.push_back(reachability.announced_by(participant));
  }
  facts.regions = answers_.regions();
  return facts;
}

Action OutboundPolicy::discard(const Clause& clause) const {
  return with_extras({{}, {}, program::Discard{}}, policy::normal(clause.extras, policy::Drop{}),
                     sender_, exchange_);
}

// To each of the routers: at least one.
Action OutboundPolicy::to(const Clause& clause, std::vector<net::RouterId> routers) const {
  std::ranges::sort(routers);
  routers.erase(std::unique(routers.begin(), routers.end()), routers.end());
  program::Fork fork;
  for (const net::RouterId router : routers) {
    const net::ParticipantId owner = exchange_.router(router).participant;
    fork.branches.push_back({.metadata = Metadata::egress(owner) | Metadata::egress_router(router),
                             .table = entrance_of(owner, counted_)});
  }
  const program::Branch first = fork.branches.front();
  Action action{set_fields(clause), {}, program::Goto{first.table}};
  if (fork.branches.size() == 1) {
    action.write_metadata = first.metadata;
  } else {
    std::ranges::sort(fork.branches);
    action.next = std::move(fork);
  }
  return with_extras(std::move(action), clause.extras, sender_, exchange_);
}

// What a tag can say of the target.
std::vector<Unit> OutboundPolicy::units_for(const Target& target) const {
  const Target coded = normal(target);
  const auto found = std::ranges::lower_bound(targets_, coded, {}, &CodedTarget::target);
  if (found == targets_.end() || found->target != coded) return {};
  std::vector<Unit> units;
  for (const net::RouterId router : found->routers) {
    units.push_back({.target = coded, .router = router});
  }
  return units;
}

// In order: the tags that say that all of the targets are reachable, then all but one, and so on.
std::vector<std::vector<Option>> OutboundPolicy::tagged(const Clause& clause,
                                                        const Codebook& codebook) const {
  std::vector<Case> cases{{}};
  const auto targets = policy::targets_of(clause.verdict);
  for (const Target& target : targets) {
    std::vector<Case> next = cases;
    for (const Unit& unit : units_for(target)) {
      for (const ReachTest& test : codebook.tests(unit)) add_cases(cases, test, unit.router, next);
    }
    cases = std::move(next);
  }
  std::vector<std::vector<Option>> ranks(targets.size());
  for (const Case& each : cases) {
    if (each.routers.empty()) continue;
    ranks[targets.size() - each.routers.size()].push_back(
        {.tag = each.tag, .action = to(clause, each.routers)});
  }
  return parted(std::move(ranks));
}

std::vector<std::vector<Option>> OutboundPolicy::options(std::size_t clause,
                                                         const Codebook& codebook,
                                                         const RouteFacts& facts) const {
  const Clause& from = policy_->outbound.clauses[clause];
  const auto always = [](Action action) {
    std::vector<Option> one{Option{.tag = {}, .action = std::move(action)}};
    return std::vector<std::vector<Option>>{std::move(one)};
  };
  if (std::holds_alternative<policy::Drop>(from.verdict)) return always(discard(from));
  const bool may_fail = policy::may_be_unreachable(from.verdict);
  if (writes_destination(from)) {
    const auto& routers = facts.chosen[clause];
    if (!routers.empty()) return always(to(from, routers));
    // No route for the new destination (SEMANTICS, step 3); a forward does not apply then.
    if (!may_fail) return always(discard(from));
    return {};
  }
  if (may_fail) return tagged(from, codebook);
  return always(with_extras({set_fields(from), {}, scope().fall_through.next}, from.extras, sender_,
                            exchange_));
}

std::vector<ClauseRows> OutboundPolicy::clauses(const Codebook& codebook,
                                                const RouteFacts& facts) const {
  std::vector<ClauseRows> all;
  const auto& clauses = policy_->outbound.clauses;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    auto lists = options(i, codebook, facts);
    if (lists.empty()) lists.emplace_back();
    for (std::vector<Option>& list : lists) {
      add_rows(i, std::move(list), all);
    }
  }
  return all;
}

// Through middleboxes: what comes from one of them goes to the next, as it is; what comes from the
// last, or from another of the sender's, goes on; and the rest goes to the first.
void OutboundPolicy::add_rows(std::size_t clause, std::vector<Option> options,
                              std::vector<ClauseRows>& all) const {
  const Clause& from = policy_->outbound.clauses[clause];
  const auto add = [&](const policy::Predicate& when, std::vector<Option> acting) {
    ClauseRows rows;
    rows.when = &when;
    rows.clause = static_cast<std::uint32_t>(clause);
    rows.options = std::move(acting);
    rows.decisive = !rows.options.empty() && rows.options.front().tag.mask == 0;
    all.push_back(std::move(rows));
  };
  for (Option& each : options) each.action.counter = counter_of(from);
  const auto steps = detours(from.extras.via, port_up_);
  if (steps.empty()) return add(*from.when, std::move(options));
  const auto going_to = [&](net::RouterId box) {
    std::vector<Option> there = options;
    for (Option& each : there) each.action = {{}, {}, program::Output{exchange_.router(box).port}};
    return there;
  };
  const Returning& returning = returning_[clause];
  for (const Detour& step : steps) {
    if (!step.from) continue;
    const auto place = std::ranges::find(from.extras.via, *step.from) - from.extras.via.begin();
    add(*returning.from_each[static_cast<std::size_t>(place)], going_to(step.to));
  }
  std::vector<Option> first = going_to(steps.front().to);
  add(*returning.from_any, std::move(options));
  add(*from.when, std::move(first));
}

RouteSense OutboundPolicy::sense(const RouteFacts& facts,
                                 const exchange::Reachability& reachability) const {
  return {
      .reachability = reachability, .questions = answers_.questions(), .regions = facts.regions};
}

Scope OutboundPolicy::scope() const {
  return {.metadata = Metadata::sender(sender_),
          .tag = program::match_kind(program::TagKind::kInline),
          .kind = program::Origin::Kind::kOutboundClause,
          .participant = sender_,
          .fall_through = {{}, {}, program::Goto{program::TableId::kResolve}}};
}

program::TagMeaning OutboundPolicy::meaning(const Codebook& codebook) const {
  program::TagMeaning meaning{.sender = sender_, .reached = {}};
  for (const Target& target : named_) {
    const Target coded = normal(target);
    const auto found = std::ranges::lower_bound(targets_, coded, {}, &CodedTarget::target);
    if (found == targets_.end() || found->target != coded) continue;
    for (const net::RouterId router : found->routers) {
      auto tests = patterns_of(codebook, {.target = coded, .router = router});
      if (tests.empty()) continue;
      meaning.reached.push_back({.participant = target.participant,
                                 .port = target.router,
                                 .router = router,
                                 .tests = std::move(tests)});
    }
  }
  return meaning;
}

std::vector<net::ParticipantId> prefix_sets_of(const policy::ClauseList& list) {
  std::vector<net::ParticipantId> found;
  for (const Clause& clause : list.clauses) collect_prefix_sets(*clause.when, found);
  return sorted(std::move(found));
}

std::vector<net::ParticipantId> prefix_sets_of(const std::vector<policy::Query>& queries) {
  std::vector<net::ParticipantId> found;
  for (const policy::Query& query : queries) collect_prefix_sets(*query.when, found);
  return sorted(std::move(found));
}

}  // namespace fabrix::compiler
