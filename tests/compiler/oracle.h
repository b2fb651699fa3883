// The oracle: where a packet goes, by walking the clauses (SEMANTICS, deliver); and where a Program
// takes it when the sender's router follows the next hops it was told.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "policy/extras.h"
#include "policy/predicate.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {

struct Arrival {
  std::optional<net::PortNo> port;   // none: dropped
  net::Packet packet;                // as delivered; of no meaning if dropped
  std::vector<std::string> besides;  // copies that leave, and meters; in order

  friend bool operator==(const Arrival& a, const Arrival& b) {
    return a.port == b.port && (!a.port || a.packet == b.packet) && a.besides == b.besides;
  }
  friend std::ostream& operator<<(std::ostream& out, const Arrival& arrival) {
    for (const std::string& each : arrival.besides) out << "[" << each << "] ";
    if (!arrival.port) return out << "dropped";
    return out << "port " << arrival.port->value << ": " << net::to_string(arrival.packet);
  }
};

// Destination MACs left out: mirrored packets keep theirs, which the oracle does not know.
inline std::string line_of(net::PortNo port, const net::Packet& packet) {
  return "copy to " + std::to_string(port.value) + ": " + net::to_string(packet) + " dscp " +
         std::to_string(packet.dscp);
}

inline std::string line_of(std::uint32_t meter, std::uint64_t kbps) {
  return "meter " + std::to_string(meter) + " " + std::to_string(kbps);
}

class Oracle {
 public:
  explicit Oracle(const World& world) : world_(world) {}

  Arrival deliver(net::RouterId from, net::Packet packet) const {
    const net::ParticipantId sender = world_.exchange.router(from).participant;
    const auto known = world_.routes.resolve(sender, packet.dst_ip);
    if (!known) return {};
    packet.in_port = world_.exchange.router(from).port;
    packet.src_mac = world_.exchange.router(from).mac;
    Journey journey{.from = from, .sender = sender, .arrival = {}};
    outbound(journey, world_.routes.routes(sender, *known), packet);
    std::ranges::sort(journey.arrival.besides);
    return journey.arrival;
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

  struct Journey {
    net::RouterId from;
    net::ParticipantId sender;
    Arrival arrival;
  };

  void besides(const policy::Clause& clause, net::ParticipantId owner, const net::Packet& packet,
               Journey& journey) const {
    auto& lines = journey.arrival.besides;
    for (const net::RouterId port : clause.extras.mirrors) {
      const net::PortNo number = world_.exchange.router(port).port;
      if (port != journey.from) lines.push_back(line_of(number, packet));
    }
    if (const auto& police = clause.extras.police) {
      lines.push_back(
          line_of(owner.value * program::kMetersPerParticipant + police->number + 1, police->kbps));
    }
  }

  void outbound(Journey& journey, const exchange::Routes& reached,
                const net::Packet& packet) const {
    const auto& policy = world_.policies[journey.sender.index()];
    if (policy) {
      for (const policy::Clause& each : policy->outbound.clauses) {
        if (!matches(each, packet, journey.sender)) continue;
        net::Packet written = packet;
        exchange::Routes usable = reached;
        if (apply(each, written)) {
          const auto known = world_.routes.resolve(journey.sender, written.dst_ip);
          usable = known ? world_.routes.routes(journey.sender, *known) : exchange::Routes{};
        }
        const auto to = choose(each, usable);
        const bool may_fail = !policy::targets_of(each.verdict).empty();
        if (to.empty() && may_fail) continue;
        const bool discards = to.empty() || std::holds_alternative<policy::Drop>(each.verdict);
        policy::Clause applied = each;
        applied.extras = policy::normal(each.extras, discards ? policy::Drop{} : each.verdict);
        besides(applied, journey.sender, packet, journey);
        if (discards) return;
        for (const net::RouterId router : to) inbound(journey, router, written);
        return;
      }
    }
    inbound(journey, reached.front(), packet);
  }

  std::set<net::RouterId> choose(const policy::Clause& clause,
                                 const exchange::Routes& usable) const {
    const auto targets = policy::targets_of(clause.verdict);
    if (targets.empty() && !usable.empty()) return {usable.front()};
    std::set<net::RouterId> chosen;
    for (const policy::Target& target : targets) {
      for (const net::RouterId each : usable) {
        if (target.router && *target.router != each) continue;
        if (world_.exchange.router(each).participant != target.participant) continue;
        chosen.insert(each);
        break;
      }
    }
    return chosen;
  }

  void inbound(Journey& journey, net::RouterId to, net::Packet packet) const {
    const net::ParticipantId owner = world_.exchange.router(to).participant;
    const auto& policy = world_.policies[owner.index()];
    if (!policy) return hand_over(journey, to, packet);
    for (const policy::Clause& each : policy->inbound.clauses) {
      if (!matches(each, packet, journey.sender)) continue;
      besides(each, owner, packet, journey);
      if (std::holds_alternative<policy::Drop>(each.verdict)) return;
      apply(each, packet);
      std::set<net::RouterId> ports;
      for (const auto& target : policy::targets_of(each.verdict)) ports.insert(*target.router);
      if (ports.empty()) ports = {to};
      for (const net::RouterId port : ports) hand_over(journey, port, packet);
      return;
    }
    hand_over(journey, to, packet);
  }

  void hand_over(Journey& journey, net::RouterId to, net::Packet packet) const {
    const auto port = usable(to);
    if (!port || *port == journey.from) return;
    packet.dst_mac = world_.exchange.router(*port).mac;
    const net::PortNo number = world_.exchange.router(*port).port;
    if (journey.arrival.port) {
      journey.arrival.besides.push_back(line_of(number, packet));
    } else {
      journey.arrival.port = number;
      journey.arrival.packet = packet;
    }
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
  Arrival arrival{.port = outcome.output, .packet = outcome.packet, .besides = {}};
  for (const program::Copy& copy : outcome.copies) {
    arrival.besides.push_back(line_of(copy.port, copy.packet));
  }
  for (const program::Step& step : outcome.steps) {
    if (step.row == nullptr || !step.row->meter) continue;
    arrival.besides.push_back(line_of(step.row->meter->id, step.row->meter->kbps));
  }
  std::ranges::sort(arrival.besides);
  return arrival;
}

}  // namespace fabrix::compiler
