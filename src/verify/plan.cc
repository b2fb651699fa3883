#include "verify/plan.h"

#include <algorithm>

#include "verify/chains.h"
#include "verify/told.h"

namespace fabrix::verify {
namespace {

using program::TableId;

constexpr unsigned kEgressShift = 12;
constexpr unsigned kEgressRouterShift = 24;

template <typename Id>
Id id_of(RowKey key, unsigned shift) {
  return Id{static_cast<std::uint16_t>((key >> shift) - 1)};
}

// Rows at somebody's port are looked at with that port (check_admission()).
bool is_somebodys(const Task& task, TableId table, RowKey key) {
  if (table != TableId::kAdmit) return false;
  const net::PortNo port{static_cast<std::uint32_t>(key)};
  return port == task.world.exchange->route_server.port || task.directory.find(port);
}

// Whether the rows with the key have been found right before, all of them together.
bool is_proven(const Plan& plan, TableId table, RowKey key) {
  if (table == TableId::kOutbound) {
    return plan.proven_senders.contains(id_of<net::ParticipantId>(key, 0));
  }
  return table == TableId::kInbound &&
         plan.proven_receivers.contains(id_of<net::ParticipantId>(key, kEgressShift));
}

enum class Ways : std::uint8_t { kForward, kBack };

// Whether a row leads back.
Ways check_each_row(const Plan& plan, const Task& task) {
  Ways ways = Ways::kForward;
  for (const Placed& placed : plan.rows) {
    check_row(task, placed);
    if (placed.table == TableId::kAdmit) check_entrance(task, placed);
    if (leads_back(placed.table, *placed.row)) ways = Ways::kBack;
  }
  return ways;
}

void check_all_priorities(const Plan& plan, const Task& task) {
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    const auto keys = plan.unkeyed.at(i) ? task.index.keys(table) : plan.keys.at(i);
    for (const RowKey key : keys) {
      if (is_proven(plan, table, key) || is_somebodys(task, table, key)) continue;
      check_priorities(task, table, key);
    }
    // Nothing has this key: those without one among themselves.
    if (plan.unkeyed.at(i)) check_priorities(task, table, ~RowKey{0});
  }
}

// Whether the sender's rows were right but for some packets, and are right for these.
bool is_right_again(const Plan& plan, const Task& task, net::ParticipantId sender) {
  const auto known = std::ranges::find_if(
      plan.few_sent, [sender](const auto& each) { return each.first == sender; });
  if (known == plan.few_sent.end()) return false;
  return std::ranges::all_of(known->second,
                             [&](const FewPackets& few) { return sends_right(task, sender, few); });
}

void check_senders(const Plan& plan, const Task& task) {
  for (const net::ParticipantId id : plan.senders.ids()) {
    task.work.make_room();
    check_chains(task, id);
    if (!task.findings.full()) check_counting(task, id, policy::Direction::kOutbound);
    if (plan.proven_senders.contains(id)) continue;
    if (!task.findings.full() && !is_right_again(plan, task, id)) check_outbound(task, id);
  }
}

void check_receivers(const Plan& plan, const Task& task) {
  for (const net::ParticipantId id : plan.receivers.ids()) {
    task.work.make_room();
    if (!task.findings.full()) check_counting(task, id, policy::Direction::kInbound);
    if (plan.proven_receivers.contains(id)) continue;
    if (!task.findings.full()) check_inbound(task, id);
  }
}

}  // namespace

Plan::Plan(const exchange::Exchange& exchange)
    : admission(exchange.routers.size()),
      senders(exchange.participants.size()),
      receivers(exchange.participants.size()),
      proven_senders(exchange.participants.size()),
      proven_receivers(exchange.participants.size()),
      transit(exchange.routers.size()),
      told(exchange.participants.size()),
      judging(exchange.participants.size()) {}

void Plan::add_key(TableId table, std::optional<RowKey> key) {
  const auto place = static_cast<std::size_t>(table);
  if (table == TableId::kResolve) resolution = true;
  if (key) {
    keys.at(place).push_back(*key);
  } else {
    unkeyed.at(place) = true;
  }
}

void Plan::add_rows(const program::ProgramDelta& delta) {
  for (const auto* fresh : {&delta.modify, &delta.add}) {
    for (const auto& [table, row] : *fresh) {
      rows.push_back({table, row, RowIndex::key_of(table, *row)});
      add_key(table, rows.back().key);
    }
  }
  for (const auto& [table, row] : delta.remove) add_key(table, RowIndex::key_of(table, *row));
  for (auto& each : keys) {
    std::ranges::sort(each);
    each.erase(std::unique(each.begin(), each.end()), each.end());
  }
}

void Plan::add_all(const exchange::Exchange& exchange, const program::Program& program,
                   const RowIndex& index) {
  full = true;
  rows.reserve(index.size());
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    for (const RowKey key : index.keys(table)) {
      for (const program::Row* row : index.keyed(table, key)) rows.push_back({table, row, key});
    }
    for (const program::Row* row : index.others(table)) rows.push_back({table, row, {}});
    unkeyed.at(i) = true;
  }
  neighbors.assign(program.neighbors.begin(), program.neighbors.end());
  resolution = true;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    follow_unkeyed(static_cast<TableId>(i), exchange);
  }
  for (const exchange::Participant& each : exchange.participants) told.add(each.id);
}

void Plan::follow_keys(const exchange::Exchange& exchange, const Directory& directory) {
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    for (const RowKey key : keys.at(i)) follow(table, key, exchange, directory);
    if (unkeyed.at(i)) follow_unkeyed(table, exchange);
  }
}

void Plan::follow(TableId table, RowKey key, const exchange::Exchange& exchange,
                  const Directory& directory) {
  switch (table) {
    case TableId::kAdmit: {
      const net::PortNo port{static_cast<std::uint32_t>(key)};
      if (port == exchange.route_server.port) site_admission = true;
      if (const auto router = directory.find(port)) admission.add(*router);
      return;
    }
    case TableId::kSent:
    case TableId::kOutbound:
      return senders.add(id_of<net::ParticipantId>(key, 0));
    case TableId::kDelivered:
    case TableId::kInbound:
      return receivers.add(id_of<net::ParticipantId>(key, kEgressShift));
    case TableId::kTransit:
      return transit.add(id_of<net::RouterId>(key, kEgressRouterShift));
    case TableId::kResolve:
      return;
  }
}

void Plan::follow_unkeyed(TableId table, const exchange::Exchange& exchange) {
  for (const exchange::Participant& each : exchange.participants) {
    if (table == TableId::kSent || table == TableId::kOutbound) senders.add(each.id);
    if (table == TableId::kDelivered || table == TableId::kInbound) receivers.add(each.id);
  }
  for (const exchange::Router& each : exchange.routers) {
    if (!each.present) continue;
    if (table == TableId::kAdmit) admission.add(each.id);
    if (table == TableId::kTransit) transit.add(each.id);
  }
  if (table == TableId::kAdmit) site_admission = true;
}

void carry_out(const Plan& plan, const Task& task) {
  const exchange::Exchange& exchange = *task.world.exchange;
  check_capacity(task);
  const Ways ways = check_each_row(plan, task);
  check_all_priorities(plan, task);
  // Rows that lead back would let a packet go round: nothing else can be asked of such a Program.
  if (task.findings.full() || ways == Ways::kBack) return;
  check_neighbors(task, plan.neighbors);
  for (const net::RouterId id : plan.admission.ids()) {
    if (exchange.router(id).present) check_admission(task, exchange.router(id));
  }
  if (plan.site_admission) check_site_admission(task);
  if (plan.resolution) check_resolution(task);
  check_senders(plan, task);
  check_receivers(plan, task);
  for (const net::RouterId id : plan.transit.ids()) {
    task.work.make_room();
    if (exchange.router(id).present) check_transit(task, exchange.router(id));
  }
}

}  // namespace fabrix::verify
