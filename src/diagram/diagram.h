// Diagrams: interval action diagrams, one canonical form for every function from packets to
// actions.
//
// A node tests one field and has k >= 2 children, each for an interval of the field's values;
// neighbouring children differ; children test only later fields. A leaf is a number whose meaning
// belongs to the user of the store; leaf 0 is "no opinion". Nodes are hash-consed, so within one
// Store equal functions have equal handles: that is the equality test.
//
// The store knows no syntax and no network: fields are numbered 0..n-1 in the order they are
// tested, each with a width in bits. Predicates are diagrams with the leaves kNone (false) and
// kTrue.
//
// Every operation is memoised within the store and costs at most the product of its operands'
// sizes, and at most what is left of a budget (Limited): then what it returns means nothing, and no
// later result depends on it. Recursion depth is bounded by the number of fields. Not thread-safe.
// Handles are good as long as the store; `collect` frees what is not reachable from the given
// roots.
//
// Source: POLICY/COMPILER design pages; the algebra follows Frenetic's Vlr, n-ary over intervals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/budget.h"

namespace fabrix::diagram {

using Leaf = std::uint32_t;
using FieldIndex = std::uint8_t;

inline constexpr Leaf kNone = 0;  // no opinion; false
inline constexpr Leaf kTrue = 1;  // the true of predicates

// A diagram of one store. Equal handles of one store mean equal functions.
struct Diagram {
  std::uint32_t node = 0;
  friend auto operator<=>(const Diagram&, const Diagram&) = default;
};

// One value per field of the store.
using Point = std::vector<std::uint64_t>;

// One field's inclusive interval.
struct FieldInterval {
  FieldIndex field = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend auto operator<=>(const FieldInterval&, const FieldInterval&) = default;
};

// A prioritised row: the first row of a list whose tests all hold gives the leaf. A test is
// ternary: (value & mask) == bits.
struct TernaryTest {
  FieldIndex field = 0;
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;
  friend auto operator<=>(const TernaryTest&, const TernaryTest&) = default;
};
struct Row {
  std::vector<TernaryTest> tests{};  // sorted by field, each field once
  Leaf leaf = kNone;
  friend bool operator==(const Row&, const Row&) = default;
};

// A case of many, the first of which that holds counts: where both conditions do.
struct Case {
  Diagram when;
  Diagram besides;
  Leaf leaf = kNone;
};

class Store {
 public:
  // widths[i] = bits of field i: 1..64. At most 64 fields.
  explicit Store(std::span<const unsigned> widths);
  ~Store();
  Store(const Store&) = delete;
  Store(Store&&) = delete;
  Store& operator=(const Store&) = delete;
  Store& operator=(Store&&) = delete;

  Diagram leaf(Leaf value);
  Diagram none() { return leaf(kNone); }
  Diagram always() { return leaf(kTrue); }

  // kTrue where the field lies in [low, high], else kNone. low <= high <= the field's maximum.
  Diagram test(FieldIndex field, std::uint64_t low, std::uint64_t high);
  // (value & mask) == bits, as a union of intervals: at most 4096 of them, else none.
  std::optional<Diagram> ternary(const TernaryTest& test);

  // Predicates. `a` and `b` have leaves kNone and kTrue only.
  Diagram conjunction(Diagram a, Diagram b);
  Diagram disjunction(Diagram a, Diagram b);
  Diagram disjunction(std::span<const Diagram> all);  // balanced
  Diagram complement(Diagram a);
  Diagram difference(Diagram a, Diagram b) { return conjunction(a, complement(b)); }

  // `then` where predicate holds, kNone elsewhere.
  Diagram restrict(Diagram predicate, Diagram then);
  // `then` where predicate holds, `otherwise` elsewhere.
  Diagram if_then_else(Diagram predicate, Diagram then, Diagram otherwise);
  // a // b: b where a has no opinion.
  Diagram over(Diagram a, Diagram b);
  Diagram over(std::span<const Diagram> ranked);  // first has precedence; balanced

  // The leaf of the first case that holds, which may be kNone; kNone where none does.
  Diagram first_match(std::span<const Case> cases);

  // Leaf by leaf combination; `combine` must be pure. Memoised for this call only.
  Diagram combine(Diagram a, Diagram b, const std::function<Leaf(Leaf, Leaf)>& combine);
  // Leaf by leaf replacement; `map` must be pure.
  Diagram map(Diagram a, const std::function<Leaf(Leaf)>& map);
  // The diagram with `field` fixed to `value`: no longer tests it.
  Diagram cofactor(Diagram a, FieldIndex field, std::uint64_t value);

  Leaf evaluate(Diagram a, std::span<const std::uint64_t> point) const;

  // A point where a and b have different leaves; none when a == b. Fields that do not matter are 0.
  std::optional<Point> witness_of_difference(Diagram a, Diagram b);
  // A point whose leaf satisfies `wanted`.
  std::optional<Point> find_point(Diagram a, const std::function<bool(Leaf)>& wanted) const;

  // The leaves that occur, sorted.
  std::vector<Leaf> leaves(Diagram a) const;

  // Rows with `evaluate` as first-match meaning, complete (every point matches a row; the last row
  // tests nothing), few: default-child extraction with fall-through sharing and minimal covers of
  // intervals. None if more than `limit` rows would be needed.
  std::optional<std::vector<Row>> rows(Diagram a, std::size_t limit) const;
  // Rows that give `a` its meaning where a point that matches none of them falls through to rows
  // that mean `below`: none where the two agree, not complete, and few.
  std::optional<std::vector<Row>> rows(Diagram a, Diagram below, std::size_t limit) const;

  // The diagram of a first-match row list (kNone where no row matches): the inverse of rows(). None
  // if a ternary test is not expressible (see ternary()).
  std::optional<Diagram> from_rows(std::span<const Row> rows);

  std::size_t node_count(Diagram a) const;  // distinct nodes reachable, leaves included
  std::size_t size() const;                 // nodes in the store

  // Frees every node not reachable from `roots` and forgets memoised results. Handles in `roots`
  // stay valid; all others are invalid.
  void collect(std::span<const Diagram> roots);

  // As Limited has set it; null: there is no bound.
  Budget* budget() const;
  // Steps of those who work with diagrams, besides the operations. False: the budget is spent.
  bool spend(std::size_t steps) const { return budget() == nullptr || budget()->spend(steps); }
  bool is_spent() const { return budget() != nullptr && budget()->is_spent(); }

 private:
  friend class Limited;
  void set_budget(Budget* budget);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

// As long as it lives, the store takes its steps from that budget, and from no other. Both must
// outlive it.
class Limited {
 public:
  Limited(Store& store, Budget& budget) : store_(store), before_(store.budget()) {
    store.set_budget(&budget);
  }
  ~Limited() { store_.set_budget(before_); }
  Limited(const Limited&) = delete;
  Limited(Limited&&) = delete;
  Limited& operator=(const Limited&) = delete;
  Limited& operator=(Limited&&) = delete;

 private:
  Store& store_;
  Budget* before_;
};

}  // namespace fabrix::diagram
