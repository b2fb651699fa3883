#include "compiler/outbound.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <variant>

#include "program/tag.h"

namespace fabrix::compiler {
namespace {

using policy::Clause;
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

const policy::Forward* forward_of(const Clause& clause) {
  return std::get_if<policy::Forward>(&clause.verdict);
}

bool asks_tag(const Clause& clause) {
  return forward_of(clause) != nullptr && !writes_destination(clause);
}

// `identity` without writes only keeps later clauses from acting, and they ask the tag themselves.
bool acts_unasked(const Clause& clause) {
  if (std::holds_alternative<policy::UseDefault>(clause.verdict)) return !clause.writes.empty();
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

unsigned width_of(std::size_t routers) {
  return static_cast<unsigned>(std::bit_width(routers));
}

}  // namespace

std::vector<unsigned> reach_homes(const exchange::Exchange& exchange) {
  std::vector<unsigned> homes;
  unsigned next = 0;
  for (const exchange::Participant& participant : exchange.participants) {
    homes.push_back(next % program::kReachBits);
    const std::size_t routers = participant.routers.size();
    // The participant as a target, then each of its ports as one.
    next += width_of(routers) + (routers > 1 ? static_cast<unsigned>(routers) : 0);
  }
  return homes;
}

OutboundPolicy::OutboundPolicy(const exchange::Exchange& exchange,
                               const std::vector<unsigned>& homes, net::ParticipantId sender,
                               std::shared_ptr<const policy::Policy> policy)
    : exchange_(exchange),
      sender_(sender),
      policy_(std::move(policy)),
      prefix_sets_(prefix_sets_of(policy_->outbound)) {
  add_targets(homes);
  const auto& clauses = policy_->outbound.clauses;
  needs_every_prefix_ = std::ranges::any_of(clauses, acts_unasked) ||
                        std::ranges::any_of(policy_->foreseen, acts_unasked);
  for (const Clause& clause : clauses) {
    if (writes_destination(clause)) destinations_.push_back(new_destination(clause));
  }
  depends_on_routes_ = !prefix_sets_.empty() || !destinations_.empty();
}

bool OutboundPolicy::is_concerned(std::span<const net::RouterId> announcers,
                                  std::span<const net::Prefix> changed) const {
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
  if (exchange_.participant(target.participant).routers.size() > 1) return target;
  return {.participant = target.participant, .router = std::nullopt};
}

void OutboundPolicy::add_targets(const std::vector<unsigned>& homes) {
  for (const auto* clauses : {&policy_->outbound.clauses, &policy_->foreseen}) {
    for (const Clause& clause : *clauses) {
      if (asks_tag(clause)) named_.push_back(forward_of(clause)->target);
    }
  }
  std::ranges::sort(named_);
  named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
  std::vector<Target> targets;
  for (const Target& target : named_) targets.push_back(normal(target));
  std::ranges::sort(targets);
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  for (const Target& target : targets) {
    std::vector<net::RouterId> routers = exchange_.participant(target.participant).routers;
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

Units OutboundPolicy::units_of(const exchange::Routes& routes) const {
  Units units;
  units_of(routes, units);
  return units;
}

void OutboundPolicy::units_of(const exchange::Routes& routes, Units& units) const {
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

std::optional<net::RouterId> OutboundPolicy::choose(
    const Clause& clause, const exchange::Reachability& reachability) const {
  const auto prefix = reachability.resolve(sender_, new_destination(clause));
  if (!prefix) return std::nullopt;
  const policy::Forward* forward = forward_of(clause);
  for (const net::RouterId router : reachability.routes(sender_, *prefix)) {
    if (forward == nullptr) return router;
    const Target& target = forward->target;
    if (target.router ? router == *target.router
                      : exchange_.router(router).participant == target.participant) {
      return router;
    }
  }
  return std::nullopt;
}

RouteFacts OutboundPolicy::facts(const exchange::Reachability& reachability) const {
  RouteFacts facts;
  if (!depends_on_routes_) return facts;
  for (const Clause& clause : policy_->outbound.clauses) {
    const bool asks =
        writes_destination(clause) && !std::holds_alternative<policy::Drop>(clause.verdict);
    facts.chosen.push_back(asks ? choose(clause, reachability) : std::nullopt);
  }
  for (const net::ParticipantId participant : prefix_sets_) {
    facts.prefix_sets.push_back(reachability.announced_by(participant));
  }
  return facts;
}

std::vector<Option> OutboundPolicy::options(std::size_t clause, const Codebook& codebook,
                                            const RouteFacts& facts) const {
  const Clause& from = policy_->outbound.clauses[clause];
  const auto to_router = [&](net::RouterId router) {
    return Action{.set_fields = set_fields(from),
                  .write_metadata = Metadata::egress(exchange_.router(router).participant) |
                                    Metadata::egress_router(router),
                  .next = program::Goto{program::TableId::kInbound}};
  };
  const Option discard{.tag = {}, .action = {{}, {}, program::Discard{}}};
  if (std::holds_alternative<policy::Drop>(from.verdict)) return {discard};
  if (writes_destination(from)) {
    if (const auto router = facts.chosen[clause]) {
      return {Option{.tag = {}, .action = to_router(*router)}};
    }
    // No route for the new destination (SEMANTICS, step 3); a forward does not apply then.
    if (forward_of(from) == nullptr) return {discard};
    return {};
  }
  if (forward_of(from) == nullptr) {
    return {Option{.tag = {}, .action = {set_fields(from), {}, scope().fall_through.next}}};
  }
  std::vector<Option> options;
  const Target target = normal(forward_of(from)->target);
  const auto coded = std::ranges::lower_bound(targets_, target, {}, &CodedTarget::target);
  if (coded == targets_.end() || coded->target != target) return options;
  for (const net::RouterId router : coded->routers) {
    for (const ReachTest& test : codebook.tests({.target = target, .router = router})) {
      options.push_back(
          {.tag = program::match_reach(test.bits, test.mask), .action = to_router(router)});
    }
  }
  return options;
}

std::vector<ClauseRows> OutboundPolicy::clauses(const Codebook& codebook, const RouteFacts& facts,
                                                const exchange::Reachability& reachability) const {
  std::vector<ClauseRows> all;
  const auto& clauses = policy_->outbound.clauses;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    ClauseRows rows;
    rows.when = clauses[i].when.get();
    rows.boxes = boxes_of(*clauses[i].when, reachability);
    rows.clause = static_cast<std::uint32_t>(i);
    rows.options = options(i, codebook, facts);
    rows.decisive = !rows.options.empty() && rows.options.front().tag.mask == 0;
    all.push_back(std::move(rows));
  }
  return all;
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
      program::Reached reached{
          .participant = target.participant, .port = target.router, .router = router, .tests = {}};
      for (const ReachTest& test : codebook.tests({.target = coded, .router = router})) {
        reached.tests.push_back(program::match_reach(test.bits, test.mask));
      }
      if (!reached.tests.empty()) meaning.reached.push_back(std::move(reached));
    }
  }
  return meaning;
}

std::vector<net::ParticipantId> prefix_sets_of(const policy::ClauseList& list) {
  std::vector<net::ParticipantId> found;
  for (const Clause& clause : list.clauses) collect_prefix_sets(*clause.when, found);
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace fabrix::compiler
