#include "compiler/value_rows.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "compiler/box.h"
#include "compiler/clause_lists.h"
#include "compiler/predicate_diagram.h"
#include "compiler/value_classes.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using Rows = std::vector<program::Row>;

constexpr std::uint64_t kNoValueYet = 0;

// Rows that differ between values of a field only in the value that they test.
struct Pattern {
  program::Row row;
  std::size_t of = 0;  // class of values
};

void add_test(net::Field field, std::vector<diagram::TernaryTest>& tests) {
  const diagram::TernaryTest test{index_of(field), kNoValueYet, net::max_value(field)};
  tests.insert(std::ranges::upper_bound(tests, test.field, {}, &diagram::TernaryTest::field), test);
}

program::Row with_value(const Pattern& pattern, net::Field field, const Ternary& value) {
  program::Row row = pattern.row;
  const auto test = std::ranges::find(row.match.fields, field, &program::FieldMatch::field);
  test->bits = value.bits;
  test->mask = value.mask;
  return row;
}

// For each class the blocks of its values, if it has rows. None: a class has no few values, but
// ranges of them.
using Blocks = std::vector<std::vector<Ternary>>;
std::optional<Blocks> blocks_of(const ValueClasses& classes, const std::vector<Pattern>& patterns) {
  Blocks blocks(classes.count());
  std::vector<bool> has_rows(classes.count(), false);
  for (const Pattern& each : patterns) has_rows[each.of] = true;
  std::size_t spans = 0;
  std::size_t count = 0;
  const unsigned width = net::width_of(classes.field());
  for (const ValueClasses::Span& span : classes.spans()) {
    if (!has_rows[span.of]) continue;
    const auto blocks_here = cover(span.values, width);
    blocks[span.of].insert(blocks[span.of].end(), blocks_here.begin(), blocks_here.end());
    ++spans;
    count += blocks_here.size();
  }
  constexpr std::size_t kMostOfASpan = 2;  // on average
  if (count > kMostOfASpan * spans) return std::nullopt;
  return blocks;
}

// The rows of all these blocks, in the order of a table, with room for so many.
Rows put_in(const std::vector<Pattern>& patterns, net::Field field, const Blocks& blocks,
            std::size_t room) {
  Rows rows;
  rows.reserve(room);
  const auto by_match = [](const program::Row& a, const program::Row& b) {
    return a.match < b.match;
  };
  std::ptrdiff_t same = 0;  // where rows of the present priority begin
  for (const Pattern& each : patterns) {
    const auto middle = std::ssize(rows);
    if (middle > 0 && rows.back().priority != each.row.priority) same = middle;
    for (const Ternary& value : blocks[each.of]) rows.push_back(with_value(each, field, value));
    std::inplace_merge(rows.begin() + same, rows.begin() + middle, rows.end(), by_match);
  }
  return rows;
}

// What the clauses mean for each class of values.
std::vector<Diagram> meanings_of(const std::vector<ClauseRows>& clauses,
                                 const ValueClasses& classes, diagram::Store& store,
                                 const RouteSense& sense, ClauseLeaves& leaves) {
  std::vector<Diagram> meanings;
  for (std::size_t of = 0; of < classes.count(); ++of) {
    const KnownField known{classes.field(), [&classes, of](const policy::FieldTest& test) {
                             return classes.pass(of, test);
                           }};
    const auto of_class = [&](const policy::Predicate& when) {
      return diagram_of(store, when, sense, known);
    };
    meanings.push_back(lists_of(clauses, of_class, store, leaves));
  }
  return meanings;
}

// By class, those of the widest last: first what it has above those, then themselves. None: too
// much.
using PlainRows = std::vector<diagram::Row>;
struct Layers {
  std::vector<PlainRows> above;  // by class
  PlainRows below;
};
std::optional<Layers> layers_of(const std::vector<Diagram>& meanings, Diagram rest,
                                diagram::Store& store) {
  Layers layers;
  for (const Diagram each : meanings) {
    auto rows = store.is_spent() ? std::nullopt : store.rows(each, rest, kMaxPolicyRows);
    if (!rows) return std::nullopt;
    layers.above.push_back(*std::move(rows));
  }
  auto rows = store.rows(rest, kMaxPolicyRows);
  if (!rows) return std::nullopt;
  while (!rows->empty() && rows->back().leaf == diagram::kNone) rows->pop_back();
  layers.below = *std::move(rows);
  return layers;
}

// Whether a diagram of some values of each class takes about as many rows as one value after the
// other: then nothing is shared that could be.
bool is_close(const Layers& layers, const std::vector<Diagram>& meanings, Diagram rest,
              const ValueClasses& classes, diagram::Store& store) {
  constexpr std::size_t kSome = 4;
  std::vector<std::size_t> taken(classes.count(), 0);
  Diagram all = rest;
  std::size_t apart = layers.below.size();
  for (const ValueClasses::Span& span : classes.spans()) {
    if (layers.above[span.of].empty() || taken[span.of]++ >= kSome) continue;
    const std::uint64_t value = span.values.low;
    all = store.if_then_else(store.test(index_of(classes.field()), value, value), meanings[span.of],
                             all);
    apart += layers.above[span.of].size();
  }
  const auto together = store.is_spent() ? std::nullopt : store.rows(all, kMaxPolicyRows);
  return together && 4 * apart <= 5 * together->size();
}

}  // namespace

std::optional<RowsByValue> emit_by_value(const std::vector<ClauseRows>& clauses, const Scope& scope,
                                         diagram::Store& store, const RouteSense& sense) {
  std::vector<const policy::Predicate*> conditions;
  for (const ClauseRows& each : clauses) conditions.push_back(each.when);
  const auto classes = ValueClasses::of(conditions);
  if (!classes) return std::nullopt;
  const net::Field field = classes->field();
  ClauseLeaves leaves(clauses);
  const auto meanings = meanings_of(clauses, *classes, store, sense, leaves);
  const Diagram rest = meanings[classes->widest()];
  auto layers = layers_of(meanings, rest, store);
  if (!layers || !is_close(*layers, meanings, rest, *classes, store)) return std::nullopt;
  std::vector<Pattern> patterns;
  for (std::size_t of = 0; of < classes->count(); ++of) {
    RowWriter writer(scope, kTopPriority);
    for (diagram::Row& row : layers->above[of]) add_test(field, row.tests);
    if (!write_lists(layers->above[of], clauses, leaves, writer)) return std::nullopt;
    for (program::Row& row : writer.take()) patterns.push_back({.row = std::move(row), .of = of});
  }
  std::ranges::stable_sort(patterns, std::ranges::greater{},
                           [](const Pattern& each) { return each.row.priority; });
  auto blocks = blocks_of(*classes, patterns);
  if (!blocks) return std::nullopt;
  const std::uint16_t lowest = patterns.empty() ? kTopPriority : patterns.back().row.priority;
  RowWriter writer(scope, static_cast<std::uint16_t>(lowest - 1));
  if (!write_lists(layers->below, clauses, leaves, writer)) return std::nullopt;
  Rows below = writer.take();
  std::size_t count = below.size();
  for (const Pattern& each : patterns) count += (*blocks)[each.of].size();
  if (count > kMaxPolicyRows) return std::nullopt;
  RowsByValue made{.rows = put_in(patterns, field, *blocks, count), .sample = {}};
  std::ranges::copy(below, std::back_inserter(made.rows));
  for (auto& each : *blocks) {
    made.values = std::max(made.values, each.size());
    if (!each.empty()) each.resize(1);
  }
  made.sample = put_in(patterns, field, *blocks, patterns.size() + below.size());
  std::ranges::move(below, std::back_inserter(made.sample));
  return made;
}

}  // namespace fabrix::compiler
