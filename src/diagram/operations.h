// Operations: the algebra on nodes. What each means is said in diagram.h.
//
// An operation visits each pair of nodes of its operands once; results are remembered until
// `forget` or until there are too many of them. Recursion goes down one field per step. Once the
// budget is spent, what operations return means nothing, and nothing of it is remembered. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/budget.h"
#include "diagram/diagram.h"
#include "diagram/memo.h"
#include "diagram/node_table.h"

namespace fabrix::diagram {

class Operations {
 public:
  // `table` must outlive this.
  explicit Operations(NodeTable& table) : table_(table) {}

  NodeId restrict(NodeId predicate, NodeId then);
  NodeId conjunction(NodeId a, NodeId b);
  NodeId disjunction(NodeId a, NodeId b);
  NodeId complement(NodeId a);
  NodeId if_then_else(NodeId predicate, NodeId then, NodeId otherwise);

  // b where a is kNone.
  NodeId over(NodeId a, NodeId b);
  // b where a is the hole.
  NodeId fill(NodeId a, NodeId b);

  // Balanced: the first has precedence.
  NodeId over(std::span<const NodeId> ranked);
  NodeId fill(std::span<const NodeId> ranked);

  NodeId combine(NodeId a, NodeId b, const std::function<Leaf(Leaf, Leaf)>& combine);
  NodeId map(NodeId a, const std::function<Leaf(Leaf)>& map);
  NodeId cofactor(NodeId a, FieldIndex field, std::uint64_t value);

  void forget();

  // Steps are taken from it, which must outlive that: an edge that is looked at is one. Null, as at
  // first: there is no bound.
  void set_budget(Budget* budget) { budget_ = budget; }
  Budget* budget() const { return budget_; }
  // False: it is spent.
  bool spend(std::size_t steps) { return budget_ == nullptr || budget_->spend(steps); }
  bool is_spent() const { return budget_ != nullptr && budget_->is_spent(); }

 private:
  template <class Rule>
  NodeId apply(NodeId a, NodeId b, const Rule& rule, Memo& memo);
  template <class Rule>
  NodeId rewrite(NodeId a, const Rule& rule, Memo& memo);

  NodeTable& table_;
  Budget* budget_ = nullptr;
  std::vector<Edge> scratch_;  // a stack of edges of nodes under construction
  Memo restrict_;
  Memo over_;
  Memo fill_;
  Memo complement_;
};

}  // namespace fabrix::diagram
