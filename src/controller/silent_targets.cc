#include "controller/silent_targets.h"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "policy/extras.h"

namespace fabrix::controller {
namespace {

bool announces(const routeserver::RouteServer& routes, net::ParticipantId participant) {
  return std::ranges::any_of(routes.peers(), [&](const routeserver::Peer& peer) {
    if (peer.participant != participant) return false;
    const auto has_accepted = [&](net::Family family) {
      const auto count = routes.count(peer.id, family);
      return count.routes > count.rejected;
    };
    return has_accepted(net::Family::kIpv4) || has_accepted(net::Family::kIpv6);
  });
}

}  // namespace

std::vector<Diagnostic> silent_targets(const exchange::Exchange& exchange,
                                       const routeserver::RouteServer& routes,
                                       const policy::Policy& policy, std::string_view file) {
  std::vector<Diagnostic> notes;
  std::set<net::ParticipantId> known;
  for (const auto* clauses : {&policy.outbound.clauses, &policy.foreseen}) {
    for (const policy::Clause& clause : *clauses) {
      for (const policy::Target& target : policy::targets_of(clause.verdict)) {
        if (!known.insert(target.participant).second) continue;
        if (announces(routes, target.participant)) continue;
        const std::string& name = exchange.participant(target.participant).name;
        notes.push_back({.severity = Severity::kNote,
                         .code = "P0317",
                         .message = fmt::format("{} announces nothing now", name),
                         .file = std::string(file),
                         .at = clause.at,
                         .witness = "",
                         .help = fmt::format("what forwards to {} applies as soon as it has a "
                                             "route for the packet",
                                             name)});
      }
    }
  }
  return notes;
}

}  // namespace fabrix::controller
