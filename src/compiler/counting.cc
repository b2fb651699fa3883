#include "compiler/counting.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "compiler/box.h"
#include "compiler/clause_rows.h"
#include "compiler/outbound.h"
#include "compiler/predicate_diagram.h"
#include "compiler/route_sense.h"
#include "policy/route_test.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using policy::Direction;
using program::Metadata;
using program::TableId;
using QueryIds = std::vector<std::uint64_t>;

// More nodes than this, and there would be more rows than any table takes.
constexpr std::size_t kMaxNodes = 20'000;

const std::vector<policy::Query>& queries_of(const policy::Policy& policy, Direction direction) {
  return policy.of(direction).queries;
}

bool depends_on_routes(const CountedPolicy& counted) {
  return !counted.prefix_sets.empty() || !counted.answers.questions().empty();
}

// Leaves that stand for sets of queries; diagram::kNone for the empty one.
class Sets {
 public:
  Sets() { leaf_of({}); }

  diagram::Leaf leaf_of(QueryIds ids) {
    const auto [known, is_new] =
        leaves_.emplace(std::move(ids), static_cast<diagram::Leaf>(sets_.size()));
    if (is_new) sets_.push_back(known->first);
    return known->second;
  }
  diagram::Leaf with(diagram::Leaf set, std::uint64_t id) {
    QueryIds ids = sets_[set];
    ids.insert(std::ranges::lower_bound(ids, id), id);
    return leaf_of(std::move(ids));
  }
  const QueryIds& at(diagram::Leaf leaf) const { return sets_[leaf]; }

 private:
  std::vector<QueryIds> sets_;
  std::map<QueryIds, diagram::Leaf> leaves_;
};

// From packets to sets of queries. None: too large.
std::optional<Diagram> function_of(const std::vector<policy::Query>& queries, Sets& sets,
                                   diagram::Store& store, const RouteSense& sense) {
  Diagram all = store.none();
  for (const policy::Query& query : queries) {
    const Diagram when = diagram_of(store, *query.when, sense);
    all = store.combine(all, when, [&](diagram::Leaf set, diagram::Leaf counts) {
      return counts == diagram::kNone ? set : sets.with(set, query.id);
    });
    if (store.node_count(all) > kMaxNodes) return std::nullopt;
  }
  return all;
}

// What all rows of one participant have in common.
program::Row blank_row(net::ParticipantId owner, Direction direction) {
  const bool sent = direction == Direction::kOutbound;
  program::Row row;
  row.match.metadata = sent ? Metadata::sender(owner) : Metadata::egress(owner);
  row.next = program::Goto{sent ? TableId::kOutbound : TableId::kInbound};
  row.origin = {.kind = program::Origin::Kind::kQuery, .participant = owner, .clause = 0};
  return row;
}

// Tells sets apart in cookies: FNV-1a. 0 only for the empty one.
std::uint32_t number_of(const QueryIds& ids) {
  if (ids.empty()) return 0;
  std::uint32_t hash = 0x811c9dc5;
  for (const std::uint64_t id : ids) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      hash = (hash ^ static_cast<std::uint32_t>(id >> shift & 0xffU)) * 0x01000193U;
    }
  }
  return hash == 0 ? 1 : hash;
}

void add_tests(program::Match& match, std::span<const diagram::TernaryTest> tests) {
  for (const diagram::TernaryTest& test : tests) {
    if (test.mask == 0) continue;
    if (test.field == kSenderField) {
      match.metadata = match.metadata | Metadata{test.bits, test.mask};
    } else {
      match.ternary(static_cast<net::Field>(test.field), test.bits, test.mask);
    }
  }
}

std::optional<std::vector<program::Row>> make_rows(net::ParticipantId owner, Direction direction,
                                                   const std::vector<policy::Query>& queries,
                                                   diagram::Store& store, const RouteSense& sense) {
  Sets sets;
  const auto function = function_of(queries, sets, store, sense);
  const auto plain = function ? store.rows(*function, kMaxPolicyRows) : std::nullopt;
  store.collect({});
  if (!plain || plain->size() > kTopPriority) return std::nullopt;
  std::vector<program::Row> rows;
  std::uint16_t priority = kTopPriority;
  for (const diagram::Row& each : *plain) {
    program::Row row = blank_row(owner, direction);
    row.priority = priority--;
    add_tests(row.match, each.tests);
    row.queries = sets.at(each.leaf);
    row.origin.clause = number_of(row.queries);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<program::Row> uncounted(net::ParticipantId owner, Direction direction) {
  program::Row row = blank_row(owner, direction);
  row.priority = kTopPriority;
  return {row};
}

std::vector<std::vector<net::Prefix>> read(const std::vector<net::ParticipantId>& sets,
                                           const exchange::Reachability& reachability) {
  std::vector<std::vector<net::Prefix>> prefixes;
  prefixes.reserve(sets.size());
  for (const net::ParticipantId each : sets) prefixes.push_back(reachability.announced_by(each));
  return prefixes;
}

std::optional<std::vector<program::Row>> rows_for(net::ParticipantId owner, Direction direction,
                                                  const CountedPolicy& counted,
                                                  diagram::Store& store,
                                                  const exchange::Reachability& reachability) {
  const RouteSense sense{.reachability = reachability,
                         .questions = counted.answers.questions(),
                         .regions = counted.regions};
  return make_rows(owner, direction, queries_of(*counted.policy, direction), store, sense);
}

}  // namespace

std::optional<CountedPolicy> Counting::compile(net::ParticipantId owner,
                                               const std::shared_ptr<const policy::Policy>& policy,
                                               diagram::Store& store,
                                               const exchange::Reachability& reachability) const {
  CountedPolicy counted;
  if (policy == nullptr || queries_of(*policy, direction_).empty()) return counted;
  const auto& queries = queries_of(*policy, direction_);
  counted.policy = policy;
  counted.prefix_sets = prefix_sets_of(queries);
  counted.prefixes = read(counted.prefix_sets, reachability);
  counted.answers = RouteAnswers(owner, direction_, route_tests_of(queries));
  counted.answers.read(reachability);
  counted.regions = counted.answers.regions();
  auto rows = rows_for(owner, direction_, counted, store, reachability);
  if (!rows) return std::nullopt;
  counted.rows = program::make_block(*std::move(rows));
  return counted;
}

bool Counting::adopt(net::ParticipantId owner, CountedPolicy compiled) {
  CountedPolicy& counted = counted_[owner.index()];
  const bool same = counted.rows == compiled.rows ||
                    (counted.rows && compiled.rows && *counted.rows == *compiled.rows);
  counted = std::move(compiled);
  note(owner);
  return !same;
}

void Counting::note(net::ParticipantId owner) {
  const CountedPolicy& counted = counted_[owner.index()];
  watching_.erase(owner);
  troubled_.erase(owner);
  if (depends_on_routes(counted)) watching_.insert(owner);
  if (counted.too_many_rows) troubled_.insert(owner);
}

std::vector<net::ParticipantId> Counting::refresh(const RouteChange& change, diagram::Store& store,
                                                  const exchange::Reachability& reachability) {
  std::vector<net::ParticipantId> changes;
  for (const net::ParticipantId owner : watching_) {
    CountedPolicy& counted = counted_[owner.index()];
    counted.answers.read(change, reachability);
    auto prefixes = read(counted.prefix_sets, reachability);
    if (prefixes == counted.prefixes && counted.answers.regions() == counted.regions) continue;
    counted.prefixes = std::move(prefixes);
    counted.regions = counted.answers.regions();
    auto rows = rows_for(owner, direction_, counted, store, reachability);
    counted.too_many_rows = !rows;
    counted.rows = program::make_block(rows ? *std::move(rows) : uncounted(owner, direction_));
    changes.push_back(owner);
  }
  for (const net::ParticipantId owner : changes) note(owner);
  return changes;
}

Diagnostic Counting::refusal_of(const policy::Policy& policy, std::string_view file,
                                const diagram::Store& store) const {
  const bool spent = store.is_spent();
  Diagnostic problem;
  problem.code = spent ? "P0412" : "P0405";
  problem.message =
      spent ? "the queries of this policy overlap in more ways than can be counted"
            : fmt::format("the queries of this policy need more than {} rows in the fabric",
                          kMaxPolicyRows);
  problem.file = file;
  problem.at = queries_of(policy, direction_).front().at;
  problem.help = "queries that overlap in many fields need a row for each combination";
  return problem;
}

Diagnostic Counting::problem_of(std::string_view participant) const {
  Diagnostic problem;
  problem.severity = Severity::kWarning;
  problem.code = "K0104";
  problem.message = fmt::format(
      "the {} queries of {} need more than {} rows under present routes and count nothing",
      direction_ == Direction::kOutbound ? "outbound" : "inbound", participant, kMaxPolicyRows);
  problem.help = "name prefixes in larger blocks";
  return problem;
}

}  // namespace fabrix::compiler
