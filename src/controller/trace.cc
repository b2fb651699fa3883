#include "controller/trace.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controller/symbols.h"
#include "policy/describe.h"
#include "program/evaluate.h"

namespace fabrix::controller {
namespace {

// What the router's neighbour table holds for a next hop.
std::optional<net::MacAddress> mac_of(const Controller& controller, net::ParticipantId sender,
                                      const net::IpAddress& next_hop) {
  const exchange::Exchange& exchange = controller.exchange();
  if (const auto* router = exchange.find_router(next_hop)) return router->mac;
  const auto& own = exchange.route_server.addresses;
  if (std::ranges::find(own, next_hop) != own.end()) return exchange.route_server.mac;
  const auto* neighbor = program::find_neighbor(*controller.installed(), sender, next_hop);
  if (neighbor == nullptr) return std::nullopt;
  return neighbor->mac;
}

// The router on whose behalf a middlebox port gives packets back: the owner's first. Null: it has
// none.
const exchange::Router* principal_of(const exchange::Exchange& exchange,
                                     const exchange::Router& middlebox) {
  const auto routers = exchange.routers_of(middlebox.participant);
  return routers.empty() ? nullptr : &exchange.router(routers.front());
}

bool announces(const Controller& controller, net::ParticipantId id,
               const net::IpAddress& destination) {
  const auto prefixes = controller.world().reachability->announced_by(id);
  return std::ranges::any_of(prefixes,
                             [&](const net::Prefix& each) { return each.contains(destination); });
}

void route(const Controller& controller, const exchange::Router& from, Trace& result) {
  const net::IpAddress& destination = result.packet.dst_ip;
  const auto* principal = from.middlebox ? principal_of(controller.exchange(), from) : nullptr;
  if (principal != nullptr && announces(controller, from.participant, destination)) {
    result.next_hop_mac = principal->mac;  // what comes back on its way in
    return;
  }
  if (controller.exchange().on_peering_lan(destination)) {
    result.next_hop = destination;
  } else {
    result.prefix = controller.route_server().resolve(from.participant, destination);
    if (!result.prefix) return;
    result.next_hop = controller.next_hop(from.participant, *result.prefix);
  }
  if (!result.next_hop) return;
  result.next_hop_mac = mac_of(controller, from.participant, *result.next_hop);
  result.is_virtual =
      controller.exchange().find_router(*result.next_hop) == nullptr && result.prefix.has_value();
}

std::string clause_text(const Controller& controller, const program::Origin& origin,
                        policy::Direction direction) {
  const exchange::Exchange& exchange = controller.exchange();
  const auto& policy = controller.world().policies[origin.participant.index()];
  const std::string& owner = exchange.participant(origin.participant).name;
  if (policy == nullptr || origin.clause >= policy->of(direction).clauses.size()) return owner;
  const policy::Clause& clause = policy->of(direction).clauses[origin.clause];
  return fmt::format("{}'s {} clause {} (line {}): {}", owner,
                     direction == policy::Direction::kOutbound ? "outbound" : "inbound",
                     origin.clause + 1, clause.at.line,
                     policy::describe(clause, symbols_for(exchange, origin.participant)));
}

// "counted by A's web, all"
std::string count_text(const Controller& controller, const program::Row& row,
                       policy::Direction direction) {
  const net::ParticipantId owner = row.origin.participant;
  std::string text = controller.exchange().participant(owner).name + "'s ";
  const auto& policy = controller.world().policies[owner.index()];
  if (row.queries.empty() || policy == nullptr) return "not counted by " + text + "queries";
  std::string labels;
  for (const policy::Query& query : policy->of(direction).queries) {
    if (std::ranges::find(row.queries, query.id) == row.queries.end()) continue;
    labels += (labels.empty() ? "" : ", ") + label_of(query);
  }
  return "counted by " + text + labels;
}

std::string reason_for(const Controller& controller, const program::Row& row) {
  using Kind = program::Origin::Kind;
  if (row.origin.kind == Kind::kOutboundClause) {
    return clause_text(controller, row.origin, policy::Direction::kOutbound);
  }
  if (row.origin.kind == Kind::kInboundClause) {
    return clause_text(controller, row.origin, policy::Direction::kInbound);
  }
  if (row.origin.kind == Kind::kQuery) {
    const bool sent = row.next == program::Next{program::Goto{program::TableId::kOutbound}};
    return count_text(controller, row,
                      sent ? policy::Direction::kOutbound : policy::Direction::kInbound);
  }
  return std::string(program::name_of(row.origin.kind));
}

void walk(const Controller& controller, Trace& result) {
  const exchange::Exchange& exchange = controller.exchange();
  const auto outcome = program::evaluate(*controller.installed(), result.packet);
  for (const program::Step& step : outcome.steps) {
    const bool hit = step.row != nullptr;
    if (hit) result.hashes = result.hashes | step.row->hashes;
    result.steps.push_back({.table = std::string(program::name_of(step.table)),
                            .row = hit ? program::to_string(*step.row) : "",
                            .reason = hit ? reason_for(controller, *step.row) : "no row matches"});
  }
  result.out = outcome.packet;
  result.copies = outcome.copies;
  if (!outcome.output) return;
  result.to_route_server = *outcome.output == exchange.route_server.port;
  if (const auto* router = exchange.find_router(*outcome.output)) result.delivered = router->id;
}

// What leaves by ports that are up, whatever the destination MAC of mirrored packets.
std::vector<net::PortNo> ports_of(const Controller& controller,
                                  const std::vector<program::Copy>& copies) {
  std::vector<net::PortNo> ports;
  for (const program::Copy& copy : copies) {
    const auto* router = controller.exchange().find_router(copy.port);
    if (router != nullptr && controller.world().port_up[router->id.index()]) {
      ports.push_back(copy.port);
    }
  }
  std::ranges::sort(ports);
  return ports;
}

std::string verdict_of(const Controller& controller, const Trace& result) {
  const exchange::Exchange& exchange = controller.exchange();
  if (result.delivered) return "delivered to " + exchange.router(*result.delivered).name;
  if (result.to_route_server) return "delivered to the route server";
  if (!result.prefix && !result.next_hop) return "dropped: no route";
  if (!result.next_hop_mac) return "dropped: nobody answers for the next hop";
  if (result.steps.empty()) return "dropped";
  return "dropped: " + result.steps.back().reason;
}

// The exchange, but for checks of sources that there is no room for.
exchange::Exchange without_room(const Controller& controller) {
  exchange::Exchange exchange = controller.exchange();
  for (const policy::Shortfall& each : controller.terms().shortfalls) {
    if (!each.no_source_check) continue;
    for (const net::RouterId router : exchange.participant(each.owner).routers) {
      exchange.routers[router.index()].sources.mode = exchange::SourceCheck::kOff;
    }
  }
  return exchange;
}

}  // namespace

Trace trace(const Controller& controller, net::RouterId from, const net::Packet& packet) {
  const exchange::Router& router = controller.exchange().router(from);
  Trace result;
  result.packet = net::hashed(packet);
  result.packet.src_mac = router.mac;
  const auto* principal = router.middlebox ? principal_of(controller.exchange(), router) : nullptr;
  if (principal != nullptr) result.packet.src_mac = principal->mac;
  result.packet.in_port = router.port;
  route(controller, router, result);
  if (result.next_hop_mac) {
    result.packet.dst_mac = *result.next_hop_mac;
    walk(controller, result);
  }
  const bool direct = !result.prefix && result.next_hop_mac;
  const exchange::Exchange exchange = without_room(controller);
  verify::World world = controller.world();
  world.exchange = &exchange;
  result.meaning = direct ? verify::deliver_to_mac(world, from, result.packet)
                          : verify::deliver(world, from, result.packet);
  result.agrees =
      result.meaning.router == result.delivered &&
      result.meaning.to_route_server == result.to_route_server &&
      ports_of(controller, result.meaning.copies) == ports_of(controller, result.copies);
  result.verdict = verdict_of(controller, result);
  return result;
}

std::string to_string(const Trace& trace, const exchange::Exchange& exchange) {
  std::string text = fmt::format("packet    {}\n", to_string(trace.packet));
  text += fmt::format("route     {}\n", trace.prefix ? trace.prefix->to_string() : "none");
  if (trace.next_hop) {
    text += fmt::format("next hop  {} at {}{}\n", trace.next_hop->to_string(),
                        trace.next_hop_mac ? trace.next_hop_mac->to_string() : "nobody",
                        trace.is_virtual ? " (virtual: a tag)" : "");
  }
  for (const net::HashKey key : net::kHashKeys) {
    if (!trace.hashes.contains(key)) continue;
    text += fmt::format("hash      {} of {} by {}; a switch has a hash of its own\n",
                        net::bucket_of(trace.packet, key), net::kBucketCount, net::name_of(key));
  }
  for (const TraceStep& step : trace.steps) {
    text += fmt::format("{:<9} {}\n", step.table, step.reason);
    if (!step.row.empty()) text += fmt::format("{:<9}   {}\n", "", step.row);
  }
  for (const program::Copy& copy : trace.copies) {
    const auto* router = exchange.find_router(copy.port);
    text += fmt::format("copy      to {}: {}\n",
                        router != nullptr ? router->name : std::to_string(copy.port.value),
                        to_string(copy.packet));
  }
  text += fmt::format("fate      {}\n", trace.verdict);
  if (!trace.agrees) {
    const auto& meant = trace.meaning.router;
    text += fmt::format("BUT       the policies mean: {}\n",
                        meant ? "delivered to " + exchange.router(*meant).name
                              : std::string(verify::describe(trace.meaning.reason)));
  }
  return text;
}

}  // namespace fabrix::controller
