// Whatever the policy that the bytes spell, its diagram means what the policy says at every point,
// and its rows say the same and lead back to the same diagram.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "diagram/diagram.h"

namespace {

using fabrix::diagram::Diagram;
using fabrix::diagram::FieldIndex;
using fabrix::diagram::FieldInterval;
using fabrix::diagram::Leaf;
using fabrix::diagram::Point;
using fabrix::diagram::Row;
using fabrix::diagram::Store;

constexpr std::size_t kMaxClauses = 24;
constexpr unsigned kFieldBits = 3;
constexpr std::uint64_t kValues = std::uint64_t{1} << kFieldBits;
constexpr unsigned kFields = 3;

// Three octets of input: holds, or does not if negated, where two fields (or one) are in intervals.
struct Clause {
  FieldInterval first;
  FieldInterval second;
  bool negated = false;
  Leaf leaf = 0;
};

FieldInterval interval(unsigned field, unsigned octet) {
  const unsigned a = octet % kValues;
  const unsigned b = octet / kValues % kValues;
  return {.field = static_cast<FieldIndex>(field % kFields),
          .low = std::min(a, b),
          .high = std::max(a, b)};
}

std::vector<Clause> parse(std::span<const std::uint8_t> in) {
  std::vector<Clause> clauses;
  for (; in.size() >= 3 && clauses.size() < kMaxClauses; in = in.subspan(3)) {
    clauses.push_back({.first = interval(in[0], in[1]),
                       .second = interval(in[0] / kFields, in[2]),
                       .negated = in[0] >= 128,
                       .leaf = in[1] / 64U + in[2] / 64U});
  }
  return clauses;
}

bool inside(const FieldInterval& interval, const Point& point) {
  return interval.low <= point[interval.field] && point[interval.field] <= interval.high;
}

Leaf meaning(const std::vector<Clause>& clauses, const Point& point) {
  for (const Clause& clause : clauses) {
    const bool both = inside(clause.first, point) && inside(clause.second, point);
    if (both != clause.negated) return clause.leaf;
  }
  return fabrix::diagram::kNone;
}

Diagram build(Store& store, const std::vector<Clause>& clauses) {
  Diagram result = store.none();
  for (auto clause = clauses.rbegin(); clause != clauses.rend(); ++clause) {
    const auto& [first, second, negated, leaf] = *clause;
    const Diagram both = store.conjunction(store.test(first.field, first.low, first.high),
                                           store.test(second.field, second.low, second.high));
    result = store.if_then_else(negated ? store.complement(both) : both, store.leaf(leaf), result);
  }
  return result;
}

Leaf first_match(const std::vector<Row>& rows, const Point& point) {
  for (const Row& row : rows) {
    bool matches = true;
    for (const auto& test : row.tests) {
      matches = matches && (point[test.field] & test.mask) == test.bits;
    }
    if (matches) return row.leaf;
  }
  std::abort();  // rows are complete
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Clause> clauses = parse({data, size});
  const std::vector<unsigned> widths(kFields, kFieldBits);
  Store store(widths);
  const Diagram diagram = build(store, clauses);
  const auto rows = store.rows(diagram, 100'000);
  if (!rows || store.from_rows(*rows) != diagram) std::abort();
  for (std::uint64_t i = 0; i < kValues * kValues * kValues; ++i) {
    const Point point{i % kValues, i / kValues % kValues, i / kValues / kValues};
    const Leaf leaf = meaning(clauses, point);
    if (store.evaluate(diagram, point) != leaf || first_match(*rows, point) != leaf) std::abort();
  }
  return 0;
}
