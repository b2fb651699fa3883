#include "controller/query_counters.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fabrix::controller {
namespace {

using policy::Direction;

template <typename Visit>
void for_each_query_of(net::ParticipantId owner, const policy::Policy& policy, const Visit& visit) {
  for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
    for (const policy::Query& query : policy.of(direction).queries) visit(owner, direction, query);
  }
}

// Calls visit(owner, direction, query) for every query there is.
template <typename Visit>
void for_each_query(const QueryCounters::Policies& policies, const Visit& visit) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (policies[i] == nullptr) continue;
    for_each_query_of({static_cast<std::uint16_t>(i)}, *policies[i], visit);
  }
}

}  // namespace

std::set<fabric::QueryKey> QueryCounters::keys_of(const Policies& policies) {
  std::set<fabric::QueryKey> keys;
  for_each_query(policies, [&](net::ParticipantId owner, Direction, const policy::Query& query) {
    keys.insert({.owner = owner, .query = query.id});
  });
  return keys;
}

void QueryCounters::update(const Policies& policies, const fabric::QueryCounts& counts,
                           const Now& now) {
  const auto keys = keys_of(policies);
  std::erase_if(windows_, [&keys](const auto& each) { return !keys.contains(each.first); });
  reports_.clear();
  for_each_query(policies,
                 [&](net::ParticipantId owner, Direction direction, const policy::Query& query) {
                   const fabric::QueryKey key{.owner = owner, .query = query.id};
                   QueryReport report;
                   report.owner = owner;
                   report.direction = direction;
                   report.label = label_of(query);
                   report.counted = query.counted;
                   report.interval = query.interval;
                   const auto count = counts.find(key);
                   if (count != counts.end()) report.total = count->second;
                   note(query, key, now, report);
                   if (query.limit != 0) {
                     report.total.packets = std::min(report.total.packets, query.limit);
                   }
                   reports_.push_back(std::move(report));
                 });
}

void QueryCounters::note(const policy::Query& query, const fabric::QueryKey& key, const Now& now,
                         QueryReport& report) {
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
  if (elapsed >= query.interval) {
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
