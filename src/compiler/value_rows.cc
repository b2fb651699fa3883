#include "compiler/value_rows.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "compiler/box.h"
#include "compiler/clause_lists.h"
#include "compiler/predicate_diagram.h"
#include "compiler/value_blocks.h"
#include "compiler/value_classes.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using Rows = std::vector<program::Row>;
using PlainRows = std::vector<diagram::Row>;

constexpr unsigned kHalf = 64;  // bits of an IPv6 address
constexpr diagram::FieldIndex kEthType = index_of(net::Field::kEthType);

// Rows that differ between values only in the value that they test.
struct Pattern {
  program::Row row;      // tests all bits of the line's fields
  std::size_t line = 0;  // of ClassifiedValues
  std::size_t of = 0;    // class of values
};

// The meaning of clauses, by lists of which each comes to one for all values of a class.
class Meanings {
 public:
  Meanings(const std::vector<ClauseRows>& clauses, const ClassifiedValues& values,
           diagram::Store& store, const RouteSense& sense)
      : clauses_(clauses), values_(values), store_(store), sense_(sense), leaves_(clauses) {
    for (const ValueClasses& each : values.lines) chosen_.push_back(each.widest());
    rest_ = meaning();
    for (std::size_t line = 0; line < chosen_.size(); ++line) {
      auto& of_line = of_.emplace_back();
      for (std::size_t of = 0; of < values.lines[line].count(); ++of) {
        of_line.push_back(of == values.lines[line].widest() ? rest_ : meaning(line, of));
      }
    }
  }

  // For packets with none but values of the widest classes.
  Diagram rest() const { return rest_; }
  // For packets with a value of this class, and else of the widest ones.
  Diagram of(std::size_t line, std::size_t of) const { return of_[line][of]; }
  const ClauseLeaves& leaves() const { return leaves_; }

 private:
  Diagram meaning(std::size_t line, std::size_t of) {
    chosen_[line] = of;
    const Diagram all = meaning();
    chosen_[line] = values_.lines[line].widest();
    return all;
  }
  Diagram meaning() {
    const KnownField known = [this](const policy::FieldTest& test) -> std::optional<bool> {
      for (std::size_t line = 0; line < chosen_.size(); ++line) {
        const ValueClasses& classes = values_.lines[line];
        if (classes.line().field != test.field) continue;
        return classes.is_in(chosen_[line], test.intervals.front().low);
      }
      return std::nullopt;
    };
    const auto under = [&](std::size_t clause) {
      return diagram_of(store_, *values_.conditions[clause], sense_, known);
    };
    return lists_of(clauses_, under, store_, leaves_);
  }

  const std::vector<ClauseRows>& clauses_;
  const ClassifiedValues& values_;
  diagram::Store& store_;
  const RouteSense& sense_;
  ClauseLeaves leaves_;
  std::vector<std::size_t> chosen_;  // a class of each line
  Diagram rest_;
  std::vector<std::vector<Diagram>> of_;  // by line and class
};

// What the rows say: for the widest classes, and above that for each class. None: too much.
struct Layers {
  std::vector<std::vector<PlainRows>> above;  // by line and class
  PlainRows below;
};
std::optional<Layers> layers_of(const ClassifiedValues& values, const Meanings& meanings,
                                diagram::Store& store) {
  Layers layers;
  for (std::size_t line = 0; line < values.lines.size(); ++line) {
    auto& of_line = layers.above.emplace_back();
    for (std::size_t of = 0; of < values.lines[line].count(); ++of) {
      const Diagram here = meanings.of(line, of);
      auto rows =
          store.is_spent() ? std::nullopt : store.rows(here, meanings.rest(), kMaxPolicyRows);
      if (!rows) return std::nullopt;
      of_line.push_back(*std::move(rows));
    }
  }
  auto rows = store.rows(meanings.rest(), kMaxPolicyRows);
  if (!rows) return std::nullopt;
  while (!rows->empty() && rows->back().leaf == diagram::kNone) rows->pop_back();
  layers.below = *std::move(rows);
  return layers;
}

// Packets with that value.
Diagram with_value(const Line& line, policy::Uint128 value, diagram::Store& store) {
  const auto is = [&store](net::Field field, std::uint64_t number) {
    return store.test(index_of(field), number, number);
  };
  const auto low = static_cast<std::uint64_t>(value);
  const auto first = line.low ? static_cast<std::uint64_t>(value >> kHalf) : low;
  Diagram all = is(line.field, first);
  if (line.low) all = store.conjunction(all, is(*line.low, low));
  if (line.eth_type) all = store.conjunction(is(net::Field::kEthType, *line.eth_type), all);
  return all;
}

// Whether one is of the network before the other's. Such networks may be one block.
bool are_side_by_side(const Line& line, policy::Uint128 before, policy::Uint128 value) {
  return line.low && (value >> kHalf) - (before >> kHalf) == 1;
}

// Whether a diagram of some values of each class takes about as many rows as one value after the
// other: then nothing is shared that could be.
bool is_close(const Layers& layers, const ClassifiedValues& values, const Meanings& meanings,
              diagram::Store& store) {
  constexpr std::size_t kSome = 4;
  Diagram all = meanings.rest();
  std::size_t apart = layers.below.size();
  for (std::size_t line = 0; line < values.lines.size(); ++line) {
    const ValueClasses& classes = values.lines[line];
    std::vector<std::vector<policy::Uint128>> taken(classes.count());
    for (const ValueClasses::Span& span : classes.spans()) {
      const std::size_t rows = layers.above[line][span.of].size();
      auto& others = taken[span.of];
      if (rows == 0 || others.size() == kSome) continue;
      const bool is_first = others.empty();
      if (!is_first && are_side_by_side(classes.line(), others.back(), span.values.low)) continue;
      others.push_back(span.values.low);
      all = store.if_then_else(with_value(classes.line(), span.values.low, store),
                               meanings.of(line, span.of), all);
      apart += rows;
    }
  }
  const auto together = store.is_spent() ? std::nullopt : store.rows(all, kMaxPolicyRows);
  return together && 4 * apart <= 5 * together->size();
}

// Makes it a row of packets with a value of the line. False: these do not match it.
bool add_tests(const Line& line, diagram::Row& row) {
  const auto add = [&row](diagram::FieldIndex field, std::uint64_t bits, std::uint64_t mask) {
    const auto place = std::ranges::lower_bound(row.tests, field, {}, &diagram::TernaryTest::field);
    const bool is_there = place != row.tests.end() && place->field == field;
    if (is_there && ((place->bits ^ bits) & place->mask & mask) != 0) return false;
    const diagram::TernaryTest test{field, bits, mask};
    if (is_there) {
      *place = test;
    } else {
      row.tests.insert(place, test);
    }
    return true;
  };
  constexpr std::uint64_t kNoValueYet = 0;
  add(index_of(line.field), kNoValueYet, net::max_value(line.field));
  if (line.low) add(index_of(*line.low), kNoValueYet, net::max_value(*line.low));
  return !line.eth_type || add(kEthType, *line.eth_type, net::max_value(net::Field::kEthType));
}

// By priority, the highest first. None: too many.
std::optional<std::vector<Pattern>> patterns_of(Layers& layers, const ClassifiedValues& values,
                                                const std::vector<ClauseRows>& clauses,
                                                const Scope& scope, const ClauseLeaves& leaves) {
  std::vector<Pattern> patterns;
  for (std::size_t line = 0; line < values.lines.size(); ++line) {
    for (std::size_t of = 0; of < values.lines[line].count(); ++of) {
      PlainRows& rows = layers.above[line][of];
      std::erase_if(rows, [&](auto& row) { return !add_tests(values.lines[line].line(), row); });
      RowWriter writer(scope, kTopPriority);
      if (!write_lists(rows, clauses, leaves, writer)) return std::nullopt;
      for (program::Row& row : writer.take()) patterns.push_back({std::move(row), line, of});
    }
  }
  std::ranges::stable_sort(patterns, std::ranges::greater{},
                           [](const Pattern& each) { return each.row.priority; });
  return patterns;
}

// By line and class, for those classes that have rows. None: a class has no few values, but ranges
// of them.
using Blocks = std::vector<std::vector<std::vector<ValueBlock>>>;
std::optional<Blocks> blocks_of(const ClassifiedValues& values,
                                const std::vector<Pattern>& patterns) {
  Blocks blocks;
  std::size_t spans = 0;
  std::size_t count = 0;
  for (std::size_t line = 0; line < values.lines.size(); ++line) {
    const ValueClasses& classes = values.lines[line];
    std::vector<Values> ranges(classes.count());
    std::vector<bool> has_rows(classes.count(), false);
    for (const Pattern& each : patterns) {
      if (each.line == line) has_rows[each.of] = true;
    }
    for (const ValueClasses::Span& span : classes.spans()) {
      if (has_rows[span.of]) ranges[span.of].push_back(span.values);
    }
    auto& of_line = blocks.emplace_back();
    for (const Values& each : ranges) {
      of_line.push_back(value_blocks(classes.line(), each));
      spans += each.size();
      count += of_line.back().size();
    }
  }
  constexpr std::size_t kMostOfASpan = 2;  // on average
  if (count > kMostOfASpan * spans) return std::nullopt;
  return blocks;
}

// Puts values into copies of one row.
class Copies {
 public:
  Copies(const program::Row& row, const Line& line)
      : row_(row), first_(place_of(line.field)), low_(line.low ? place_of(*line.low) : first_) {}

  program::Row with(const ValueBlock& block) const {
    program::Row row = row_;
    auto& tests = row.match.fields;
    put(block.first, tests[first_]);
    if (low_ != first_) put(block.low, tests[low_]);
    const bool is_wide = block.first.mask == 0 || (low_ != first_ && block.low.mask == 0);
    if (is_wide) std::erase_if(tests, [](const auto& each) { return each.mask == 0; });
    return row;
  }

 private:
  std::size_t place_of(net::Field field) const {
    const auto& tests = row_.match.fields;
    const auto found = std::ranges::find(tests, field, &program::FieldMatch::field);
    return static_cast<std::size_t>(found - tests.begin());
  }
  static void put(const Ternary& value, program::FieldMatch& test) {
    test.bits = value.bits;
    test.mask = value.mask;
  }

  const program::Row& row_;
  std::size_t first_;
  std::size_t low_;
};

// The rows of all these blocks, in the order of a table, with room for so many.
Rows put_in(const std::vector<Pattern>& patterns, const ClassifiedValues& values,
            const Blocks& blocks, std::size_t room) {
  Rows rows;
  rows.reserve(room);
  const auto by_match = [](const program::Row& a, const program::Row& b) {
    return a.match < b.match;
  };
  std::ptrdiff_t same = 0;  // where rows of the present priority begin
  for (const Pattern& each : patterns) {
    const auto middle = std::ssize(rows);
    if (middle > 0 && rows.back().priority != each.row.priority) same = middle;
    const Copies copies(each.row, values.lines[each.line].line());
    for (const ValueBlock& block : blocks[each.line][each.of]) rows.push_back(copies.with(block));
    std::inplace_merge(rows.begin() + same, rows.begin() + middle, rows.end(), by_match);
  }
  return rows;
}

}  // namespace

std::optional<RowsByValue> emit_by_value(const std::vector<ClauseRows>& clauses, const Scope& scope,
                                         diagram::Store& store, const RouteSense& sense) {
  std::vector<const policy::Predicate*> conditions;
  for (const ClauseRows& each : clauses) conditions.push_back(each.when);
  const auto values = classify(conditions);
  if (!values) return std::nullopt;
  const Meanings meanings(clauses, *values, store, sense);
  auto layers = layers_of(*values, meanings, store);
  if (!layers || !is_close(*layers, *values, meanings, store)) return std::nullopt;
  const auto patterns = patterns_of(*layers, *values, clauses, scope, meanings.leaves());
  auto blocks = patterns ? blocks_of(*values, *patterns) : std::nullopt;
  if (!blocks) return std::nullopt;
  const std::uint16_t lowest = patterns->empty() ? kTopPriority : patterns->back().row.priority;
  RowWriter writer(scope, static_cast<std::uint16_t>(lowest - 1));
  if (!write_lists(layers->below, clauses, meanings.leaves(), writer)) return std::nullopt;
  Rows below = writer.take();
  std::size_t count = below.size();
  for (const Pattern& each : *patterns) count += (*blocks)[each.line][each.of].size();
  if (count > kMaxPolicyRows) return std::nullopt;
  RowsByValue made{.rows = put_in(*patterns, *values, *blocks, count), .sample = {}};
  std::ranges::copy(below, std::back_inserter(made.rows));
  for (auto& of_line : *blocks) {
    for (auto& each : of_line) {
      made.values = std::max(made.values, each.size());
      if (!each.empty()) each.resize(1);
    }
  }
  made.sample = put_in(*patterns, *values, *blocks, patterns->size() + below.size());
  std::ranges::move(below, std::back_inserter(made.sample));
  return made;
}

}  // namespace fabrix::compiler
