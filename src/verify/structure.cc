#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "program/drop.h"
#include "program/tag.h"
#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using net::Field;
using program::FieldMatch;
using program::Row;
using program::TableId;

using Rows = std::vector<const Row*>;

// What every row of a group tests: 0 where some row does not.
struct CommonTest {
  std::uint64_t metadata = ~std::uint64_t{0};
  std::vector<FieldMatch> fields;  // masks
};

std::uint64_t mask_of(const Row& row, Field field) {
  const auto found = std::ranges::find(row.match.fields, field, &FieldMatch::field);
  return found == row.match.fields.end() ? 0 : found->mask;
}

std::uint64_t bits_of(const Row& row, Field field) {
  const auto found = std::ranges::find(row.match.fields, field, &FieldMatch::field);
  return found == row.match.fields.end() ? 0 : found->bits;
}

CommonTest common_test(std::span<const Row* const> rows) {
  CommonTest common{.fields = rows.front()->match.fields};
  for (const Row* row : rows) {
    common.metadata &= row->match.metadata.mask;
    for (FieldMatch& each : common.fields) each.mask &= mask_of(*row, each.field);
  }
  std::erase_if(common.fields, [](const FieldMatch& each) { return each.mask == 0; });
  return common;
}

std::vector<std::uint64_t> key_of(const Row& row, const CommonTest& common) {
  std::vector<std::uint64_t> key{row.match.metadata.bits & common.metadata};
  key.reserve(1 + common.fields.size());
  for (const FieldMatch& each : common.fields) {
    key.push_back(bits_of(row, each.field) & each.mask);
  }
  return key;
}

bool overlap(const Row& a, const Row& b) {
  const program::Metadata& left = a.match.metadata;
  const program::Metadata& right = b.match.metadata;
  if (((left.bits ^ right.bits) & left.mask & right.mask) != 0) return false;
  return std::ranges::all_of(a.match.fields, [&](const FieldMatch& test) {
    return ((test.bits ^ bits_of(b, test.field)) & test.mask & mask_of(b, test.field)) == 0;
  });
}

bool same_effect(const Row& a, const Row& b) {
  return std::tie(a.set_fields, a.write_metadata, a.next, a.meter, a.copies, a.hashes, a.queries) ==
         std::tie(b.set_fields, b.write_metadata, b.next, b.meter, b.copies, b.hashes, b.queries);
}

using Conflict = std::optional<std::pair<const Row*, const Row*>>;

Conflict find_conflict_among(std::span<const Row* const> rows) {
  for (auto one = rows.begin(); one != rows.end(); ++one) {
    const auto other = std::find_if(std::next(one), rows.end(), [&](const Row* row) {
      return overlap(**one, *row) && !same_effect(**one, *row);
    });
    if (other != rows.end()) return std::pair(*one, *other);
  }
  return std::nullopt;
}

// Two rows of the group that overlap and differ. Rows that differ in what all of them test are
// disjoint, hence the recursion.
// NOLINTNEXTLINE(misc-no-recursion): ends, since each part is smaller.
Conflict find_conflict(std::span<const Row* const> rows) {
  constexpr std::size_t kFew = 8;
  if (rows.size() <= kFew) return find_conflict_among(rows);
  const CommonTest common = common_test(rows);
  std::map<std::vector<std::uint64_t>, Rows> parts;
  for (const Row* row : rows) parts[key_of(*row, common)].push_back(row);
  if (parts.size() == 1) return find_conflict_among(rows);
  for (const auto& [key, part] : parts) {
    if (const auto conflict = find_conflict(part)) return conflict;
  }
  return std::nullopt;
}

void complain(const Task& task, std::string_view invariant, std::string message, const Row& row) {
  task.findings.add({.invariant = std::string(invariant),
                     .message = std::move(message),
                     .witness = {},
                     .rows = {row}});
}

// I7: policies write what policy::Write lists.
bool may_write(TableId table, Field field) {
  switch (field) {
    case Field::kDscp:
    case Field::kSrcIp4:
    case Field::kDstIp4:
    case Field::kSrcIp6High:
    case Field::kSrcIp6Low:
    case Field::kDstIp6High:
    case Field::kDstIp6Low:
    case Field::kSrcPort:
    case Field::kDstPort:
      return table == TableId::kOutbound || table == TableId::kInbound;
    default:
      return false;
  }
}

// What is put out carries the receiver's MAC. Only the route server's port is reached without the
// last table.
bool completes(const Task& task, TableId table, const Row& row) {
  if (table == TableId::kTransit) return true;
  const auto* output = std::get_if<program::Output>(&row.next);
  return table == TableId::kResolve && output != nullptr &&
         output->port == task.world.exchange->route_server.port;
}

void check_writes(const Task& task, TableId table, const Row& row) {
  for (const program::SetField& set : row.set_fields) {
    if (may_write(table, set.field)) continue;
    if (set.field == Field::kDstMac && completes(task, table, row)) continue;
    complain(task, "I7",
             fmt::format("a row of table {} writes {}", program::name_of(table),
                         net::name_of(set.field)),
             row);
  }
}

// Whether what a participant sends is to come out at that participant.
bool returns(const Row& row) {
  constexpr unsigned kEgressShift = 12;
  const std::uint64_t sender_mask = program::Metadata::sender(net::ParticipantId{0}).mask;
  const std::uint64_t egress_mask = program::Metadata::egress(net::ParticipantId{0}).mask;
  if ((row.match.metadata.mask & sender_mask) != sender_mask) return false;
  const auto is_sender = [&](const program::Metadata& written) {
    const std::uint64_t egress = (written.bits & egress_mask) >> kEgressShift;
    return (written.mask & egress_mask) == egress_mask && egress != 0 &&
           egress == (row.match.metadata.bits & sender_mask);
  };
  const auto* fork = std::get_if<program::Fork>(&row.next);
  return is_sender(row.write_metadata) ||
         (fork != nullptr &&
          std::ranges::any_of(fork->branches, is_sender, &program::Branch::metadata));
}

// Whether an outbound clause sends packets to a middlebox port of its owner's: as they came.
bool is_detour(const Task& task, TableId table, const Row& row) {
  const auto* output = std::get_if<program::Output>(&row.next);
  if (output == nullptr || table != TableId::kOutbound) return false;
  if (row.origin.kind != program::Origin::Kind::kOutboundClause) return false;
  const auto port = task.directory.find(output->port);
  if (!port || !row.set_fields.empty()) return false;
  const exchange::Router& to = task.world.exchange->router(*port);
  return to.middlebox && to.participant == row.origin.participant;
}

void check_next(const Task& task, TableId table, const Row& row) {
  if (leads_back(table, row)) {
    complain(task, "I5", fmt::format("a row of table {} leads back", program::name_of(table)), row);
  }
  if (table == TableId::kOutbound && returns(row)) {
    complain(task, "I5", "a row sends a participant's packets back to that participant", row);
  }
  const bool lets_out = std::holds_alternative<program::Output>(row.next);
  if (lets_out && !completes(task, table, row) && !is_detour(task, table, row)) {
    complain(task, "I7",
             fmt::format("a row of table {} puts packets out, past the table that writes the "
                         "destination MAC",
                         program::name_of(table)),
             row);
  }
}

bool binds(const Row& row, const program::Metadata& wanted) {
  const program::Metadata& metadata = row.match.metadata;
  return (metadata.mask & wanted.mask) == wanted.mask &&
         (metadata.bits & wanted.mask) == wanted.bits;
}

// I1: a clause's row sees only what its owner sends, or what is being delivered to its owner.
void check_isolation(const Task& task, TableId table, const Row& row) {
  using Kind = program::Origin::Kind;
  const Kind kind = row.origin.kind;
  if (kind != Kind::kOutboundClause && kind != Kind::kInboundClause) return;
  const bool is_outbound = kind == Kind::kOutboundClause;
  const auto wanted = is_outbound ? program::Metadata::sender(row.origin.participant)
                                  : program::Metadata::egress(row.origin.participant);
  const TableId home = is_outbound ? TableId::kOutbound : TableId::kInbound;
  if (table == home && binds(row, wanted)) return;
  complain(task, "I1",
           fmt::format("a row of a clause of {} sees packets of others",
                       row.origin.participant.index() < task.world.exchange->participants.size()
                           ? task.world.exchange->participant(row.origin.participant).name
                           : std::string("nobody")),
           row);
}

bool is_of_clause(const Row& row) {
  return row.origin.kind == program::Origin::Kind::kOutboundClause ||
         row.origin.kind == program::Origin::Kind::kInboundClause;
}

// I6: only a policy makes copies, and each goes through what follows: from the outbound table to
// the inbound table, or what counts before it, from there to the last.
void check_fork(const Task& task, TableId table, const Row& row) {
  const auto* fork = std::get_if<program::Fork>(&row.next);
  if (fork == nullptr) return;
  const bool placed = std::ranges::all_of(fork->branches, [table](const program::Branch& each) {
    return table == TableId::kOutbound
               ? each.table == TableId::kDelivered || each.table == TableId::kInbound
               : table == TableId::kInbound && each.table == TableId::kTransit;
  });
  const bool different = std::ranges::adjacent_find(fork->branches, std::ranges::greater_equal{}) ==
                         fork->branches.end();
  if (placed && different && fork->branches.size() >= 2 && is_of_clause(row)) return;
  complain(task, "I6",
           fmt::format("a row of table {} makes copies where no multicast does",
                       program::name_of(table)),
           row);
}

// I1: a member gets copies, at its own ports, of what its policy sees.
void check_mirrors(const Task& task, const Row& row) {
  if (!row.copies.empty() && !is_of_clause(row)) {
    complain(task, "I6", "a row that is of no clause mirrors", row);
  }
  for (const net::PortNo port : row.copies) {
    const auto router = task.directory.find(port);
    const bool own =
        router && task.world.exchange->router(*router).participant == row.origin.participant;
    if (own) continue;
    complain(task, "I1",
             fmt::format("a clause mirrors to port {}, which is not its owner's", port.value), row);
  }
}

// Of what enters at a port, the port's own limits.
bool is_port_limit(const Task& task, const Placed& placed) {
  if (placed.table != TableId::kAdmit || !placed.key) return false;
  const net::PortNo port{static_cast<std::uint32_t>(*placed.key)};
  const auto router = task.directory.find(port);
  return router && (*placed.row->meter == program::lookup_meter(*router, port) ||
                    *placed.row->meter == program::punt_meter(*router, port));
}

void check_meter(const Task& task, const Placed& placed) {
  const Row& row = *placed.row;
  if (!row.meter || is_port_limit(task, placed)) return;
  const std::uint32_t id = row.meter->id;
  const bool own =
      id != 0 && (id - 1) / program::kMetersPerParticipant == row.origin.participant.value;
  if (own && is_of_clause(row)) return;
  complain(task, "I1", fmt::format("a row is limited by meter {}, which is not its owner's", id),
           row);
}

// Whether it is for a sender that there is not.
bool is_of_nobody(const Task& task, const Row& row) {
  const program::Metadata sender = program::Metadata::sender({});
  if ((row.match.metadata.mask & sender.mask) != sender.mask) return false;
  const std::uint64_t code = row.match.metadata.bits & sender.mask;
  return code == 0 || code > task.world.exchange->participants.size();
}

// I2: packets that are counted come by the outbound table whether they bear a tag or not. Clauses
// are about those that do; bilateral traffic passes.
void check_tagged(const Task& task, TableId table, const Row& row) {
  if (table != TableId::kOutbound || is_of_nobody(task, row)) return;
  const program::MacPattern tag = program::match_kind(program::TagKind::kInline);
  const std::uint64_t mask = mask_of(row, Field::kDstMac);
  const bool tagged =
      (mask & tag.mask) == tag.mask && (bits_of(row, Field::kDstMac) & tag.mask) == tag.bits;
  const bool passes = row.set_fields.empty() && row.write_metadata.mask == 0 &&
                      row.next == program::Next{program::Goto{TableId::kResolve}};
  if (tagged || passes) return;
  complain(task, "I2", "a row of a clause acts on packets that bear no tag", row);
}

// I11: a packet's buckets are those of its headers as it entered.
void check_hashes(const Task& task, TableId table, const Row& row) {
  if (row.hashes.empty() || table == TableId::kAdmit) return;
  complain(task, "I11",
           fmt::format("a row of table {} hashes packets anew", program::name_of(table)), row);
}

}  // namespace

bool leads_back(TableId table, const Row& row) {
  if (const auto* fork = std::get_if<program::Fork>(&row.next)) {
    return std::ranges::any_of(fork->branches,
                               [table](const auto& branch) { return branch.table <= table; });
  }
  const auto* jump = std::get_if<program::Goto>(&row.next);
  return jump != nullptr && jump->table <= table;
}

void check_row(const Task& task, const Placed& placed) {
  check_writes(task, placed.table, *placed.row);
  check_next(task, placed.table, *placed.row);
  check_isolation(task, placed.table, *placed.row);
  check_fork(task, placed.table, *placed.row);
  check_mirrors(task, *placed.row);
  check_meter(task, placed);
  check_tagged(task, placed.table, *placed.row);
  check_hashes(task, placed.table, *placed.row);
  check_counting_row(task, placed);
}

// Rows with different keys are disjoint; those without one may overlap with any, but not in the
// resolve table: there they have higher priorities than those with one (check_resolution()).
bool check_priorities(const Task& task, TableId table, RowKey key) {
  bool is_right = true;
  const RowIndex::Rows& keyed = task.index.keyed(table, key);
  const RowIndex::Rows& others = task.index.others(table);
  const auto higher = [](const Row* a, const Row* b) { return a->priority > b->priority; };
  Rows all;
  if (table == TableId::kResolve && !keyed.empty()) {
    all = keyed;
  } else {
    all.reserve(keyed.size() + others.size());
    std::ranges::merge(keyed, others, std::back_inserter(all), higher);
  }
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(
        begin, all.end(), [&](const Row* row) { return row->priority != (*begin)->priority; });
    const auto conflict = find_conflict({begin, end});
    begin = end;
    if (!conflict) continue;
    is_right = false;
    task.findings.add({.invariant = "I6",
                       .message = fmt::format("two rows of table {} with priority {} overlap and "
                                              "differ",
                                              program::name_of(table), conflict->first->priority),
                       .witness = {},
                       .rows = {*conflict->first, *conflict->second}});
  }
  return is_right;
}

void check_capacity(const Task& task) {
  const auto complain_of = [&task](std::string message) {
    task.findings.add(
        {.invariant = "I12", .message = std::move(message), .witness = {}, .rows = {}});
  };
  if (const std::size_t rows = task.index.size(); rows > task.terms.max_rows) {
    complain_of(fmt::format("{} rows, and the target takes {}", rows, task.terms.max_rows));
  }
  const auto& meters = task.index.meters();
  if (meters.size() > task.terms.max_meters) {
    complain_of(
        fmt::format("{} meters, and the target takes {}", meters.size(), task.terms.max_meters));
  }
  if (!task.index.has_disputed_meters()) return;
  const program::Meter* before = nullptr;
  for (const auto& [meter, rows] : meters) {
    if (before != nullptr && before->id == meter.id) {
      complain_of(fmt::format("meter {} has two rates", meter.id));
    }
    before = &meter;
  }
}

}  // namespace fabrix::verify
