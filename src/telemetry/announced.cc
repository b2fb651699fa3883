#include "telemetry/announced.h"

namespace fabrix::telemetry {
namespace {

// The longest prefix around the address whose set is as wanted; null: there is none.
template <typename Wanted>
const RouteSet* find_set(const RouteTable& table, const net::IpAddress& address, Wanted&& wanted) {
  for (auto id = table.match_id(address); id; id = table.covering(table.prefix_of(*id))) {
    const RouteSet* const set = table.set_of(*id);
    if (set != nullptr && wanted(*set)) return set;
  }
  return nullptr;
}

}  // namespace

std::optional<MemberId> announcer_of(const RouteTable& table, const net::IpAddress& address) {
  const RouteSet* const set =
      find_set(table, address, [](const RouteSet& one) { return !one.announcers.empty(); });
  return set != nullptr ? std::optional(set->announcers.front()) : std::nullopt;
}

bool announces(const RouteTable& table, MemberId member, const net::IpAddress& address) {
  return find_set(table, address,
                  [&](const RouteSet& one) { return one.is_announced_by(member); }) != nullptr;
}

}  // namespace fabrix::telemetry
