#include "compiler/clause_rows.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "compiler/judge.h"
#include "compiler/predicate_diagram.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using program::MacPattern;
using Rows = std::vector<program::Row>;

// Turns field tests into rows of one scope.
class RowWriter {
 public:
  explicit RowWriter(const Scope& scope) : scope_(scope) {}

  // So many are written, or fewer.
  void expect(std::size_t rows) { rows_.reserve(rows); }

  // One row for each option; none for an option whose tag contradicts the tests.
  void write(const ClauseRows& clause, std::span<const diagram::TernaryTest> tests) {
    for (const Option& option : clause.options) {
      const MacPattern tag = option.tag.mask != 0 ? option.tag : scope_.tag;
      const program::Origin origin{scope_.kind, scope_.participant, clause.clause};
      write(tests, tag, option.action, origin);
    }
  }

  void write_fall_through(std::span<const diagram::TernaryTest> tests) {
    const program::Origin origin{program::Origin::Kind::kDefault, scope_.participant, 0};
    write(tests, scope_.tag, scope_.fall_through, origin);
  }

  // The rows written since then have lower priority than those before.
  void descend() { --priority_; }
  std::size_t size() const { return rows_.size(); }
  Rows take() { return std::move(rows_); }

 private:
  void write(std::span<const diagram::TernaryTest> tests, MacPattern tag, const Action& action,
             const program::Origin& origin) {
    program::Row row;
    row.priority = priority_;
    row.match.metadata = scope_.metadata;
    row.match.fields.reserve(tests.size() + 1);
    for (const diagram::TernaryTest& test : tests) {
      if (test.mask == 0) continue;
      if (test.field == kSenderField) {
        row.match.metadata = row.match.metadata | program::Metadata{test.bits, test.mask};
      } else if (test.field == index_of(net::Field::kDstMac)) {
        if (((test.bits ^ tag.bits) & test.mask & tag.mask) != 0) return;
        tag = {test.bits | tag.bits, test.mask | tag.mask};
      } else {
        const auto field = static_cast<net::Field>(test.field);
        row.match.fields.push_back({.field = field, .bits = test.bits, .mask = test.mask});
      }
    }
    if (tag.mask != 0) row.match.ternary(net::Field::kDstMac, tag.bits, tag.mask);
    row.set_fields = action.set_fields;
    row.write_metadata = action.write_metadata;
    row.next = action.next;
    row.origin = origin;
    if (action.counter != 0) row.queries = {action.counter};
    row.meter = action.meter;
    row.copies = action.copies;
    rows_.push_back(std::move(row));
  }

  const Scope& scope_;
  std::uint16_t priority_ = kTopPriority;
  Rows rows_;
};

// Calls visit(tests) for each ternary row of the box; the rows are disjoint.
template <typename Visit>
void for_each_row(const Box& box, std::span<const unsigned> widths, const Visit& visit) {
  std::vector<std::vector<Ternary>> covers;
  covers.reserve(box.ranges.size());
  for (const FieldRange& range : box.ranges) {
    auto& rows = covers.emplace_back(cover(range.intervals.front(), widths[range.field]));
    for (const policy::Interval& interval : std::span(range.intervals).subspan(1)) {
      std::ranges::copy(cover(interval, widths[range.field]), std::back_inserter(rows));
    }
  }
  std::vector<std::size_t> at(covers.size(), 0);
  std::vector<diagram::TernaryTest> tests(covers.size());
  while (true) {
    for (std::size_t i = 0; i < covers.size(); ++i) {
      tests[i] = {box.ranges[i].field, covers[i][at[i]].bits, covers[i][at[i]].mask};
    }
    visit(tests);
    std::size_t i = covers.size();
    while (i > 0 && ++at[i - 1] == covers[i - 1].size()) at[--i] = 0;
    if (i == 0) return;
  }
}

struct Count {
  std::size_t rows = 0;
  std::size_t priorities = 0;
};

// What the direct way costs. None: a clause has no boxes.
std::optional<Count> count_direct(const std::vector<ClauseRows>& clauses) {
  Count count;
  for (const ClauseRows& clause : clauses) {
    if (!clause.boxes) return std::nullopt;
    for (const Box& box : *clause.boxes) {
      count.rows += row_count(box) * clause.options.size();
      ++count.priorities;
    }
  }
  return count;
}

Rows emit_direct(const std::vector<ClauseRows>& clauses, const Scope& scope, std::size_t rows) {
  const auto widths = policy_field_widths();
  RowWriter writer(scope);
  writer.expect(rows);
  for (const ClauseRows& clause : clauses) {
    const auto write = [&writer, &clause](const auto& tests) { writer.write(clause, tests); };
    for (const Box& box : *clause.boxes) {
      for_each_row(box, widths, write);
      writer.descend();
    }
  }
  return writer.take();
}

// Reads rows back, as whoever proves them right will: it may take many more steps than to make
// them. A tag is a bit that may be set, one for each as far as there are some.
void read_back(const Rows& rows, diagram::Store& store) {
  std::map<MacPattern, diagram::FieldIndex> tags;
  std::map<std::pair<std::uint32_t, MacPattern>, diagram::Leaf> deeds;
  std::vector<diagram::Row> plain;
  plain.reserve(rows.size());
  for (const program::Row& row : rows) {
    auto& [tests, leaf] = plain.emplace_back();
    MacPattern tag;
    for (const program::FieldMatch& match : row.match.fields) {
      if (match.field == net::Field::kDstMac) {
        tag = {match.bits, match.mask};
      } else {
        tests.push_back({index_of(match.field), match.bits, match.mask});
      }
    }
    std::ranges::sort(tests);
    if (tag.mask != 0) {
      const auto next = question_field(tags.size() % policy::kMaxRouteTests);
      tests.push_back({tags.try_emplace(tag, next).first->second, 1, 1});
    }
    const auto next = static_cast<diagram::Leaf>(deeds.size() + 1);
    leaf = deeds.try_emplace({row.origin.clause, tag}, next).first->second;
  }
  store.from_rows(plain);
}

// Leaves that stand for lists of clauses to try, in order, up to the first decisive one.
class ClauseLeaves {
 public:
  explicit ClauseLeaves(const std::vector<ClauseRows>& clauses) : clauses_(clauses) {
    intern({});  // diagram::kNone: no clause
  }

  diagram::Leaf intern(std::vector<std::size_t> list) {
    const auto [known, is_new] =
        by_list_.emplace(std::move(list), static_cast<diagram::Leaf>(lists_.size()));
    if (is_new) lists_.push_back(known->first);
    return known->second;
  }
  const std::vector<std::size_t>& list(diagram::Leaf leaf) const { return lists_[leaf]; }
  bool decided(diagram::Leaf leaf) const {
    return !lists_[leaf].empty() && clauses_[lists_[leaf].back()].decisive;
  }
  diagram::Leaf join(diagram::Leaf first, diagram::Leaf then) {
    if (decided(first)) return first;
    std::vector<std::size_t> both = lists_[first];
    both.insert(both.end(), lists_[then].begin(), lists_[then].end());
    return intern(std::move(both));
  }

 private:
  const std::vector<ClauseRows>& clauses_;
  std::vector<std::vector<std::size_t>> lists_;
  std::map<std::vector<std::size_t>, diagram::Leaf> by_list_;
};

// The function from packets to lists of clauses. Joining is associative: pairs, then pairs of
// pairs, keep the operands small.
Diagram join_all(std::vector<Diagram> parts, diagram::Store& store, ClauseLeaves& leaves) {
  if (parts.empty()) return store.none();
  const auto join = [&](diagram::Leaf a, diagram::Leaf b) {
    const bool good = store.spend(leaves.list(a).size() + leaves.list(b).size());
    return good ? leaves.join(a, b) : diagram::kNone;
  };
  while (parts.size() > 1) {
    std::vector<Diagram> joined;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      joined.push_back(store.combine(parts[i], parts[i + 1], join));
    }
    if (parts.size() % 2 == 1) joined.push_back(parts.back());
    parts = std::move(joined);
  }
  return parts.front();
}

std::optional<Rows> emit_by_diagram(const std::vector<ClauseRows>& clauses, const Scope& scope,
                                    diagram::Store& store, const RouteSense& sense) {
  ClauseLeaves leaves(clauses);
  std::vector<Diagram> parts;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    const Diagram when = diagram_of(store, *clauses[i].when, sense);
    parts.push_back(store.restrict(when, store.leaf(leaves.intern({i}))));
  }
  const Diagram all = join_all(std::move(parts), store, leaves);
  auto rows = store.is_spent() ? std::nullopt : store.rows(all, kMaxPolicyRows);
  if (!rows) return std::nullopt;
  while (!rows->empty() && rows->back().leaf == diagram::kNone) rows->pop_back();

  RowWriter writer(scope);
  std::size_t priorities = 0;
  for (const diagram::Row& row : *rows) {
    priorities += leaves.list(row.leaf).size() + 1;
    if (priorities >= kTopPriority || writer.size() > kMaxPolicyRows) return std::nullopt;
    for (const std::size_t clause : leaves.list(row.leaf)) {
      writer.write(clauses[clause], row.tests);
      writer.descend();
    }
    // No row below may act on these packets.
    if (!leaves.decided(row.leaf)) writer.write_fall_through(row.tests);
    writer.descend();
  }
  return writer.take();
}

// Few rows are read back in no time.
std::optional<Rows> tried(Rows rows, diagram::Store& store) {
  constexpr std::size_t kFew = 256;
  if (store.budget() == nullptr || rows.size() <= kFew) return rows;
  read_back(rows, store);
  store.collect({});
  if (store.is_spent()) return std::nullopt;
  return rows;
}

// Where that takes too many steps the direct way is still open.
std::optional<Rows> emit_in_steps(const std::vector<ClauseRows>& clauses, const Scope& scope,
                                  diagram::Store& store, const RouteSense& sense) {
  const Budget* given = store.budget();
  Budget budget(given == nullptr ? kRowSteps : std::min(kRowSteps, given->left()));
  std::optional<Rows> rows;
  {
    const diagram::Limited limited(store, budget);
    rows = emit_by_diagram(clauses, scope, store, sense);
  }
  store.collect({});
  store.spend(budget.taken());
  return rows;
}

}  // namespace

std::optional<Rows> emit(std::vector<ClauseRows> clauses, const Scope& scope, diagram::Store& store,
                         const RouteSense& sense) {
  std::erase_if(clauses, [](const ClauseRows& clause) { return clause.options.empty(); });
  while (!clauses.empty() && clauses.back().decisive &&
         clauses.back().options.front().action == scope.fall_through) {
    clauses.pop_back();
  }
  const auto direct = count_direct(clauses);
  const bool fits = direct && direct->rows <= kMaxPolicyRows && direct->priorities < kTopPriority;
  // Few rows a clause: a diagram would not be much better.
  constexpr std::size_t kGoodRows = 16;
  if (fits && direct->rows <= kGoodRows * (clauses.size() + 4)) {
    return tried(emit_direct(clauses, scope, direct->rows), store);
  }
  auto rows = emit_in_steps(clauses, scope, store, sense);
  if (rows && (!fits || rows->size() < direct->rows)) return tried(*std::move(rows), store);
  if (fits) return tried(emit_direct(clauses, scope, direct->rows), store);
  return std::nullopt;
}

Diagnostic too_much(std::string_view file, const policy::ClauseList& list,
                    const diagram::Store& store) {
  if (store.is_spent()) {
    return too_much_work(file, list, list.clauses.size(), store.budget()->taken());
  }
  Diagnostic problem;
  problem.code = "P0405";
  problem.message =
      fmt::format("this policy needs more than {} rows in the fabric", kMaxPolicyRows);
  problem.file = file;
  if (!list.clauses.empty()) problem.at = list.clauses.front().at;
  problem.help = "name ranges and prefixes that are aligned, or fewer of them";
  return problem;
}

}  // namespace fabrix::compiler
