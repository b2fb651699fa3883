#include "verify/told.h"

#include <algorithm>

#include <fmt/format.h>

#include "policy/extras.h"
#include "verify/inquiry.h"
#include "verify/tag_fields.h"

namespace fabrix::verify {
namespace {

using exchange::Routes;
using policy::Target;

// Answers worth remembering of one sender.
constexpr std::size_t kMaxRight = 65536;

std::string name_of(const exchange::Exchange& exchange, const Target& target) {
  return target.router ? exchange.router(*target.router).name
                       : exchange.participant(target.participant).name;
}

bool asks_tag(const policy::Clause& clause) {
  return policy::may_be_unreachable(clause.verdict) && !changes_destination(clause);
}

bool never_holds(const policy::Clause& clause) {
  const auto* some = std::get_if<policy::Or>(&clause.when->node);
  const auto* constant = std::get_if<policy::Constant>(&clause.when->node);
  return (some != nullptr && some->operands.empty()) || (constant != nullptr && !constant->value);
}

// Whether the clause either does not apply, or does what BGP would.
bool leads_only_to_best(const Task& task, const policy::Clause& clause, const Routes& routes) {
  if (changes_destination(clause)) return false;
  bool applies = false;
  for (const Target& target : policy::targets_of(clause.verdict)) {
    const auto router = route_to(task.world, target, routes);
    if (router && *router != routes.front()) return false;
    applies = applies || router;
  }
  return !applies || (clause.writes.empty() && clause.extras.empty());
}

}  // namespace

Told::Told(const Task& task, net::ParticipantId sender) : sender_(sender) {
  const auto& policy = task.world.policies[sender.index()];
  if (policy && policy->has_outbound()) policy_ = policy;
  if (const program::TagMeaning* meaning = task.meaning_of(sender)) {
    has_meaning_ = true;
    for (const program::Reached& each : meaning->reached) {
      claims_.push_back({{each.participant, each.port}, each.router, each.tests});
    }
  }
  if (!policy_) return;
  for (const policy::Clause& clause : policy_->outbound.clauses) {
    if (!asks_tag(clause) || never_holds(clause)) continue;
    for (const Target& target : policy::targets_of(clause.verdict)) asked_.push_back(target);
  }
  std::ranges::sort(asked_);
  asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
}

// Whether no clause does anything else under these routes than BGP would, whatever the packet.
bool Told::is_idle(const Task& task, const Routes& routes) const {
  if (!policy_) return true;
  return std::ranges::all_of(policy_->outbound.clauses, [&](const policy::Clause& clause) {
    if (never_holds(clause)) return true;
    if (policy::may_be_unreachable(clause.verdict)) return leads_only_to_best(task, clause, routes);
    const bool decides_nothing = clause.writes.empty() && clause.extras.empty();
    return decides_nothing && std::holds_alternative<policy::UseDefault>(clause.verdict);
  });
}

// With a real next hop packets go past the policy: so no clause may differ from the default.
std::optional<std::string> Told::fault_of_router(const Task& task, net::RouterId router,
                                                 const net::Prefix& prefix,
                                                 const Routes& routes) const {
  const exchange::Exchange& exchange = *task.world.exchange;
  if (routes.front() != router) {
    return fmt::format("it is told that {} reaches it, and its best route is of {}",
                       exchange.router(router).name, exchange.router(routes.front()).name);
  }
  const auto* shortfall = task.shortfall_of(sender_);
  if (shortfall != nullptr && shortfall->short_of_next_hops(prefix.family())) return std::nullopt;
  if (is_idle(task, routes)) return std::nullopt;
  if (!Inquiry(task, sender_).past_policy(router, prefix, routes)) return std::nullopt;
  return fmt::format("it is given the real next hop {}, past its policy",
                     exchange.router(router).name);
}

std::optional<std::string> Told::fault_of_tag(const Task& task, net::MacAddress tag,
                                              const Routes& routes) const {
  const exchange::Exchange& exchange = *task.world.exchange;
  const auto decoded = program::decode_tag(tag);
  if (!decoded || decoded->egress != routes.front()) {
    return fmt::format("its tag {} does not lead to {}, its best route", tag.to_string(),
                       exchange.router(routes.front()).name);
  }
  for (const Claim& claim : claims_) {
    const bool says = std::ranges::any_of(
        claim.tests, [tag](const program::MacPattern& test) { return matches(test, tag); });
    const bool is = route_to(task.world, claim.target, routes) == claim.router;
    if (says == is) continue;
    return fmt::format("its tag {} says that {} is {} by {}, and it is {}", tag.to_string(),
                       name_of(exchange, claim.target), says ? "reachable" : "not reachable",
                       exchange.router(claim.router).name, is ? "reachable" : "not");
  }
  for (const Target& target : asked_) {
    const auto router = route_to(task.world, target, routes);
    const bool told = !router || std::ranges::any_of(claims_, [&](const Claim& claim) {
      return claim.target == target && claim.router == *router;
    });
    if (told) continue;
    return fmt::format("no tag can say that {} is reachable by {}, which it is",
                       name_of(exchange, target), exchange.router(*router).name);
  }
  return std::nullopt;
}

std::optional<std::string> Told::fault(const Task& task, const net::IpAddress& next_hop,
                                       const net::Prefix& prefix, const Routes& routes) const {
  if (const auto router = task.directory.find(next_hop)) {
    return fault_of_router(task, *router, prefix, routes);
  }
  const auto tag = task.tag_of(sender_, next_hop);
  if (tag) return fault_of_tag(task, *tag, routes);
  return fmt::format("its next hop {} answers to no address resolution", next_hop.to_string());
}

void Told::check(const Task& task, const net::Prefix& prefix, const Routes& routes) {
  if (routes.empty() || task.findings.full()) return;
  auto key = std::pair(routes, task.next_hop(sender_, prefix));
  if (right_.contains(key)) return;
  const auto wrong = fault(task, key.second, prefix, routes);
  if (!wrong) {
    if (right_.size() >= kMaxRight) right_.clear();
    right_.insert(std::move(key));
    return;
  }
  Inquiry inquiry(task, sender_);
  Violation violation{.invariant = "I3",
                      .message = fmt::format("what {} is told of {} is not what the routes say: {}",
                                             task.world.exchange->participant(sender_).name,
                                             prefix.to_string(), *wrong),
                      .witness = {},
                      .rows = {}};
  if (const auto shown = inquiry.difference(key.second, prefix, routes)) {
    violation.message += "; " + inquiry.describe(*shown);
    violation.witness = shown->packet;
    violation.rows = rows_for(task.program, shown->packet);
  }
  task.findings.add(std::move(violation));
}

}  // namespace fabrix::verify
