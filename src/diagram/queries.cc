#include "diagram/queries.h"

#include <algorithm>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/assert.h"

namespace fabrix::diagram {
namespace {

// The nodes reachable from `root`, each once.
std::vector<NodeId> reachable(const NodeTable& table, NodeId root) {
  std::vector<NodeId> found{root};
  boost::unordered_flat_set<NodeId> seen{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const Edge& edge : table.node(found[i]).edges()) {
      if (seen.insert(edge.child).second) found.push_back(edge.child);
    }
  }
  return found;
}

class PointSearch {
 public:
  PointSearch(const NodeTable& table, const std::function<bool(Leaf)>& wanted)
      : table_(table), wanted_(wanted), point_(table.field_count(), 0) {}

  std::optional<Point> from(NodeId root) {
    if (!visit(root)) return std::nullopt;
    return point_;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): one field later with each step
  bool visit(NodeId id) {
    const Node& node = table_.node(id);
    if (node.is_leaf()) return wanted_(node.leaf);
    if (!refuted_.insert(id).second) return false;
    for (const Edge& edge : node.edges()) {
      point_[node.field] = edge.low;
      if (visit(edge.child)) return true;
    }
    point_[node.field] = 0;
    return false;
  }

  const NodeTable& table_;
  const std::function<bool(Leaf)>& wanted_;
  Point point_;
  boost::unordered_flat_set<NodeId> refuted_;
};

}  // namespace

Leaf evaluate(const NodeTable& table, NodeId node, std::span<const std::uint64_t> point) {
  FABRIX_ASSERT(point.size() == table.field_count());
  while (!table.node(node).is_leaf()) node = table.child_for(node, point[table.node(node).field]);
  return table.node(node).leaf;
}

std::optional<Point> witness_of_difference(const NodeTable& table, NodeId a, NodeId b) {
  if (a == b) return std::nullopt;
  Point point(table.field_count(), 0);
  // Different nodes differ somewhere below: no way down that keeps them different is wrong.
  for (;;) {
    const FieldIndex field = std::min(table.node(a).field, table.node(b).field);
    if (field == kLeafField) return point;
    Edge whole_a;
    Edge whole_b;
    NodeId next_a = a;
    NodeId next_b = a;
    for_each_overlap(table.edges_at(a, field, whole_a), table.edges_at(b, field, whole_b),
                     [&](std::uint64_t low, NodeId child_a, NodeId child_b) {
                       if (next_a != next_b || child_a == child_b) return;
                       point[field] = low;
                       next_a = child_a;
                       next_b = child_b;
                     });
    a = next_a;
    b = next_b;
  }
}

std::optional<Point> find_point(const NodeTable& table, NodeId root,
                                const std::function<bool(Leaf)>& wanted) {
  return PointSearch(table, wanted).from(root);
}

std::vector<Leaf> leaves(const NodeTable& table, NodeId root) {
  std::vector<Leaf> found;
  for (const NodeId id : reachable(table, root)) {
    if (table.node(id).is_leaf()) found.push_back(table.node(id).leaf);
  }
  std::ranges::sort(found);
  return found;
}

std::size_t node_count(const NodeTable& table, NodeId root) {
  return reachable(table, root).size();
}

}  // namespace fabrix::diagram
