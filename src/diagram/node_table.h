// NodeTable: the nodes of all diagrams of one store, each distinct node once (hash-consing).
//
// Invariants: the edges of a node start at value 0, ascend, and neighbouring ones lead to different
// nodes; there are at least two; children test later fields or are leaves. Hence equal functions
// are the same node. Nodes and edges do not move until `collect`, so references to them are good
// across `intern`.
//
// Memory grows in chunks and the unique table in shards, so that no insertion pauses for long. Not
// thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "diagram/diagram.h"

namespace fabrix::diagram {

using NodeId = std::uint32_t;

inline constexpr NodeId kNoneNode = 0;  // the leaf kNone
inline constexpr NodeId kTrueNode = 1;  // the leaf kTrue
// "Nothing said yet": a leaf unlike every leaf of a user, which only intermediate diagrams have.
inline constexpr NodeId kHoleNode = 2;

inline constexpr std::size_t kMaxFields = 64;

// Of leaves; greater than every field, since leaves come last.
inline constexpr FieldIndex kLeafField = 255;

// The child for the values from `low` to just below the next edge's `low`, or to the field's end.
struct Edge {
  std::uint64_t low = 0;
  NodeId child = 0;
  friend bool operator==(const Edge&, const Edge&) = default;
};

struct Node {
  const Edge* first_edge = nullptr;
  std::uint32_t edge_count = 0;
  Leaf leaf = kNone;  // of leaves
  std::uint32_t hash = 0;
  FieldIndex field = kLeafField;

  bool is_leaf() const { return field == kLeafField; }
  std::span<const Edge> edges() const { return {first_edge, edge_count}; }
};

// Calls visit(low, child of a, child of b) for each interval on which neither changes, ascending.
template <class Visit>
// NOLINTNEXTLINE(misc-no-recursion): only through `visit`, which goes to a later field
void for_each_overlap(std::span<const Edge> a, std::span<const Edge> b, const Visit& visit) {
  std::size_t i = 0;
  std::size_t j = 0;
  std::uint64_t low = 0;
  for (;;) {
    visit(low, a[i].child, b[j].child);
    const bool more_a = i + 1 < a.size();
    const bool more_b = j + 1 < b.size();
    if (!more_a && !more_b) return;
    const bool step_a = more_a && (!more_b || a[i + 1].low <= b[j + 1].low);
    const bool step_b = more_b && (!more_a || b[j + 1].low <= a[i + 1].low);
    low = step_a ? a[i + 1].low : b[j + 1].low;
    i += step_a ? 1 : 0;
    j += step_b ? 1 : 0;
  }
}

class NodeTable {
 public:
  // As Store's constructor.
  explicit NodeTable(std::span<const unsigned> widths);

  NodeId leaf(Leaf value);

  // The node of `field` with these edges, where equal neighbours are merged first (in place); the
  // only child if but one is left.
  NodeId intern(FieldIndex field, std::span<Edge> edges);

  const Node& node(NodeId id) const { return nodes_[id >> kChunkBits][id & (kChunkSize - 1)]; }

  // The child of `id`, which tests a field, for a value of that field.
  NodeId child_for(NodeId id, std::uint64_t value) const;

  // The edges of `id` if it tests `field`, else one edge to itself, held by `whole`.
  std::span<const Edge> edges_at(NodeId id, FieldIndex field, Edge& whole) const;

  std::size_t field_count() const { return widths_.size(); }
  unsigned width(FieldIndex field) const { return widths_[field]; }
  std::uint64_t max_value(FieldIndex field) const {
    return ~std::uint64_t{0} >> (64 - widths_[field]);
  }

  std::size_t size() const { return next_id_ - free_ids_.size(); }

  // Frees all nodes but the constant ones above and those reachable from `roots`. Without roots it
  // takes no longer than to make a new table, and keeps memory for the next few nodes.
  void collect(std::span<const NodeId> roots);

 private:
  static constexpr unsigned kChunkBits = 12;
  static constexpr std::size_t kChunkSize = std::size_t{1} << kChunkBits;
  static constexpr unsigned kShardBits = 6;
  static constexpr NodeId kNoNode = ~NodeId{0};

  // Nodes are found, and their shards grow, without a look at others.
  struct Slot {
    NodeId id = kNoNode;
    std::uint32_t hash = 0;
  };
  struct Shard {
    std::vector<Slot> slots;  // none, or a power of two
    std::size_t used = 0;

    void clear();
  };
  struct EdgePool {
    std::vector<std::unique_ptr<Edge[]>> chunks;  // NOLINT(modernize-avoid-c-arrays): run-time size
    std::size_t room = 0;                         // in the last chunk,
    Edge* next = nullptr;                         // from here

    const Edge* keep(std::span<const Edge> edges);
    void clear();
  };

  NodeId find_or_add(const Node& wanted);
  static bool same(const Node& node, const Node& wanted);
  NodeId add(const Node& node);
  void enter(NodeId id);
  void add_constants();
  void clear();
  std::vector<bool> mark(std::span<const NodeId> roots) const;
  Node& mutable_node(NodeId id) { return nodes_[id >> kChunkBits][id & (kChunkSize - 1)]; }

  std::vector<unsigned> widths_;
  std::vector<std::unique_ptr<Node[]>> nodes_;  // NOLINT(modernize-avoid-c-arrays): chunks
  EdgePool edges_;
  std::size_t next_id_ = 0;
  std::vector<NodeId> free_ids_;
  std::array<Shard, 1U << kShardBits> shards_;
};

}  // namespace fabrix::diagram
