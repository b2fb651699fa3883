#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "program/drop.h"
#include "verify/clause_diagram.h"
#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using policy::Direction;
using program::Metadata;
using program::Row;
using program::TableId;
using QueryIds = std::vector<std::uint64_t>;

struct Side {
  Direction direction;
  TableId table;
  TableId behind;  // where its rows lead
};
constexpr std::array<Side, 2> kSides{
    {{Direction::kOutbound, TableId::kSent, TableId::kOutbound},
     {Direction::kInbound, TableId::kDelivered, TableId::kInbound}}};

// Sets of queries as leaves. Not being counted differs from matching no row.
class Sets {
 public:
  Leaf leaf_of(const QueryIds& ids) {
    const auto next = static_cast<Leaf>(sets_.size() + 1);
    const auto [place, is_new] = leaves_.emplace(ids, next);
    if (is_new) sets_.push_back(ids);
    return place->second;
  }
  Leaf with(Leaf set, std::uint64_t id) {
    QueryIds ids = sets_[set - 1];
    ids.insert(std::ranges::upper_bound(ids, id), id);
    return leaf_of(ids);
  }
  // Null: no row.
  const QueryIds* find(Leaf leaf) const {
    return leaf == diagram::kNone ? nullptr : &sets_[leaf - 1];
  }

 private:
  std::vector<QueryIds> sets_;
  std::map<QueryIds, Leaf> leaves_;
};

// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
void collect_senders(const policy::Predicate& predicate, std::set<net::ParticipantId>& found) {
  const auto collect_all = [&found](const std::vector<policy::PredicatePtr>& operands) {
    for (const auto& each : operands) collect_senders(*each, found);
  };
  if (const auto* from = std::get_if<policy::FromParticipant>(&predicate.node)) {
    found.insert(from->participant);
  } else if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
    collect_senders(*negated->operand, found);
  } else if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
    collect_all(all->operands);
  } else if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
    collect_all(any->operands);
  }
}
// NOLINTEND(misc-no-recursion)

// What one participant's queries of one direction count.
class CountingCheck {
 public:
  CountingCheck(const Task& task, net::ParticipantId owner, const Side& side)
      : task_(task),
        exchange_(*task.world.exchange),
        owner_(exchange_.participant(owner)),
        side_(side),
        queries_(task.world.policies[owner.index()]->of(side.direction).queries),
        space_(task.work.space) {}

  void run();

 private:
  void check(std::uint64_t metadata, net::ParticipantId sender);
  void check_control();
  Diagram expected(net::ParticipantId sender);
  std::optional<Diagram> actual(std::uint64_t metadata);
  std::string names_of(const QueryIds* ids) const;

  const Task& task_;
  const exchange::Exchange& exchange_;
  const exchange::Participant& owner_;
  const Side& side_;
  const std::vector<policy::Query>& queries_;
  PacketSpace& space_;
  Sets sets_;
};

void CountingCheck::run() {
  if (owner_.routers.empty()) return;
  if (side_.direction == Direction::kOutbound) {
    return check(Metadata::sender(owner_.id).bits, owner_.id);
  }
  check_control();
  // Senders that a query or a row tells from others, and one that neither does.
  std::set<net::ParticipantId> senders;
  for (const policy::Query& query : queries_) collect_senders(*query.when, senders);
  constexpr std::uint64_t kSenderMask = 0xfff;
  for (const auto* row : task_.index.rows(side_.table, Metadata::egress(owner_.id).bits, {})) {
    const std::uint64_t code = row->match.metadata.bits & kSenderMask;
    if (code != 0) senders.insert(net::ParticipantId{static_cast<std::uint16_t>(code - 1)});
  }
  const auto other = std::ranges::find_if(
      exchange_.participants, [&](const auto& each) { return !senders.contains(each.id); });
  if (other != exchange_.participants.end()) senders.insert(other->id);
  for (const net::ParticipantId sender : senders) {
    if (task_.findings.full() || sender.index() >= exchange_.participants.size()) return;
    check(on_the_way(task_.world, sender, owner_.routers.front()), sender);
  }
}

Diagram CountingCheck::expected(net::ParticipantId sender) {
  Diagram all = space_.store().leaf(sets_.leaf_of({}));
  for (const policy::Query& query : queries_) {
    all = space_.store().combine(
        all, space_.of_clause(*query.when, {sender, owner_.id, side_.direction}),
        [&](Leaf set, Leaf counts) {
          return counts == diagram::kNone ? set : sets_.with(set, query.id);
        });
  }
  return all;
}

std::optional<Diagram> CountingCheck::actual(std::uint64_t metadata) {
  std::vector<diagram::Row> rows;
  for (const Row* row : task_.index.rows(side_.table, metadata, {})) {
    if ((metadata & row->match.metadata.mask) != row->match.metadata.bits) continue;
    diagram::Row plain;
    for (const program::FieldMatch& test : row->match.fields) {
      plain.tests.push_back({.field = index_of(test.field), .bits = test.bits, .mask = test.mask});
    }
    plain.leaf = sets_.leaf_of(row->queries);
    rows.push_back(std::move(plain));
  }
  return space_.store().from_rows(rows);
}

void CountingCheck::check(std::uint64_t metadata, net::ParticipantId sender) {
  const Diagram wanted = expected(sender);
  const auto found = actual(metadata);
  if (!found) {
    task_.findings.add(
        {.invariant = "I13",
         .message = fmt::format("the rows that count for {} are too wide to check", owner_.name),
         .witness = {},
         .rows = {}});
    return;
  }
  const auto witness = space_.difference(*found, wanted, space_.well_formed_ip(), {});
  if (!witness) return;
  const std::vector<std::uint64_t> point = point_of(*witness);
  const auto& store = space_.store();
  const QueryIds* is = sets_.find(store.evaluate(*found, point));
  const QueryIds* should = sets_.find(store.evaluate(wanted, point));
  task_.findings.add(
      {.invariant = "I13",
       .message = fmt::format("what {} {} is counted by {}, and should be by {}", owner_.name,
                              side_.direction == Direction::kOutbound ? "sends" : "is to get",
                              names_of(is), names_of(should)),
       .witness = *witness,
       .rows = rows_for(task_.program, *witness)});
}

// I8: control traffic is nobody's to count.
void CountingCheck::check_control() {
  const std::uint64_t metadata =
      on_the_way(task_.world, owner_.id, owner_.routers.front()) | Metadata::control().bits;
  for (const Row* row : task_.index.rows(side_.table, metadata, {})) {
    if ((metadata & row->match.metadata.mask) != row->match.metadata.bits) continue;
    const bool passes = row->queries.empty() && row->match.fields.empty() &&
                        row->next == program::Next{program::Goto{TableId::kTransit}};
    if (passes) return;
    break;
  }
  task_.findings.add(
      {.invariant = "I8",
       .message = fmt::format("control traffic for {} goes through its queries", owner_.name),
       .witness = {},
       .rows = {}});
}

std::string CountingCheck::names_of(const QueryIds* ids) const {
  if (ids == nullptr) return "no row";
  std::string names;
  for (const policy::Query& query : queries_) {
    if (std::ranges::find(*ids, query.id) == ids->end()) continue;
    names += (names.empty() ? "" : ", ") + label_of(query);
  }
  return names.empty() ? "no query" : names;
}

bool is_control_row(const Row& row) {
  return row.match.metadata == Metadata::control() && row.match.fields.empty() &&
         row.queries.empty() && row.next == program::Next{program::Goto{TableId::kTransit}};
}

// Why the row may not stand there; empty: it may.
std::string_view fault_of(const Row& row, const Side& side) {
  const bool sent = side.direction == Direction::kOutbound;
  const Metadata owner =
      sent ? Metadata::sender(row.origin.participant) : Metadata::egress(row.origin.participant);
  const Metadata sender = Metadata::sender({});
  const std::uint64_t allowed = sent ? owner.mask : owner.mask | sender.mask;
  if (!row.set_fields.empty() || row.write_metadata.mask != 0) return "I13";
  if (!sent && is_control_row(row)) return "";
  if (row.next != program::Next{program::Goto{side.behind}}) return "I13";
  const Metadata& match = row.match.metadata;
  const bool binds = (match.mask & owner.mask) == owner.mask &&
                     (match.bits & owner.mask) == owner.bits && (match.mask & ~allowed) == 0;
  return binds && row.origin.kind == program::Origin::Kind::kQuery ? "" : "I1";
}

// As they say it: what rows match is long, and not copied for it.
bool equal_but_for_match(const Row& a, const Row& b) {
  const auto rest = [](const Row& row) {
    const auto& [priority, match, set_fields, write, next, origin, queries, meter, copies, hashes] =
        row;
    return std::tie(priority, set_fields, write, next, origin, queries, meter, copies, hashes);
  };
  return rest(a) == rest(b);
}

// Whether it drops what enters at a port, and counts that for the port and its reason.
bool counts_drops(const Placed& placed) {
  const Row& row = *placed.row;
  const bool may_drop = placed.table == TableId::kAdmit || placed.table == TableId::kResolve;
  if (!may_drop || !placed.key || row.queries.size() != 1) return false;
  const auto drop = program::drop_of(row.queries.front());
  if (!drop || row.match.metadata.mask != 0 || drop->port.value != *placed.key) return false;
  if (drop->reason != program::DropReason::kUnannouncedPassed) {
    return equal_but_for_match(row, program::drop_row(row.priority, {}, *drop));
  }
  Row alike = row;
  program::count_as(*drop, alike);
  return placed.table == TableId::kAdmit && row == alike;
}

// Whether it is of a clause of whose packets the counter may know: what it counts is for the
// diagrams to say (Effect::counters).
bool counts_clause(const Placed& placed) {
  const Row& row = *placed.row;
  const program::Origin& origin = row.origin;
  const auto is_of = [&](program::Origin::Kind kind, const Metadata& owner) {
    return origin.kind == kind && (row.match.metadata.mask & owner.mask) == owner.mask &&
           (row.match.metadata.bits & owner.mask) == owner.bits;
  };
  if (row.queries.size() != 1) return false;
  if (placed.table == TableId::kOutbound) {
    return is_of(program::Origin::Kind::kOutboundClause, Metadata::sender(origin.participant));
  }
  return placed.table == TableId::kInbound &&
         is_of(program::Origin::Kind::kInboundClause, Metadata::egress(origin.participant));
}

void complain(const Task& task, std::string_view invariant, std::string message, const Row& row) {
  task.findings.add({.invariant = std::string(invariant),
                     .message = std::move(message),
                     .witness = {},
                     .rows = {row}});
}

}  // namespace

// Rows that count do nothing else and see only packets of their owner; and nothing else counts.
void check_counting_row(const Task& task, const Placed& placed) {
  const Row& row = *placed.row;
  const std::string_view table = program::name_of(placed.table);
  const auto* const side = std::ranges::find(kSides, placed.table, &Side::table);
  if (side == kSides.end()) {
    if (!row.queries.empty() && !counts_drops(placed) && !counts_clause(placed))
      complain(task, "I13", fmt::format("a row of table {} counts", table), row);
    return;
  }
  const std::string_view fault = fault_of(row, *side);
  if (fault.empty()) return;
  const std::string_view what = fault == "I1" ? "counts packets of others" : "does more than count";
  complain(task, fault, fmt::format("a row of table {} {}", table, what), row);
}

void check_counting(const Task& task, net::ParticipantId owner, Direction direction) {
  if (!is_counted(task.world, owner, direction)) return;
  CountingCheck(task, owner, direction == Direction::kOutbound ? kSides[0] : kSides[1]).run();
}

}  // namespace fabrix::verify
