#include "diagram/diagram.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"
#include "diagram/first_match.h"
#include "diagram/node_table.h"
#include "diagram/operations.h"
#include "diagram/queries.h"
#include "diagram/row_emitter.h"
#include "diagram/row_reader.h"
#include "diagram/ternary.h"

namespace fabrix::diagram {
namespace {

std::vector<NodeId> nodes_of(std::span<const Diagram> diagrams) {
  std::vector<NodeId> nodes;
  nodes.reserve(diagrams.size());
  std::ranges::transform(diagrams, std::back_inserter(nodes), &Diagram::node);
  return nodes;
}

}  // namespace

class Store::Impl {
 public:
  explicit Impl(std::span<const unsigned> widths)
      : table(widths), operations(table), first_match(table), row_reader(table) {}
  NodeTable table;
  Operations operations;
  FirstMatch first_match;
  RowReader row_reader;
};

Store::Store(std::span<const unsigned> widths) : impl_(std::make_unique<Impl>(widths)) {}
Store::~Store() = default;

Diagram Store::leaf(Leaf value) {
  return {impl_->table.leaf(value)};
}

Diagram Store::test(FieldIndex field, std::uint64_t low, std::uint64_t high) {
  FABRIX_ASSERT(field < impl_->table.field_count());
  FABRIX_ASSERT(low <= high && high <= impl_->table.max_value(field));
  const Interval interval{.low = low, .high = high};
  return {split_node(impl_->table, field, {&interval, 1}, kTrueNode, kNoneNode)};
}

std::optional<Diagram> Store::ternary(const TernaryTest& test) {
  FABRIX_ASSERT(test.field < impl_->table.field_count());
  const auto intervals = intervals_of(test, impl_->table.max_value(test.field));
  if (!intervals) return std::nullopt;
  return Diagram{split_node(impl_->table, test.field, *intervals, kTrueNode, kNoneNode)};
}

Diagram Store::conjunction(Diagram a, Diagram b) {
  return {impl_->operations.conjunction(a.node, b.node)};
}

Diagram Store::disjunction(Diagram a, Diagram b) {
  return {impl_->operations.disjunction(a.node, b.node)};
}

// Of predicates, the first that is not false is the disjunction.
Diagram Store::disjunction(std::span<const Diagram> all) {
  return over(all);
}

Diagram Store::complement(Diagram a) {
  return {impl_->operations.complement(a.node)};
}

Diagram Store::restrict(Diagram predicate, Diagram then) {
  return {impl_->operations.restrict(predicate.node, then.node)};
}

Diagram Store::if_then_else(Diagram predicate, Diagram then, Diagram otherwise) {
  return {impl_->operations.if_then_else(predicate.node, then.node, otherwise.node)};
}

Diagram Store::over(Diagram a, Diagram b) {
  return {impl_->operations.over(a.node, b.node)};
}

Diagram Store::over(std::span<const Diagram> ranked) {
  return {impl_->operations.over(nodes_of(ranked))};
}

Diagram Store::first_match(std::span<const Case> cases) {
  const auto quickly = impl_->first_match.read(cases);
  Operations& operations = impl_->operations;
  if (!operations.spend(impl_->first_match.work())) return none();
  if (quickly) return {*quickly};
  std::vector<NodeId> nodes;
  nodes.reserve(cases.size());
  for (const Case& each : cases) {
    const NodeId holds = operations.conjunction(each.when.node, each.besides.node);
    nodes.push_back(operations.if_then_else(holds, impl_->table.leaf(each.leaf), kHoleNode));
  }
  return {operations.fill(operations.fill(nodes), kNoneNode)};
}

Diagram Store::combine(Diagram a, Diagram b, const std::function<Leaf(Leaf, Leaf)>& combine) {
  return {impl_->operations.combine(a.node, b.node, combine)};
}

Diagram Store::map(Diagram a, const std::function<Leaf(Leaf)>& map) {
  return {impl_->operations.map(a.node, map)};
}

Diagram Store::cofactor(Diagram a, FieldIndex field, std::uint64_t value) {
  FABRIX_ASSERT(field < impl_->table.field_count() && value <= impl_->table.max_value(field));
  return {impl_->operations.cofactor(a.node, field, value)};
}

Leaf Store::evaluate(Diagram a, std::span<const std::uint64_t> point) const {
  return diagram::evaluate(impl_->table, a.node, point);
}

std::optional<Point> Store::witness_of_difference(Diagram a, Diagram b) {
  return diagram::witness_of_difference(impl_->table, a.node, b.node);
}

std::optional<Point> Store::find_point(Diagram a, const std::function<bool(Leaf)>& wanted) const {
  return diagram::find_point(impl_->table, a.node, wanted);
}

std::vector<Leaf> Store::leaves(Diagram a) const {
  return diagram::leaves(impl_->table, a.node);
}

std::optional<std::vector<Row>> Store::rows(Diagram a, std::size_t limit) const {
  return RowEmitter(impl_->table, impl_->operations).rows(a.node, limit);
}

std::optional<std::vector<Row>> Store::rows(Diagram a, Diagram below, std::size_t limit) const {
  return RowEmitter(impl_->table, impl_->operations).rows(a.node, below.node, limit);
}

std::optional<Diagram> Store::from_rows(std::span<const Row> rows) {
  const auto node = node_of_rows(impl_->table, impl_->operations, impl_->row_reader, rows);
  if (!node) return std::nullopt;
  return Diagram{*node};
}

std::size_t Store::node_count(Diagram a) const {
  return diagram::node_count(impl_->table, a.node);
}

std::size_t Store::size() const {
  return impl_->table.size();
}

void Store::collect(std::span<const Diagram> roots) {
  impl_->operations.forget();
  impl_->table.collect(nodes_of(roots));
}

Budget* Store::budget() const {
  return impl_->operations.budget();
}

void Store::set_budget(Budget* budget) {
  impl_->operations.set_budget(budget);
}

}  // namespace fabrix::diagram
