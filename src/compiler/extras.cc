#include "compiler/extras.h"

#include <algorithm>

namespace fabrix::compiler {

static_assert(policy::kMaxMeters == program::kMetersPerParticipant);

Action with_extras(Action action, const policy::Extras& extras, net::ParticipantId owner,
                   const exchange::Exchange& exchange) {
  if (extras.police) {
    action.meter = program::meter_of(owner, extras.police->number, extras.police->kbps);
  }
  for (const net::RouterId port : extras.mirrors) {
    action.copies.push_back(exchange.router(port).port);
  }
  std::ranges::sort(action.copies);
  return action;
}

std::uint64_t counter_of(const policy::Clause& clause) {
  return clause.counter == nullptr ? 0 : clause.counter->id;
}

std::vector<Detour> detours(const std::vector<net::RouterId>& via,
                            const std::vector<bool>& port_up) {
  std::vector<Detour> all;
  std::vector<std::optional<net::RouterId>> before{std::nullopt};  // that are to go to the next
  for (const net::RouterId each : via) {
    if (port_up[each.index()]) {
      for (const auto& from : before) all.push_back({.from = from, .to = each});
      before.clear();
    }
    before.emplace_back(each);
  }
  std::ranges::sort(all);
  return all;
}

Chains chains_received(const policy::Policy* policy) {
  Chains chains;
  if (policy == nullptr) return chains;
  for (const policy::Clause& clause : policy->inbound.clauses) {
    if (clause.extras.via.size() > 1) chains.push_back(clause.extras.via);
  }
  std::ranges::sort(chains);
  chains.erase(std::unique(chains.begin(), chains.end()), chains.end());
  return chains;
}

}  // namespace fabrix::compiler
