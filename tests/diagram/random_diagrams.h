// Random functions of a small world, as expression trees that are evaluated directly (the oracle)
// and built as diagrams; and every point of that world.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "diagram/diagram.h"

namespace fabrix::diagram {

inline constexpr std::array<unsigned, 4> kSmallWidths{3, 2, 4, 2};
inline constexpr FieldIndex kSmallFields{kSmallWidths.size()};

// All 2048 points of the small world.
inline std::vector<Point> all_points(std::span<const unsigned> widths = kSmallWidths) {
  std::vector<Point> points{Point(widths.size(), 0)};
  for (std::size_t field = 0; field < widths.size(); ++field) {
    const std::size_t before = points.size();
    for (std::uint64_t value = 1; value < std::uint64_t{1} << widths[field]; ++value) {
      for (std::size_t i = 0; i < before; ++i) {
        points.push_back(points[i]);
        points.back()[field] = value;
      }
    }
  }
  return points;
}

// A predicate: an interval test, or and, or, not of others.
// NOLINTNEXTLINE(misc-no-recursion): copied as deep as it was made
struct Predicate {
  enum class Kind : std::uint8_t { kTest, kAnd, kOr, kNot } kind = Kind::kTest;
  FieldInterval interval;
  std::vector<Predicate> parts;

  // NOLINTNEXTLINE(misc-no-recursion): as deep as it was made
  bool holds(std::span<const std::uint64_t> point) const {
    // NOLINTNEXTLINE(misc-no-recursion): as deep as it was made
    const auto part_holds = [&](const Predicate& part) { return part.holds(point); };
    switch (kind) {
      case Kind::kAnd:
        return std::ranges::all_of(parts, part_holds);
      case Kind::kOr:
        return std::ranges::any_of(parts, part_holds);
      case Kind::kNot:
        return !parts.front().holds(point);
      case Kind::kTest:
        break;
    }
    const std::uint64_t value = point[interval.field];
    return interval.low <= value && value <= interval.high;
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as it was made
  Diagram build(Store& store) const {
    switch (kind) {
      case Kind::kAnd:
        return store.conjunction(parts[0].build(store), parts[1].build(store));
      case Kind::kOr:
        return store.disjunction(parts[0].build(store), parts[1].build(store));
      case Kind::kNot:
        return store.complement(parts[0].build(store));
      case Kind::kTest:
        break;
    }
    return store.test(interval.field, interval.low, interval.high);
  }
};

// A first-match list of predicates with leaves; kNone where none holds.
struct Clause {
  Predicate when;
  Leaf leaf = kNone;
};
using Policy = std::vector<Clause>;

inline Leaf evaluate(const Policy& policy, std::span<const std::uint64_t> point) {
  for (const Clause& clause : policy) {
    if (clause.when.holds(point)) return clause.leaf;
  }
  return kNone;
}

inline Diagram build(const Policy& policy, Store& store) {
  Diagram result = store.none();
  for (auto clause = policy.rbegin(); clause != policy.rend(); ++clause) {
    result = store.if_then_else(clause->when.build(store), store.leaf(clause->leaf), result);
  }
  return result;
}

inline Leaf first_match(std::span<const Row> rows, std::span<const std::uint64_t> point) {
  for (const Row& row : rows) {
    const bool matches = std::ranges::all_of(row.tests, [&](const TernaryTest& test) {
      return (point[test.field] & test.mask) == test.bits;
    });
    if (matches) return row.leaf;
  }
  return kNone;
}

class RandomFunctions {
 public:
  explicit RandomFunctions(unsigned seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  FieldInterval interval() {
    const std::uint64_t field = below(kSmallWidths.size());
    const std::uint64_t values = std::uint64_t{1} << kSmallWidths.at(field);
    std::uint64_t low = below(values);
    std::uint64_t high = below(3) == 0 ? low : below(values);
    if (low > high) std::swap(low, high);
    return {.field = static_cast<FieldIndex>(field), .low = low, .high = high};
  }

  // NOLINTNEXTLINE(misc-no-recursion): depth counts down
  Predicate predicate(unsigned depth = 3) {
    const std::uint64_t kind = depth == 0 ? 0 : below(4);
    Predicate made;
    if (kind == 0) {
      made.interval = interval();
      return made;
    }
    made.kind = static_cast<Predicate::Kind>(kind);
    made.parts.push_back(predicate(depth - 1));
    if (made.kind != Predicate::Kind::kNot) made.parts.push_back(predicate(depth - 1));
    return made;
  }

  // Leaves 0 to 4.
  Policy policy() {
    Policy made(1 + below(6));
    for (Clause& clause : made) {
      clause = {.when = predicate(2), .leaf = static_cast<Leaf>(below(5))};
    }
    return made;
  }

 private:
  std::mt19937 random_;
};

}  // namespace fabrix::diagram
