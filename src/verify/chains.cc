#include "verify/chains.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace fabrix::verify {
namespace {

using net::RouterId;
using Steps = std::set<std::pair<RouterId, RouterId>>;

// From one middlebox to the next, by all that is sent.
Steps steps_of(const policy::ClauseList& list) {
  Steps steps;
  for (const policy::Clause& clause : list.clauses) {
    const auto& via = clause.extras.via;
    for (std::size_t i = 1; i < via.size(); ++i) steps.emplace(via[i - 1], via[i]);
  }
  return steps;
}

// Takes out the steps that no other leads to, again and again: what is left goes round.
std::optional<RouterId> on_a_round(Steps steps) {
  for (bool fewer = true; fewer && !steps.empty();) {
    std::set<RouterId> reached;
    for (const auto& [from, to] : steps) reached.insert(to);
    fewer =
        std::erase_if(steps, [&](const auto& step) { return !reached.contains(step.first); }) > 0;
  }
  return steps.empty() ? std::nullopt : std::optional(steps.begin()->first);
}

// One behind which clauses disagree.
std::optional<RouterId> parting(const policy::ClauseList& list) {
  std::map<RouterId, std::optional<RouterId>> next;
  for (const policy::Clause& clause : list.clauses) {
    const auto& via = clause.extras.via;
    for (std::size_t i = 0; i < via.size(); ++i) {
      const auto then = i + 1 < via.size() ? std::optional(via[i + 1]) : std::nullopt;
      if (next.emplace(via[i], then).first->second != then) return via[i];
    }
  }
  return std::nullopt;
}

}  // namespace

void check_chains(const Task& task, net::ParticipantId owner) {
  const auto& policy = task.world.policies[owner.index()];
  if (policy == nullptr) return;
  const exchange::Exchange& exchange = *task.world.exchange;
  const auto complain = [&](std::string invariant, std::string message) {
    task.findings.add({.invariant = std::move(invariant),
                       .message = std::move(message),
                       .witness = {},
                       .rows = {}});
  };
  if (const auto box = on_a_round(steps_of(policy->outbound))) {
    complain("I5", fmt::format("what {} sends may come to {} again from there",
                               exchange.participant(owner).name, exchange.router(*box).name));
  }
  if (const auto box = parting(policy->inbound)) {
    complain("I11", fmt::format("what {} receives goes on from {} in more than one way",
                                exchange.participant(owner).name, exchange.router(*box).name));
  }
}

}  // namespace fabrix::verify
