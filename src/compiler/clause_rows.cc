#include "compiler/clause_rows.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "compiler/box.h"
#include "compiler/clause_lists.h"
#include "compiler/judge.h"
#include "compiler/predicate_diagram.h"
#include "compiler/value_rows.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using program::MacPattern;
using Rows = std::vector<program::Row>;

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

// The direct way.
class Direct {
 public:
  // The clauses must outlive it.
  Direct(const std::vector<ClauseRows>& clauses, const RouteSense& sense)
      : clauses_(clauses), sense_(sense), boxes_(clauses.size()) {}

  // So many boxes of each clause may be made. Many take long, and mostly there is a better way.
  void allow(std::size_t boxes) {
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
      if (!boxes_[i]) boxes_[i] = boxes_of(*clauses_[i].when, sense_, nullptr, boxes);
    }
  }

  // How many rows it takes, or fewer. None: more than `most` or kMaxPolicyRows, or too many boxes.
  std::optional<std::size_t> rows_within(std::size_t most) const {
    most = std::min(most, kMaxPolicyRows);
    std::size_t rows = 0;
    std::size_t priorities = 0;
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
      if (!boxes_[i]) return std::nullopt;
      for (const Box& box : *boxes_[i]) {
        rows += row_count(box, most) * clauses_[i].options.size();
        if (rows > most || ++priorities >= kTopPriority) return std::nullopt;
      }
    }
    return rows;
  }

  // Where it takes at most so many rows.
  Rows emit(const Scope& scope, std::size_t rows) const {
    const auto widths = policy_field_widths();
    RowWriter writer(scope, kTopPriority);
    writer.expect(rows);
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
      const auto write = [&writer, &clause = clauses_[i]](const auto& tests) {
        writer.write(clause, tests);
      };
      for (const Box& box : *boxes_[i]) {
        for_each_row(box, widths, write);
        writer.descend();
      }
    }
    return writer.take();
  }

 private:
  const std::vector<ClauseRows>& clauses_;
  const RouteSense& sense_;
  std::vector<std::optional<std::vector<Box>>> boxes_;  // none: too many, or not made yet
};

// The tests of header fields but the tag, which is returned; mask 0: there is none.
MacPattern take_tests(const program::Row& row, std::vector<diagram::TernaryTest>& tests) {
  MacPattern tag;
  for (const program::FieldMatch& match : row.match.fields) {
    if (match.field == net::Field::kDstMac) {
      tag = {match.bits, match.mask};
    } else {
      tests.push_back({index_of(match.field), match.bits, match.mask});
    }
  }
  std::ranges::sort(tests);
  return tag;
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
    const MacPattern tag = take_tests(row, tests);
    if (tag.mask != 0) {
      const auto next = question_field(tags.size() % policy::kMaxRouteTests);
      tests.push_back({tags.try_emplace(tag, next).first->second, 1, 1});
    }
    const auto next = static_cast<diagram::Leaf>(deeds.size() + 1);
    leaf = deeds.try_emplace({row.origin.clause, tag}, next).first->second;
  }
  store.from_rows(plain);
}

std::optional<Rows> emit_by_diagram(const std::vector<ClauseRows>& clauses, const Scope& scope,
                                    diagram::Store& store, const RouteSense& sense) {
  ClauseLeaves leaves(clauses);
  const Diagram all = lists_of(
      clauses, [&](std::size_t clause) { return diagram_of(store, *clauses[clause].when, sense); },
      store, leaves);
  auto rows = store.is_spent() ? std::nullopt : store.rows(all, kMaxPolicyRows);
  if (!rows) return std::nullopt;
  while (!rows->empty() && rows->back().leaf == diagram::kNone) rows->pop_back();
  RowWriter writer(scope, kTopPriority);
  if (!write_lists(*rows, clauses, leaves, writer)) return std::nullopt;
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

// To read the rows of a value back takes no more than to read those of one of each class.
std::optional<Rows> tried(RowsByValue made, diagram::Store& store) {
  if (store.budget() == nullptr) return std::move(made.rows);
  const std::uint64_t before = store.budget()->taken();
  read_back(made.sample, store);
  store.collect({});
  const std::uint64_t steps = (store.budget()->taken() - before) * made.values;
  if (store.is_spent() || steps > store.budget()->left()) return tried(std::move(made.rows), store);
  return std::move(made.rows);
}

// By diagrams, in so many steps.
template <typename Emit>
auto in_steps(std::uint64_t most, diagram::Store& store, const Emit& emit) {
  const Budget* given = store.budget();
  Budget budget(given == nullptr ? most : std::min(most, given->left()));
  auto rows = [&] {
    const diagram::Limited limited(store, budget);
    auto made = emit();
    return budget.is_spent() ? decltype(made)() : std::move(made);
  }();
  if (budget.taken() == 0) return rows;
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
  Direct direct(clauses, sense);
  const auto directly = [&](std::size_t rows) { return tried(direct.emit(scope, rows), store); };
  // Few rows a clause: a diagram would not be much better.
  constexpr std::size_t kGoodRows = 16;
  const std::size_t good = kGoodRows * (clauses.size() + 4);
  direct.allow(std::min(good, kMaxBoxes));
  if (const auto few = direct.rows_within(good)) return directly(*few);
  // Where values are of few kinds it takes few steps.
  constexpr std::uint64_t kValueSteps = kRowSteps / 8;
  auto by_value =
      in_steps(kValueSteps, store, [&] { return emit_by_value(clauses, scope, store, sense); });
  if (by_value) {
    if (const auto fewer = direct.rows_within(by_value->rows.size())) return directly(*fewer);
    return tried(*std::move(by_value), store);
  }
  // Where that takes too many steps the direct way is still open.
  auto rows =
      in_steps(kRowSteps, store, [&] { return emit_by_diagram(clauses, scope, store, sense); });
  direct.allow(kMaxBoxes);
  if (const auto fewer = direct.rows_within(rows ? rows->size() : kMaxPolicyRows)) {
    return directly(*fewer);
  }
  if (!rows) return std::nullopt;
  return tried(*std::move(rows), store);
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
