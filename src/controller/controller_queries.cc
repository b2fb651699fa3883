// The part of Controller that knows what queries have counted.
#include <algorithm>
#include <utility>

#include "controller/controller.h"

namespace fabrix::controller {

void Controller::read_queries() {
  const bool any = std::ranges::any_of(policies_, [](const Accepted& accepted) {
    const auto& policy = accepted.policy;
    return policy && (policy->counts_clauses || !policy->outbound.queries.empty() ||
                      !policy->inbound.queries.empty());
  });
  if (any || !query_counters_.reports().empty()) fabric_->read_query_counts();
}

// Queries of policies that may be taken back keep their counts.
void Controller::take_query_counts() {
  QueryCounters::Policies wanted;
  QueryCounters::Policies good;
  for (const Accepted& each : policies_) wanted.push_back(each.policy);
  for (const Accepted& each : good_) good.push_back(each.policy);
  auto keep = QueryCounters::keys_of(wanted);
  keep.merge(QueryCounters::keys_of(good));
  for (const auto& [key, count] : fabric_->query_counts()) {
    if (program::drop_of(key.query)) keep.insert(key);
  }
  fabric_->forget_queries(keep);
  query_counters_.update(wanted, fabric_->query_counts(),
                         {.steady = Clock::now(), .wall = std::chrono::system_clock::now()});
  if (std::exchange(awaits_drops_, false))
    port_drops_.update(exchange_, fabric_->query_counts(),
                       {.steady = Clock::now(), .wall = std::chrono::system_clock::now()});
}

}  // namespace fabrix::controller
