// World: everything that decides what should happen to a packet, as verify sees it: the inputs of
// the compiler, not its output.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "policy/policy.h"
#include "policy/shortfall.h"
#include "program/program.h"

namespace fabrix::verify {

struct World {
  const exchange::Exchange* exchange = nullptr;          // never null in use
  const exchange::Reachability* reachability = nullptr;  // never null in use
  // By participant; null: no policy.
  std::vector<std::shared_ptr<const policy::Policy>> policies;
  // By router: whether its port is up, and open (Router::standing).
  std::vector<bool> port_up;
};

// The World in which clauses that do not apply for want of room never match. What is short of
// virtual next hops is not in it: that is about prefixes.
World without_room(World world, std::span<const policy::Shortfall> shortfalls);

// Whether the participant has queries of that direction, so that a table counts for it first.
bool is_counted(const World& world, net::ParticipantId owner, policy::Direction direction);

// The table that takes what is for the participant.
program::TableId entrance_of(const World& world, net::ParticipantId participant);

// The port that takes what is for `router`: its own, or while that is down the next of the same
// participant that is up and no middlebox's, in the order configured, cyclically. None: none is up.
std::optional<net::RouterId> port_for(const World& world, net::RouterId router);

// The middlebox port that the clause's packets pass next, past those that are down: behind `after`,
// the middlebox port that they come from, if they do. None: they go on.
std::optional<net::RouterId> next_middlebox(const World& world, const policy::Clause& clause,
                                            std::optional<net::RouterId> after = {});
// The one that what is received passes behind `after`, by any clause of its owner's. None: it
// reaches its router.
std::optional<net::RouterId> next_received(const World& world, net::RouterId after);

// The target's first router among the routes, or the one that the target names. None: unreachable.
std::optional<net::RouterId> route_to(const World& world, const policy::Target& target,
                                      const exchange::Routes& routes);
// Of those of the targets that are reachable.
std::vector<net::RouterId> routes_to(const World& world, const std::vector<policy::Target>& targets,
                                     const exchange::Routes& routes);

// Whether the clause writes a destination address, so that its routes are those of the new one.
bool changes_destination(const policy::Clause& clause);

}  // namespace fabrix::verify
