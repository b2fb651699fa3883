#include "compiler/receiver.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/clause_rows.h"
#include "compiler/inbound.h"
#include "compiler/outbound.h"
#include "compiler/route_sense.h"

namespace fabrix::compiler {
namespace {

std::vector<std::vector<net::Prefix>> read(const std::vector<net::ParticipantId>& sets,
                                           const exchange::Reachability& reachability) {
  std::vector<std::vector<net::Prefix>> prefixes;
  prefixes.reserve(sets.size());
  for (const net::ParticipantId each : sets) prefixes.push_back(reachability.announced_by(each));
  return prefixes;
}

bool make_rows(Receiver& receiver, net::ParticipantId owner, const ReceiverInput& input) {
  const RouteSense sense{.reachability = input.reachability,
                         .questions = receiver.answers.questions(),
                         .regions = receiver.regions};
  auto rows = inbound_rows({.exchange = input.exchange, .port_up = input.port_up, .owner = owner},
                           receiver.policy->inbound, input.store, sense);
  const bool fit = rows.has_value();
  receiver.rows = fit ? program::make_block(*std::move(rows)) : nullptr;
  return fit;
}

}  // namespace

std::optional<Receiver> compile_receiver(net::ParticipantId owner,
                                         std::shared_ptr<const policy::Policy> policy,
                                         const ReceiverInput& input) {
  Receiver receiver;
  if (!policy || policy->inbound.clauses.empty()) return receiver;
  receiver.policy = std::move(policy);
  const policy::ClauseList& list = receiver.policy->inbound;
  receiver.prefix_sets = prefix_sets_of(list);
  receiver.prefixes = read(receiver.prefix_sets, input.reachability);
  receiver.answers = RouteAnswers(owner, policy::Direction::kInbound, route_tests_of(list));
  receiver.answers.read(input.reachability);
  receiver.regions = receiver.answers.regions();
  if (!make_rows(receiver, owner, input)) return std::nullopt;
  return receiver;
}

Refreshed remake(Receiver& receiver, net::ParticipantId owner, const ReceiverInput& input) {
  return make_rows(receiver, owner, input) ? Refreshed::kMade : Refreshed::kTooManyRows;
}

Refreshed refresh(Receiver& receiver, net::ParticipantId owner, const RouteChange& change,
                  const ReceiverInput& input) {
  receiver.answers.read(change, input.reachability);
  auto prefixes = read(receiver.prefix_sets, input.reachability);
  if (prefixes == receiver.prefixes && receiver.regions == receiver.answers.regions()) {
    return Refreshed::kSame;
  }
  receiver.prefixes = std::move(prefixes);
  receiver.regions = receiver.answers.regions();
  return remake(receiver, owner, input);
}

bool is_concerned(const Receiver& receiver, const exchange::Exchange& exchange,
                  std::span<const net::RouterId> announcers, std::span<const net::Prefix> changed) {
  if (!receiver.answers.questions().empty() && !changed.empty()) return true;
  return std::ranges::any_of(announcers, [&](net::RouterId router) {
    return std::ranges::binary_search(receiver.prefix_sets, exchange.router(router).participant);
  });
}

Diagnostic inbound_problem(std::string_view participant) {
  Diagnostic problem;
  problem.severity = Severity::kWarning;
  problem.code = "K0103";
  problem.message = fmt::format(
      "the inbound policy of {} needs more than {} rows under present routes and does not apply",
      participant, kMaxPolicyRows);
  problem.help = "name prefixes in larger blocks, or ask for what fewer routes have";
  return problem;
}

}  // namespace fabrix::compiler
