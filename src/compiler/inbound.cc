#include "compiler/inbound.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "compiler/extras.h"

namespace fabrix::compiler {
namespace {

using program::Metadata;

// `via`: the middlebox on the way, if any.
program::Next to_each(const policy::Multicast& several, Metadata via) {
  program::Fork fork;
  for (const policy::Target& target : several.targets) {
    if (!target.router) continue;
    fork.branches.push_back({.metadata = Metadata::egress_router(*target.router) | via,
                             .table = program::TableId::kTransit});
  }
  std::ranges::sort(fork.branches);
  return fork;
}

Action decision_of(const policy::Clause& clause, const std::vector<bool>& port_up) {
  if (std::holds_alternative<policy::Drop>(clause.verdict)) {
    return {{}, {}, program::Discard{}};
  }
  Action action{{}, {}, program::Goto{program::TableId::kTransit}};
  for (const policy::Write& write : clause.writes) {
    action.set_fields.push_back({write.field, write.value});
  }
  const auto steps = detours(clause.extras.via, port_up);
  const Metadata via = steps.empty() ? Metadata{} : Metadata::via(steps.front().to);
  action.write_metadata = via;
  if (const auto* several = std::get_if<policy::Multicast>(&clause.verdict)) {
    action.write_metadata = {};
    // Packets here are no control traffic; said again, what a branch writes is one run of bits.
    action.next = to_each(*several, steps.empty() ? via : via | Metadata::not_control());
  }
  const auto* forward = std::get_if<policy::Forward>(&clause.verdict);
  if (forward != nullptr && forward->target.router) {
    action.write_metadata = Metadata::egress_router(*forward->target.router) | via;
  }
  return action;
}

}  // namespace

std::optional<std::vector<program::Row>> inbound_rows(const Receiving& receiving,
                                                      const policy::ClauseList& list,
                                                      diagram::Store& store,
                                                      const RouteSense& sense) {
  const net::ParticipantId owner = receiving.owner;
  const Scope scope{.metadata = Metadata::egress(owner),
                    .tag = {},
                    .kind = program::Origin::Kind::kInboundClause,
                    .participant = owner,
                    .fall_through = {{}, {}, program::Goto{program::TableId::kTransit}}};
  std::vector<ClauseRows> clauses;
  for (std::size_t i = 0; i < list.clauses.size(); ++i) {
    const policy::Clause& clause = list.clauses[i];
    Action action = with_extras(decision_of(clause, receiving.port_up), clause.extras, owner,
                                receiving.exchange);
    action.counter = counter_of(clause);
    clauses.push_back({.when = clause.when.get(),
                       .clause = static_cast<std::uint32_t>(i),
                       .options = {Option{.tag = {}, .action = std::move(action)}},
                       .decisive = true});
  }
  return emit(std::move(clauses), scope, store, sense);
}

}  // namespace fabrix::compiler
