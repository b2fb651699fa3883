#include "verify/interference.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "program/evaluate.h"

namespace fabrix::verify {
namespace {

using net::ParticipantId;
using program::Row;
using program::TableId;

constexpr unsigned kEgressShift = 12;
constexpr unsigned kEgressRouterShift = 24;

std::size_t position(RowKey key, unsigned shift) {
  return static_cast<std::size_t>(key >> shift) - 1;
}

// Whose business a row is: from whom its packets come, or to whom they go.
std::optional<ParticipantId> owner_of(const Task& task, TableId table, const Row& row) {
  const exchange::Exchange& exchange = *task.world.exchange;
  const auto key = RowIndex::key_of(table, row);
  if (!key || *key == 0) return std::nullopt;
  const auto participant = [&](std::size_t index) -> std::optional<ParticipantId> {
    if (index >= exchange.participants.size()) return std::nullopt;
    return exchange.participants[index].id;
  };
  switch (table) {
    case TableId::kAdmit: {
      const auto router = task.directory.find(net::PortNo{static_cast<std::uint32_t>(*key)});
      return router ? std::optional(exchange.router(*router).participant) : std::nullopt;
    }
    case TableId::kSent:
    case TableId::kOutbound:
      return participant(position(*key, 0));
    case TableId::kDelivered:
    case TableId::kInbound:
      return participant(position(*key, kEgressShift));
    case TableId::kTransit: {
      const std::size_t router = position(*key, kEgressRouterShift);
      if (router >= exchange.routers.size()) return std::nullopt;
      return exchange.routers[router].participant;
    }
    case TableId::kResolve:
      break;
  }
  return std::nullopt;
}

// A row that leads to somebody whose entrance is another now, since what it receives is counted, or
// no longer is; and the row for control traffic that such a table begins with.
bool follows_entrance(const Causes& causes, TableId table, const Row& row) {
  if (causes.entrances.ids().empty()) return false;
  if (table == TableId::kDelivered) return row.match.metadata == program::Metadata::control();
  if (table != TableId::kOutbound && table != TableId::kResolve) return false;
  const auto leads_there = [&causes](const program::Metadata& written) {
    const std::uint64_t code = written.bits >> kEgressShift & 0xfffU;
    return code != 0 &&
           causes.entrances.contains(ParticipantId{static_cast<std::uint16_t>(code - 1)});
  };
  const auto* fork = std::get_if<program::Fork>(&row.next);
  return leads_there(row.write_metadata) ||
         (fork != nullptr &&
          std::ranges::any_of(fork->branches, leads_there, &program::Branch::metadata));
}

// Rows of the first table that are what they were but for what they hash.
class Rehashed {
 public:
  Rehashed(const Causes& causes, const program::Program& before) {
    if (!causes.hashing) return;
    for (const Row& row : before.table(TableId::kAdmit)) {
      before_.emplace(std::pair(row.priority, row.match), &row);
    }
  }

  bool contains(TableId table, const Row& row) const {
    if (table != TableId::kAdmit) return false;
    const auto found = before_.find(std::pair(row.priority, row.match));
    if (found == before_.end()) return false;
    Row alike = *found->second;
    alike.hashes = row.hashes;
    return alike == row;
  }

 private:
  std::map<std::pair<std::uint16_t, program::Match>, const Row*> before_;
};

// What is let in from a member may depend on what it announces.
bool checks_sources(const exchange::Exchange& exchange, ParticipantId owner) {
  return std::ranges::any_of(exchange.participant(owner).routers, [&](net::RouterId id) {
    return exchange.router(id).sources.mode != exchange::SourceCheck::kOff;
  });
}

bool is_due(const Task& task, const Causes& causes, TableId table, ParticipantId owner) {
  if (table == TableId::kTransit) return causes.ports_of.contains(owner);
  if (causes.participants.contains(owner)) return true;
  return causes.routes && (table != TableId::kAdmit || checks_sources(*task.world.exchange, owner));
}

// A packet that the row matches, as far as packets go.
net::Packet example_of(const Task& task, const Row& row, std::optional<ParticipantId> owner) {
  const exchange::Exchange& exchange = *task.world.exchange;
  net::Packet packet;
  packet.eth_type = net::kEthTypeIpv4;
  for (const program::FieldMatch& test : row.match.fields) {
    if (test.field == net::Field::kEthType) net::set_value(packet, test.field, test.bits);
  }
  for (const exchange::Router& router : exchange.routers) {
    if (owner && (router.participant != *owner || !router.present)) continue;
    packet.in_port = router.port;
    packet.src_mac = router.mac;
    break;
  }
  for (const program::FieldMatch& test : row.match.fields) {
    if (test.field != net::Field::kEthType) net::set_value(packet, test.field, test.bits);
  }
  return packet;
}

std::string names_of(const Task& task, const Causes& causes) {
  std::vector<std::string> names;
  for (const auto* ids : {&causes.participants, &causes.ports_of}) {
    for (const ParticipantId id : ids->ids()) {
      names.push_back(task.world.exchange->participant(id).name);
    }
  }
  return names.empty() ? "nobody" : fmt::format("{}", fmt::join(names, ", "));
}

std::string concern(const Task& task, TableId table, std::optional<ParticipantId> owner) {
  if (!owner) return "packets of everybody";
  const bool comes =
      table == TableId::kAdmit || table == TableId::kSent || table == TableId::kOutbound;
  return fmt::format("packets {} {}", comes ? "from" : "to",
                     task.world.exchange->participant(*owner).name);
}

void check_row(const Task& task, const Causes& causes, TableId table, const Row& row) {
  const auto owner = owner_of(task, table, row);
  if (owner && is_due(task, causes, table, *owner)) return;
  if (follows_entrance(causes, table, row)) return;
  task.findings.add(
      {.invariant = "I10",
       .message = fmt::format("a change of {} alters {} (table {})", names_of(task, causes),
                              concern(task, table, owner), program::name_of(table)),
       .witness = example_of(task, row, owner),
       .rows = {row}});
}

}  // namespace

void check_interference(const Task& task, const Causes& causes, const Alteration& alteration) {
  const program::ProgramDelta& delta = alteration.delta;
  const Rehashed rehashed(causes, alteration.before);
  for (const auto* rows : {&delta.remove, &delta.modify, &delta.add}) {
    for (const auto& [table, row] : *rows) {
      const bool same = rows == &delta.modify && rehashed.contains(table, *row);
      if (!same) check_row(task, causes, table, *row);
    }
  }
  for (const auto* neighbors : {&alteration.fresh, &alteration.gone}) {
    for (const program::VirtualNeighbor& each : *neighbors) {
      const bool due = causes.routes || causes.participants.contains(each.sender) ||
                       causes.renumbered.contains(each.sender);
      if (due) continue;
      const auto& all = task.world.exchange->participants;
      task.findings.add({.invariant = "I10",
                         .message = fmt::format(
                             "a change of {} alters what {} is told of {}", names_of(task, causes),
                             each.sender.index() < all.size() ? all[each.sender.index()].name
                                                              : std::string("nobody"),
                             each.address.to_string()),
                         .witness = {},
                         .rows = {}});
    }
  }
}

}  // namespace fabrix::verify
