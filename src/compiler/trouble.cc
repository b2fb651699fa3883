#include "compiler/trouble.h"

#include <utility>

#include "compiler/receiver.h"

namespace fabrix::compiler {

std::vector<Diagnostic> problems(const Trouble& trouble) {
  std::vector<Diagnostic> all;
  for (const net::ParticipantId each : trouble.of_senders) {
    trouble.senders[each.index()].add_problems(all);
  }
  for (const net::ParticipantId each : trouble.of_receivers) {
    all.push_back(inbound_problem(trouble.exchange.participant(each).name));
  }
  for (const Counting* counting : {&trouble.sent, &trouble.delivered}) {
    for (const net::ParticipantId each : counting->troubled()) {
      all.push_back(counting->problem_of(trouble.exchange.participant(each).name));
    }
  }
  for (Diagnostic& each : trouble.sources.problems()) all.push_back(std::move(each));
  return all;
}

std::vector<policy::Shortfall> shortfalls(const Trouble& trouble) {
  std::set<net::ParticipantId> troubled = trouble.of_senders;
  troubled.insert(trouble.of_receivers.begin(), trouble.of_receivers.end());
  for (const Counting* counting : {&trouble.sent, &trouble.delivered}) {
    for (const net::ParticipantId each : counting->troubled()) troubled.insert(each);
  }
  const auto& unchecked = trouble.sources.short_ones();
  troubled.insert(unchecked.begin(), unchecked.end());
  std::vector<policy::Shortfall> all;
  for (const net::ParticipantId each : troubled) {
    policy::Shortfall shortfall = trouble.senders[each.index()].shortfall();
    shortfall.no_inbound = trouble.of_receivers.contains(each);
    shortfall.no_outbound_queries = trouble.sent.has_too_many_rows(each);
    shortfall.no_inbound_queries = trouble.delivered.has_too_many_rows(each);
    shortfall.no_source_check = unchecked.contains(each);
    all.push_back(std::move(shortfall));
  }
  return all;
}

}  // namespace fabrix::compiler
