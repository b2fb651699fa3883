#include "fabric/fabric.h"

#include <algorithm>
#include <utility>

#include "program/drop.h"

namespace fabrix::fabric {

void Fabric::install_proven(program::ProgramPtr program, const Proof& proof, Done done) {
  auto proven = proof(std::chrono::seconds(1));
  while (!proven) proven = proof(std::chrono::seconds(1));
  if (!*proven) return done(fail(proven->error()));
  install(std::move(program), std::move(done));
}

void Fabric::forget_queries(const std::set<QueryKey>& keep) {
  std::erase_if(query_counts_, [&keep](const auto& each) { return !keep.contains(each.first); });
}

Result<void> Fabric::set_sampling(const SamplingRates& rates) {
  const bool any = std::ranges::any_of(rates, [](const auto& each) { return each.second != 0; });
  if (any) return fail(Error{"this fabric takes no samples"});
  return {};
}

void Fabric::add_counts(net::ParticipantId owner, std::span<const std::uint64_t> queries,
                        const QueryCount& more) {
  for (const std::uint64_t query : queries) {
    // There are many ports and reasons, and most never drop.
    if (more.packets == 0 && program::drop_of(query)) continue;
    QueryCount& count = query_counts_[{.owner = owner, .query = query}];
    count.packets += more.packets;
    count.octets += more.octets;
  }
}

}  // namespace fabrix::fabric
