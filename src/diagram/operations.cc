#include "diagram/operations.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace fabrix::diagram {
namespace {

// Results remembered before a memo starts afresh: 64 MB, or two thousand times a large table.
constexpr std::size_t kMemoLimit = std::size_t{1} << 21;

Memo& bounded(Memo& memo) {
  if (memo.size() > kMemoLimit) memo.clear();
  return memo;
}

// Rules tell the result for two nodes where it is evident; it must be for two leaves.

struct RestrictRule {
  const NodeTable& table;

  std::optional<NodeId> operator()(NodeId predicate, NodeId then) const {
    if (predicate == kNoneNode || then == kNoneNode) return kNoneNode;
    if (predicate == kTrueNode || predicate == then) return then;
    FABRIX_ASSERT(!table.node(predicate).is_leaf());  // else it is no predicate
    return std::nullopt;
  }
};

struct OverRule {
  const NodeTable& table;
  NodeId transparent;

  std::optional<NodeId> operator()(NodeId a, NodeId b) const {
    if (a == transparent) return b;
    if (b == transparent || a == b || table.node(a).is_leaf()) return a;
    return std::nullopt;
  }
};

struct CombineRule {
  NodeTable& table;
  const std::function<Leaf(Leaf, Leaf)>& combine;

  std::optional<NodeId> operator()(NodeId a, NodeId b) const {
    if (!table.node(a).is_leaf() || !table.node(b).is_leaf()) return std::nullopt;
    return table.leaf(combine(table.node(a).leaf, table.node(b).leaf));
  }
};

// Combines neighbours until one is left: log n operations on large diagrams, instead of n.
template <class Combine>
NodeId balanced(std::span<const NodeId> ranked, NodeId neutral, const Combine& combine) {
  if (ranked.empty()) return neutral;
  std::vector<NodeId> level(ranked.begin(), ranked.end());
  while (level.size() > 1) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      level[kept++] = i + 1 < level.size() ? combine(level[i], level[i + 1]) : level[i];
    }
    level.resize(kept);
  }
  return level.front();
}

}  // namespace

// NOLINTBEGIN(misc-no-recursion): each step goes to a later field, of which there are at most 64.

template <class Rule>
NodeId Operations::apply(NodeId a, NodeId b, const Rule& rule, Memo& memo) {
  if (const std::optional<NodeId> evident = rule(a, b)) return *evident;
  if (const auto known = memo.find(pair_key(a, b))) return *known;
  const FieldIndex field = std::min(table_.node(a).field, table_.node(b).field);
  const std::size_t base = scratch_.size();
  Edge whole_a;
  Edge whole_b;
  const auto edges_a = table_.edges_at(a, field, whole_a);
  const auto edges_b = table_.edges_at(b, field, whole_b);
  if (!spend(edges_a.size() + edges_b.size())) return kNoneNode;
  for_each_overlap(edges_a, edges_b, [&](std::uint64_t low, NodeId child_a, NodeId child_b) {
    const NodeId child = apply(child_a, child_b, rule, memo);
    scratch_.push_back({.low = low, .child = child});
  });
  const std::span<Edge> edges = std::span(scratch_).subspan(base);
  const NodeId result = is_spent() ? kNoneNode : table_.intern(field, edges);
  scratch_.resize(base);
  if (!is_spent()) memo.insert(pair_key(a, b), result);
  return result;
}

// `rule` tells the result for every leaf, and for other nodes where it is evident.
template <class Rule>
NodeId Operations::rewrite(NodeId a, const Rule& rule, Memo& memo) {
  if (const std::optional<NodeId> evident = rule(a)) return *evident;
  if (const auto known = memo.find(a)) return *known;
  const std::size_t base = scratch_.size();
  const Node& node = table_.node(a);
  if (!spend(node.edges().size())) return kNoneNode;
  for (const Edge& edge : node.edges()) {
    const NodeId child = rewrite(edge.child, rule, memo);
    scratch_.push_back({.low = edge.low, .child = child});
  }
  const std::span<Edge> edges = std::span(scratch_).subspan(base);
  const NodeId result = is_spent() ? kNoneNode : table_.intern(node.field, edges);
  scratch_.resize(base);
  if (!is_spent()) memo.insert(a, result);
  return result;
}

// NOLINTEND(misc-no-recursion)

NodeId Operations::restrict(NodeId predicate, NodeId then) {
  return apply(predicate, then, RestrictRule{table_}, bounded(restrict_));
}

NodeId Operations::conjunction(NodeId a, NodeId b) {
  return restrict(std::min(a, b), std::max(a, b));
}

NodeId Operations::disjunction(NodeId a, NodeId b) {
  return over(std::min(a, b), std::max(a, b));
}

NodeId Operations::complement(NodeId a) {
  const auto rule = [this](NodeId node) -> std::optional<NodeId> {
    if (node == kNoneNode) return kTrueNode;
    if (node == kTrueNode) return kNoneNode;
    FABRIX_ASSERT(!table_.node(node).is_leaf());  // else it is no predicate
    return std::nullopt;
  };
  return rewrite(a, rule, bounded(complement_));
}

NodeId Operations::if_then_else(NodeId predicate, NodeId then, NodeId otherwise) {
  return over(restrict(predicate, then), restrict(complement(predicate), otherwise));
}

NodeId Operations::over(NodeId a, NodeId b) {
  return apply(a, b, OverRule{table_, kNoneNode}, bounded(over_));
}

NodeId Operations::fill(NodeId a, NodeId b) {
  return apply(a, b, OverRule{table_, kHoleNode}, bounded(fill_));
}

NodeId Operations::over(std::span<const NodeId> ranked) {
  return balanced(ranked, kNoneNode, [this](NodeId a, NodeId b) { return over(a, b); });
}

NodeId Operations::fill(std::span<const NodeId> ranked) {
  return balanced(ranked, kHoleNode, [this](NodeId a, NodeId b) { return fill(a, b); });
}

NodeId Operations::combine(NodeId a, NodeId b, const std::function<Leaf(Leaf, Leaf)>& combine) {
  Memo memo;
  return apply(a, b, CombineRule{table_, combine}, memo);
}

NodeId Operations::map(NodeId a, const std::function<Leaf(Leaf)>& map) {
  Memo memo;
  const auto rule = [this, &map](NodeId node) -> std::optional<NodeId> {
    if (!table_.node(node).is_leaf()) return std::nullopt;
    return table_.leaf(map(table_.node(node).leaf));
  };
  return rewrite(a, rule, memo);
}

NodeId Operations::cofactor(NodeId a, FieldIndex field, std::uint64_t value) {
  Memo memo;
  const auto rule = [this, field, value](NodeId node) -> std::optional<NodeId> {
    const FieldIndex tested = table_.node(node).field;
    if (tested < field) return std::nullopt;
    return tested == field ? table_.child_for(node, value) : node;
  };
  return rewrite(a, rule, memo);
}

void Operations::forget() {
  restrict_.clear();
  over_.clear();
  fill_.clear();
  complement_.clear();
}

}  // namespace fabrix::diagram
