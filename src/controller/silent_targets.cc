#include "controller/silent_targets.h"

#include <algorithm>
#include <set>
#include <string>

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

Diagnostic note_about(const std::string& name, const SourceSpan& at, std::string_view file) {
  return {.severity = Severity::kNote,
          .code = "P0317",
          .message = name + " announces nothing now",
          .file = std::string(file),
          .at = at,
          .witness = "",
          .help = "what forwards to " + name + " applies as soon as it has a route for the packet"};
}

}  // namespace

std::vector<Diagnostic> silent_targets(const exchange::Exchange& exchange,
                                       const routeserver::RouteServer& routes,
                                       const policy::Policy& policy, std::string_view file) {
  std::vector<policy::Clause> clauses = policy.outbound.clauses;
  clauses.insert(clauses.end(), policy.foreseen.begin(), policy.foreseen.end());
  std::vector<Diagnostic> notes;
  std::set<net::ParticipantId> known;
  for (const policy::Clause& clause : clauses) {
    for (const policy::Target& target : policy::targets_of(clause.verdict)) {
      const bool is_new = known.insert(target.participant).second;
      if (!is_new || announces(routes, target.participant)) continue;
      notes.push_back(note_about(exchange.participant(target.participant).name, clause.at, file));
    }
  }
  return notes;
}

}  // namespace fabrix::controller
