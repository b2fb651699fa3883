#include "controller/first_tables.h"

#include <algorithm>
#include <utility>

namespace fabrix::controller {

using routeserver::PeerId;

void FirstTables::begin(PeerId peer, Time now) {
  end(peer);
  tables_.push_back({.peer = peer, .began = now});
}

void FirstTables::end(PeerId peer) {
  std::erase_if(tables_, [&](const Table& table) { return table.peer == peer; });
}

bool FirstTables::may_wait(PeerId peer, const bgp::UpdateMessage& update, Time now) {
  const auto table = std::ranges::find(tables_, peer, &Table::peer);
  if (table == tables_.end()) return false;
  if (!update.end_of_rib.empty() || is_over(*table, now)) {
    tables_.erase(table);
    return false;
  }
  ++table->updates;
  if (!std::exchange(waits_, true)) since_ = now;
  last_ = now;
  return true;
}

bool FirstTables::is_over(Table& table, Time now) {
  if (now - table.began >= kTableAtMost) return true;
  if (table.window && now - *table.window < kWindow) return false;
  if (table.window && table.updates < kFlow) return true;
  table.window = now;
  table.updates = 0;
  return false;
}

std::optional<FirstTables::Time> FirstTables::due(std::size_t waiting) const {
  if (!waits_) return std::nullopt;
  if (tables_.empty() || waiting >= kWaitingAtMost) return since_;
  return std::min(last_ + kPause, since_ + kWaitAtMost);
}

void FirstTables::released(Time now) {
  waits_ = false;
  if (now - last_ >= kPause)
    std::erase_if(tables_, [](const Table& table) { return table.window.has_value(); });
}

}  // namespace fabrix::controller
