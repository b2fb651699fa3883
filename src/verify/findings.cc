#include "verify/findings.h"

#include <algorithm>

#include <fmt/format.h>

#include "program/evaluate.h"
#include "verify/reference.h"

namespace fabrix::verify {
namespace {

constexpr std::uint64_t kIdMask = 0xfff;
constexpr unsigned kEgressRouterShift = 24;

std::string destination(const Effect& effect, const exchange::Exchange& exchange) {
  const std::uint64_t code = effect.metadata >> kEgressRouterShift & kIdMask;
  if (code == 0 || code > exchange.routers.size()) return "sent to nobody";
  const auto& router = exchange.routers[code - 1];
  return fmt::format("sent to {} ({})", exchange.participant(router.participant).name, router.name);
}

std::string fate(const Effect& effect, const exchange::Exchange& exchange) {
  switch (effect.kind) {
    case Effect::Kind::kDrop:
      return "dropped";
    case Effect::Kind::kController:
      return "given to the controller";
    case Effect::Kind::kOutput:
      return fmt::format("put out at port {}", effect.port.value);
    case Effect::Kind::kContinue:
      break;
  }
  return destination(effect, exchange);
}

std::optional<ClauseRef> clause_at(const World& world, net::ParticipantId owner,
                                   policy::Direction direction, std::uint32_t clause) {
  if (owner.index() >= world.policies.size() || !world.policies[owner.index()]) return {};
  const auto& clauses = world.policies[owner.index()]->of(direction).clauses;
  if (clause >= clauses.size()) return {};
  return ClauseRef{
      .owner = owner, .direction = direction, .clause = clause, .at = clauses[clause].at};
}

std::optional<ClauseRef> clause_for(const World& world, const net::Packet& witness) {
  const auto* from = world.exchange->find_router(witness.in_port);
  if (from == nullptr) return {};
  const Delivery delivery = deliver(world, from->id, witness);
  if (delivery.outbound_clause) {
    return clause_at(world, from->participant, policy::Direction::kOutbound,
                     *delivery.outbound_clause);
  }
  if (!delivery.inbound_clause || !delivery.target) return {};
  return clause_at(world, *delivery.target, policy::Direction::kInbound, *delivery.inbound_clause);
}

}  // namespace

std::optional<ClauseRef> clause_of(const World& world, const program::Row& row) {
  using Kind = program::Origin::Kind;
  const program::Origin& origin = row.origin;
  if (origin.kind != Kind::kOutboundClause && origin.kind != Kind::kInboundClause) return {};
  const auto direction = origin.kind == Kind::kOutboundClause ? policy::Direction::kOutbound
                                                              : policy::Direction::kInbound;
  return clause_at(world, origin.participant, direction, origin.clause);
}

Directory::Directory(const exchange::Exchange& exchange) {
  for (const exchange::Router& router : exchange.routers) {
    for (const net::IpAddress& address : router.addresses) addresses_.emplace(address, router.id);
    if (!router.present) continue;
    ports_.emplace(router.port, router.id);
    if (!router.middlebox) macs_.emplace(router.mac, router.id);
  }
}

std::optional<net::RouterId> Directory::find(const net::IpAddress& address) const {
  const auto found = addresses_.find(address);
  return found == addresses_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<net::RouterId> Directory::find(net::PortNo port) const {
  const auto found = ports_.find(port);
  return found == ports_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<net::RouterId> Directory::find(net::MacAddress mac) const {
  const auto found = macs_.find(mac);
  return found == macs_.end() ? std::nullopt : std::optional(found->second);
}

const program::TagMeaning* Task::meaning_of(net::ParticipantId sender) const {
  const bool known = terms.meanings != nullptr && sender.index() < terms.meanings->size();
  return known ? (*terms.meanings)[sender.index()].get() : nullptr;
}

const policy::Shortfall* Task::shortfall_of(net::ParticipantId sender) const {
  const auto found = std::ranges::find(terms.shortfalls, sender, &policy::Shortfall::owner);
  return found == terms.shortfalls.end() ? nullptr : &*found;
}

std::optional<net::MacAddress> Task::tag_of(net::ParticipantId sender,
                                            const net::IpAddress& address) const {
  const auto* neighbor = program::find_neighbor(program, sender, address);
  return neighbor == nullptr ? std::nullopt : std::optional(neighbor->mac);
}

void Findings::add(Violation violation) {
  if (!full()) violations_.push_back(std::move(violation));
}

std::vector<program::Row> rows_for(const program::Program& program, const net::Packet& packet) {
  std::vector<program::Row> rows;
  for (const program::Step& step : program::evaluate(program, packet).steps) {
    if (step.row != nullptr) rows.push_back(*step.row);
  }
  return rows;
}

std::string describe(const Effect& effect, const exchange::Exchange& exchange) {
  std::string text = fate(effect, exchange);
  for (const Onward& branch : effect.branches) {
    Effect other = effect;
    other.table = branch.table;
    other.metadata = branch.metadata;
    text += " and " + destination(other, exchange);
  }
  for (const policy::Write& write : effect.writes) {
    text += fmt::format(", {} := {}", net::name_of(write.field), write.value);
  }
  for (const program::Meter& meter : effect.meters) {
    text += meter.pps != 0
                ? fmt::format(", limited to {} packets/s (meter {})", meter.pps, meter.id)
                : fmt::format(", limited to {} kbit/s (meter {})", meter.kbps, meter.id);
  }
  if (!effect.counters.empty()) text += ", counted";
  for (const Mirrored& copy : effect.mirrors) {
    text += fmt::format(", copied to port {}", copy.port.value);
  }
  return text;
}

const Effect& effect_at(Workspace& work, diagram::Diagram function, const net::Packet& packet) {
  return work.effects.at(work.space.store().evaluate(function, point_of(packet)));
}

void attribute(Violation& violation, const World& world) {
  for (const program::Row& row : violation.rows) {
    if (auto clause = clause_of(world, row)) violation.clause = clause;
  }
  if (violation.clause || !violation.witness) return;
  violation.clause = clause_for(world, *violation.witness);
}

std::vector<Fixed> entrances_of(const exchange::Exchange& exchange,
                                net::ParticipantId participant) {
  std::vector<Fixed> entrances;
  for (const net::RouterId port : exchange.participant(participant).routers) {
    for (const net::RouterId source : exchange.routers_of(participant)) {
      if (port != source && !exchange.router(port).middlebox) continue;
      entrances.push_back({{net::Field::kInPort, exchange.router(port).port.value},
                           {net::Field::kSrcMac, exchange.router(source).mac.to_u64()}});
    }
  }
  return entrances;
}

}  // namespace fabrix::verify
