#include "verify/world.h"

#include <algorithm>
#include <utility>

#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

bool is_untold(const policy::Target& target, const policy::Shortfall& shortfall) {
  return std::ranges::find(shortfall.untold, target) != shortfall.untold.end();
}

// Takes the targets out that tags do not tell of; false: none is left.
bool keep_told(policy::Clause& clause, const policy::Shortfall& shortfall) {
  if (changes_destination(clause)) return true;
  if (const auto* forward = std::get_if<policy::Forward>(&clause.verdict)) {
    return !is_untold(forward->target, shortfall);
  }
  auto* several = std::get_if<policy::Multicast>(&clause.verdict);
  if (several == nullptr) return true;
  std::erase_if(several->targets,
                [&](const policy::Target& target) { return is_untold(target, shortfall); });
  return !several->targets.empty();
}

void silence(policy::Policy& policy, const policy::Shortfall& shortfall) {
  const PredicatePtr never = any_of({});
  for (policy::Clause& clause : policy.outbound.clauses) {
    if (shortfall.no_outbound || !keep_told(clause, shortfall)) clause.when = never;
  }
  for (policy::Clause& clause : policy.inbound.clauses) {
    if (shortfall.no_inbound) clause.when = never;
  }
  for (policy::Query& query : policy.outbound.queries) {
    if (shortfall.no_outbound_queries) query.when = never;
  }
  for (policy::Query& query : policy.inbound.queries) {
    if (shortfall.no_inbound_queries) query.when = never;
  }
}

}  // namespace

World without_room(World world, std::span<const policy::Shortfall> shortfalls) {
  for (const policy::Shortfall& shortfall : shortfalls) {
    auto& policy = world.policies[shortfall.owner.index()];
    const bool concerned = !shortfall.untold.empty() || shortfall.no_outbound ||
                           shortfall.no_inbound || shortfall.no_outbound_queries ||
                           shortfall.no_inbound_queries;
    if (!policy || !concerned) continue;
    policy::Policy silenced;  // their shapes do not matter
    silenced.outbound.clauses = policy->outbound.clauses;
    silenced.inbound.clauses = policy->inbound.clauses;
    silenced.outbound.queries = policy->outbound.queries;
    silenced.inbound.queries = policy->inbound.queries;
    silence(silenced, shortfall);
    policy = std::make_shared<const policy::Policy>(std::move(silenced));
  }
  return world;
}

bool is_counted(const World& world, net::ParticipantId owner, policy::Direction direction) {
  const auto& policy = world.policies[owner.index()];
  return policy != nullptr && !policy->of(direction).queries.empty();
}

program::TableId entrance_of(const World& world, net::ParticipantId participant) {
  return is_counted(world, participant, policy::Direction::kInbound) ? program::TableId::kDelivered
                                                                     : program::TableId::kInbound;
}

std::optional<net::RouterId> port_for(const World& world, net::RouterId router) {
  const auto& ports = world.exchange->owner(router).routers;
  const auto own = std::ranges::find(ports, router) - ports.begin();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const net::RouterId candidate = ports[(static_cast<std::size_t>(own) + i) % ports.size()];
    if (world.exchange->router(candidate).middlebox) continue;
    if (world.port_up[candidate.index()]) return candidate;
  }
  return std::nullopt;
}

std::optional<net::RouterId> next_middlebox(const World& world, const policy::Clause& clause,
                                            std::optional<net::RouterId> after) {
  const auto& via = clause.extras.via;
  auto at = via.begin();
  if (after) {
    at = std::ranges::find(via, *after);
    if (at != via.end()) ++at;
  }
  const auto next = std::find_if(
      at, via.end(), [&world](net::RouterId each) { return world.port_up[each.index()]; });
  return next == via.end() ? std::nullopt : std::optional(*next);
}

std::optional<net::RouterId> next_received(const World& world, net::RouterId after) {
  const auto& policy = world.policies[world.exchange->router(after).participant.index()];
  if (policy == nullptr) return std::nullopt;
  for (const policy::Clause& clause : policy->inbound.clauses) {
    if (const auto next = next_middlebox(world, clause, after)) return next;
  }
  return std::nullopt;
}

std::optional<net::RouterId> route_to(const World& world, const policy::Target& target,
                                      const exchange::Routes& routes) {
  const auto found = std::ranges::find_if(routes, [&](net::RouterId router) {
    return target.router ? router == *target.router
                         : world.exchange->router(router).participant == target.participant;
  });
  return found == routes.end() ? std::nullopt : std::optional(*found);
}

std::vector<net::RouterId> routes_to(const World& world, const std::vector<policy::Target>& targets,
                                     const exchange::Routes& routes) {
  std::vector<net::RouterId> routers;
  for (const policy::Target& target : targets) {
    if (const auto router = route_to(world, target, routes)) routers.push_back(*router);
  }
  return routers;
}

bool changes_destination(const policy::Clause& clause) {
  return std::ranges::any_of(clause.writes, [](const policy::Write& each) {
    return each.field == net::Field::kDstIp4 || each.field == net::Field::kDstIp6High ||
           each.field == net::Field::kDstIp6Low;
  });
}

}  // namespace fabrix::verify
