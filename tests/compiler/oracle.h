// The oracle: where a packet goes, by walking the clauses (SEMANTICS, deliver); and where a Program
// takes it when the sender's router follows the next hops it was told.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>

#include "policy/predicate.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {

struct Arrival {
  std::optional<net::PortNo> port;  // none: dropped
  net::Packet packet;               // as delivered; of no meaning if dropped

  friend bool operator==(const Arrival& a, const Arrival& b) {
    return a.port == b.port && (!a.port || a.packet == b.packet);
  }
  friend std::ostream& operator<<(std::ostream& out, const Arrival& arrival) {
    if (!arrival.port) return out << "dropped";
    return out << "port " << arrival.port->value << ": " << net::to_string(arrival.packet);
  }
};

class Oracle {
 public:
  explicit Oracle(const World& world) : world_(world) {}

  Arrival deliver(net::RouterId from, net::Packet packet) const {
    const net::ParticipantId sender = world_.exchange.router(from).participant;
    const auto known = world_.routes.resolve(sender, packet.dst_ip);
    if (!known) return {};
    const auto reached = world_.routes.routes(sender, *known);
    packet.in_port = world_.exchange.router(from).port;
    packet.src_mac = world_.exchange.router(from).mac;
    auto to = outbound(sender, reached, packet);
    if (!to) return {};
    const auto taken = inbound(sender, *to, packet);
    const auto port = taken ? usable(*taken) : std::nullopt;
    if (!port || *port == from) return {};
    packet.dst_mac = world_.exchange.router(*port).mac;
    return {.port = world_.exchange.router(*port).port, .packet = packet};
  }

 private:
  bool matches(const policy::Clause& clause, const net::Packet& packet,
               net::ParticipantId sender) const {
    const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
        [this](net::ParticipantId whose, const net::IpAddress& address) {
          const auto prefixes = world_.routes.announced_by(whose);
          return std::ranges::any_of(
              prefixes, [&](const net::Prefix& each) { return each.contains(address); });
        };
    return policy::holds(*clause.when, packet, {.sender = sender, .announced = &announced});
  }

  static bool apply(const policy::Clause& clause, net::Packet& packet) {
    for (const policy::Write& write : clause.writes) {
      net::set_value(packet, write.field, write.value);
    }
    return std::ranges::any_of(clause.writes, [](const policy::Write& write) {
      return write.field == net::Field::kDstIp4 || write.field == net::Field::kDstIp6High ||
             write.field == net::Field::kDstIp6Low;
    });
  }

  std::optional<net::RouterId> outbound(net::ParticipantId sender, const exchange::Routes& reached,
                                        net::Packet& packet) const {
    const auto& policy = world_.policies[sender.index()];
    if (policy) {
      for (const policy::Clause& each : policy->outbound.clauses) {
        if (!matches(each, packet, sender)) continue;
        if (std::holds_alternative<policy::Drop>(each.verdict)) return std::nullopt;
        net::Packet written = packet;
        exchange::Routes usable = reached;
        if (apply(each, written)) {
          const auto known = world_.routes.resolve(sender, written.dst_ip);
          usable = known ? world_.routes.routes(sender, *known) : exchange::Routes{};
        }
        const auto to = choose(each, usable);
        if (!to && std::holds_alternative<policy::Forward>(each.verdict)) continue;
        packet = written;
        return to;
      }
    }
    return reached.front();
  }

  std::optional<net::RouterId> choose(const policy::Clause& clause,
                                      const exchange::Routes& usable) const {
    const auto* forward = std::get_if<policy::Forward>(&clause.verdict);
    for (const net::RouterId each : usable) {
      if (forward == nullptr) return each;
      const auto& target = forward->target;
      if (target.router && *target.router != each) continue;
      if (world_.exchange.router(each).participant == target.participant) return each;
    }
    return std::nullopt;
  }

  std::optional<net::RouterId> inbound(net::ParticipantId sender, net::RouterId to,
                                       net::Packet& packet) const {
    const auto& policy = world_.policies[world_.exchange.router(to).participant.index()];
    if (!policy) return to;
    for (const policy::Clause& each : policy->inbound.clauses) {
      if (!matches(each, packet, sender)) continue;
      if (std::holds_alternative<policy::Drop>(each.verdict)) return std::nullopt;
      apply(each, packet);
      const auto* forward = std::get_if<policy::Forward>(&each.verdict);
      return forward != nullptr ? forward->target.router : to;
    }
    return to;
  }

  std::optional<net::RouterId> usable(net::RouterId wanted) const {
    const auto& routers = world_.exchange.owner(wanted).routers;
    auto at = std::ranges::find(routers, wanted);
    for (std::size_t step = 0; step < routers.size(); ++step) {
      if (world_.port_up[at->index()]) return *at;
      if (++at == routers.end()) at = routers.begin();
    }
    return std::nullopt;
  }

  const World& world_;
};

// As the sender's router would send it: to the MAC of the next hop announced for the destination.
inline Arrival send(const World& world, const Compiler& compiler, const program::Program& program,
                    net::RouterId from, net::Packet packet) {
  const exchange::Router& sender = world.exchange.router(from);
  const auto known = world.routes.resolve(sender.participant, packet.dst_ip);
  if (!known) return {};
  const net::RouterId best = world.routes.routes(sender.participant, *known).front();
  packet.in_port = sender.port;
  packet.src_mac = sender.mac;
  packet.dst_mac = world.exchange.router(best).mac;
  if (const auto hop = compiler.virtual_next_hop(sender.participant, *known)) {
    const auto answer = std::ranges::find_if(program.neighbors, [&](const auto& each) {
      return each.sender == sender.participant && each.address == *hop;
    });
    if (answer == program.neighbors.end()) return {};
    packet.dst_mac = answer->mac;
  }
  const program::Outcome outcome = program::evaluate(program, packet);
  return {.port = outcome.output, .packet = outcome.packet};
}

}  // namespace fabrix::compiler
