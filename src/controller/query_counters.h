// QueryCounters: what the members' queries have counted, and their clauses where they are counted
// (policy::ClauseCounter), with rates: what `fabrix show counters` and the metrics tell.
//
// A query counts on over policy changes for as long as its owner, direction, name and meaning are
// the same (policy::Query::id), and a clause likewise. Its rate is that of its last whole interval,
// of a clause of a second. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fabric/query_counts.h"
#include "policy/policy.h"

namespace fabrix::controller {

struct QueryReport {
  net::ParticipantId owner;
  policy::Direction direction = policy::Direction::kOutbound;
  std::string label;  // policy::label_of(), or of the clause
  policy::Counted counted = policy::Counted::kPackets;
  std::chrono::milliseconds interval{1000};
  fabric::QueryCount total;
  // Of the last whole interval; none before the first is over.
  std::optional<double> packets_per_second;
  std::optional<double> octets_per_second;
  // When it was last seen to have counted more; none: never.
  std::optional<std::chrono::system_clock::time_point> last_change;
};

class QueryCounters {
 public:
  using Policies = std::vector<std::shared_ptr<const policy::Policy>>;  // by participant
  struct Now {
    std::chrono::steady_clock::time_point steady;
    std::chrono::system_clock::time_point wall;
  };

  // What has been counted up to now, for the queries and clauses of these policies; others are
  // forgotten.
  void update(const Policies& policies, const fabric::QueryCounts& counts, const Now& now);

  // By owner, then direction; queries by their labels, then clauses in their order.
  const std::vector<QueryReport>& reports() const { return reports_; }
  // Of the queries and clauses there are.
  static std::set<fabric::QueryKey> keys_of(const Policies& policies);

 private:
  struct Window {
    std::chrono::steady_clock::time_point began;
    fabric::QueryCount at_begin;
    fabric::QueryCount newest;
    std::optional<double> packets_per_second;
    std::optional<double> octets_per_second;
    std::optional<std::chrono::system_clock::time_point> last_change;
  };

  void note(const fabric::QueryKey& key, const Now& now, QueryReport& report);

  std::map<fabric::QueryKey, Window> windows_;
  std::vector<QueryReport> reports_;
};

}  // namespace fabrix::controller
