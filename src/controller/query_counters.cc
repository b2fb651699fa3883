#include "controller/query_counters.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace fabrix::controller {
namespace {

using policy::Direction;

// What is counted, and how it is told.
struct Subject {
  std::uint64_t id = 0;
  policy::Counted counted = policy::Counted::kPackets;
  std::chrono::milliseconds interval = policy::kMinInterval;
  std::uint64_t limit = 0;
};

// Calls visit(subject, label) for each query and each clause that is counted; label() is its name.
template <typename Visit>
void for_each_counter(const policy::Policy& policy, Direction direction, const Visit& visit) {
  const policy::ClauseList& list = policy.of(direction);
  for (const policy::Query& query : list.queries) {
    const Subject subject{query.id, query.counted, query.interval, query.limit};
    visit(subject, [&query] { return label_of(query); });
  }
  if (!policy.counts_clauses) return;
  for (const policy::Clause& clause : list.clauses) {
    if (clause.counter == nullptr) continue;
    visit(Subject{.id = clause.counter->id}, [&clause] { return clause.counter->label; });
  }
}

// Calls visit(owner, direction, subject, label) for all that there are.
template <typename Visit>
void for_each_counter(const QueryCounters::Policies& policies, const Visit& visit) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (policies[i] == nullptr) continue;
    const net::ParticipantId owner{static_cast<std::uint16_t>(i)};
    const auto visit_in = [&](Direction direction) {
      const auto of_owner = std::bind_front(visit, owner, direction);
      for_each_counter(*policies[i], direction, of_owner);
    };
    visit_in(Direction::kOutbound);
    visit_in(Direction::kInbound);
  }
}

}  // namespace

std::set<fabric::QueryKey> QueryCounters::keys_of(const Policies& policies) {
  std::set<fabric::QueryKey> keys;
  const auto insert = [&keys](net::ParticipantId owner, Direction, const Subject& subject,
                              const auto& /*label*/) {
    keys.insert({.owner = owner, .query = subject.id});
  };
  for_each_counter(policies, insert);
  return keys;
}

void QueryCounters::update(const Policies& policies, const fabric::QueryCounts& counts,
                           const Now& now) {
  const auto keys = keys_of(policies);
  std::erase_if(windows_, [&keys](const auto& each) { return !keys.contains(each.first); });
  reports_.clear();
  const auto tell = [&](net::ParticipantId owner, Direction direction, const Subject& subject,
                        const auto& label) {
    const fabric::QueryKey key{.owner = owner, .query = subject.id};
    QueryReport report;
    report.owner = owner;
    report.direction = direction;
    report.label = label();
    report.counted = subject.counted;
    report.interval = subject.interval;
    const auto count = counts.find(key);
    if (count != counts.end()) report.total = count->second;
    note(key, now, report);
    if (subject.limit != 0) {
      report.total.packets = std::min(report.total.packets, subject.limit);
    }
    reports_.push_back(std::move(report));
  };
  for_each_counter(policies, tell);
}

void QueryCounters::note(const fabric::QueryKey& key, const Now& now, QueryReport& report) {
  const auto [place, is_new] = windows_.try_emplace(key);
  Window& window = place->second;
  if (is_new) {
    // What it had counted before, if anything, says nothing of the present.
    window.began = now.steady;
    window.at_begin = report.total;
    window.newest = report.total;
  }
  if (!(window.newest == report.total)) window.last_change = now.wall;
  window.newest = report.total;
  const auto elapsed = now.steady - window.began;
  if (elapsed >= report.interval) {
    const double seconds = std::chrono::duration<double>(elapsed).count();
    const auto rate = [seconds](std::uint64_t from, std::uint64_t to) {
      return static_cast<double>(to - from) / seconds;
    };
    window.packets_per_second = rate(window.at_begin.packets, report.total.packets);
    window.octets_per_second = rate(window.at_begin.octets, report.total.octets);
    window.began = now.steady;
    window.at_begin = report.total;
  }
  report.packets_per_second = window.packets_per_second;
  report.octets_per_second = window.octets_per_second;
  report.last_change = window.last_change;
}

}  // namespace fabrix::controller
