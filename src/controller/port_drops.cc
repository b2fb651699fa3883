#include "controller/port_drops.h"

#include <algorithm>
#include <utility>

namespace fabrix::controller {

void PortDrops::update(const exchange::Exchange& exchange, const fabric::QueryCounts& counts,
                       const Now& now) {
  const auto before = std::exchange(reports_, {});
  std::optional<double> seconds;
  if (read_) seconds = std::chrono::duration<double>(now.steady - *read_).count();
  read_ = now.steady;
  for (const auto& [key, count] : counts) {
    const auto drop = program::drop_of(key.query);
    if (!drop || count.packets == 0) continue;
    const bool known =
        drop->port == exchange.route_server.port || exchange.find_router(drop->port) != nullptr;
    if (!known) continue;
    DropReport report{.drop = *drop, .total = count, .packets_per_second = {}, .last_change = {}};
    const auto last = std::ranges::find(before, *drop, &DropReport::drop);
    const std::uint64_t seen = last == before.end() ? 0 : last->total.packets;
    if (last != before.end()) report.last_change = last->last_change;
    if (count.packets != seen) report.last_change = now.wall;
    if (seconds && *seconds > 0) {
      report.packets_per_second =
          static_cast<double>(count.packets - std::min(seen, count.packets)) / *seconds;
    }
    reports_.push_back(report);
  }
  std::ranges::sort(reports_, {}, [](const DropReport& each) {
    return std::pair(each.drop.port, each.drop.reason);
  });
}

}  // namespace fabrix::controller
