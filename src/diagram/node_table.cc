#include "diagram/node_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "diagram/memo.h"

namespace fabrix::diagram {
namespace {

constexpr std::size_t kEdgeChunk = 4096;
constexpr std::size_t kFirstSlots = 16;
constexpr std::size_t kKeptSlots = 64;  // of a shard that is emptied
constexpr FieldIndex kFreeField = 254;  // of ids that denote no node

std::uint32_t hash_of_leaf(Leaf leaf) {
  return static_cast<std::uint32_t>(scramble(leaf));
}

std::uint32_t hash_of_edges(FieldIndex field, std::span<const Edge> edges) {
  std::uint64_t hash = scramble(std::uint64_t{field} << 32 | edges.size());
  for (const Edge& edge : edges) {
    hash = scramble(hash ^ edge.low) + std::uint64_t{edge.child} * 0x9e3779b97f4a7c15;
  }
  return static_cast<std::uint32_t>(scramble(hash));
}

// Drops each edge that leads where the one before leads. The number of edges left.
std::size_t merge_equal_neighbours(std::span<Edge> edges) {
  const auto last = std::unique(edges.begin(), edges.end(),
                                [](const Edge& a, const Edge& b) { return a.child == b.child; });
  return static_cast<std::size_t>(last - edges.begin());
}

}  // namespace

NodeTable::NodeTable(std::span<const unsigned> widths) : widths_(widths.begin(), widths.end()) {
  FABRIX_ASSERT(widths.size() <= kMaxFields);
  for (const unsigned width : widths) FABRIX_ASSERT(width >= 1 && width <= 64);
  add_constants();
}

void NodeTable::add_constants() {
  const NodeId none = leaf(kNone);
  const NodeId always = leaf(kTrue);
  const NodeId hole = add(Node{});  // not in the unique table, so equal to no user's leaf
  FABRIX_ASSERT(none == kNoneNode && always == kTrueNode && hole == kHoleNode);
}

NodeId NodeTable::leaf(Leaf value) {
  return find_or_add(Node{.leaf = value, .hash = hash_of_leaf(value)});
}

NodeId NodeTable::intern(FieldIndex field, std::span<Edge> edges) {
  edges = edges.first(merge_equal_neighbours(edges));
  if (edges.size() == 1) return edges.front().child;
  return find_or_add(Node{.first_edge = edges.data(),
                          .edge_count = static_cast<std::uint32_t>(edges.size()),
                          .hash = hash_of_edges(field, edges),
                          .field = field});
}

NodeId NodeTable::child_for(NodeId id, std::uint64_t value) const {
  const std::span<const Edge> edges = node(id).edges();
  const auto after =
      std::upper_bound(edges.begin(), edges.end(), value,
                       [](std::uint64_t wanted, const Edge& edge) { return wanted < edge.low; });
  return std::prev(after)->child;
}

std::span<const Edge> NodeTable::edges_at(NodeId id, FieldIndex field, Edge& whole) const {
  if (node(id).field == field) return node(id).edges();
  whole = {.low = 0, .child = id};
  return {&whole, 1};
}

NodeId NodeTable::find_or_add(const Node& wanted) {
  Shard& shard = shards_[wanted.hash >> (32 - kShardBits)];
  if (!shard.slots.empty()) {
    const std::size_t mask = shard.slots.size() - 1;
    for (std::size_t i = wanted.hash & mask; shard.slots[i].id != kNoNode; i = (i + 1) & mask) {
      const Slot& slot = shard.slots[i];
      if (slot.hash == wanted.hash && same(node(slot.id), wanted)) return slot.id;
    }
  }
  Node kept = wanted;
  if (!wanted.is_leaf()) kept.first_edge = edges_.keep(wanted.edges());
  const NodeId id = add(kept);
  enter(id);
  return id;
}

bool NodeTable::same(const Node& node, const Node& wanted) {
  return node.field == wanted.field && node.leaf == wanted.leaf &&
         std::ranges::equal(node.edges(), wanted.edges());
}

NodeId NodeTable::add(const Node& node) {
  if (!free_ids_.empty()) {
    const NodeId id = free_ids_.back();
    free_ids_.pop_back();
    mutable_node(id) = node;
    return id;
  }
  FABRIX_ASSERT(next_id_ < kNoNode);
  if (next_id_ == nodes_.size() * kChunkSize) {
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): a chunk
    nodes_.push_back(std::make_unique<Node[]>(kChunkSize));
  }
  const auto id = static_cast<NodeId>(next_id_++);
  mutable_node(id) = node;
  return id;
}

void NodeTable::enter(NodeId id) {
  const std::uint32_t hash = node(id).hash;
  Shard& shard = shards_[hash >> (32 - kShardBits)];
  const auto place = [](std::vector<Slot>& slots, const Slot& entered) {
    const std::size_t mask = slots.size() - 1;
    std::size_t i = entered.hash & mask;
    while (slots[i].id != kNoNode) i = (i + 1) & mask;
    slots[i] = entered;
  };
  if (shard.used * 2 >= shard.slots.size()) {
    std::vector<Slot> larger(shard.slots.empty() ? kFirstSlots : shard.slots.size() * 2);
    for (const Slot& old : shard.slots) {
      if (old.id != kNoNode) place(larger, old);
    }
    shard.slots.swap(larger);
  }
  place(shard.slots, {.id = id, .hash = hash});
  ++shard.used;
}

const Edge* NodeTable::EdgePool::keep(std::span<const Edge> edges) {
  if (edges.size() > room) {
    room = std::max(edges.size(), kEdgeChunk);
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): run-time size
    chunks.push_back(std::make_unique<Edge[]>(room));
    next = chunks.back().get();
  }
  Edge* const kept = next;
  std::ranges::copy(edges, kept);
  next += edges.size();
  room -= edges.size();
  return kept;
}

void NodeTable::EdgePool::clear() {
  if (chunks.empty()) return;
  chunks.resize(1);
  room = kEdgeChunk;  // or more
  next = chunks.front().get();
}

void NodeTable::Shard::clear() {
  if (slots.size() > kKeptSlots) slots = {};
  if (used > 0) std::ranges::fill(slots, Slot{});
  used = 0;
}

std::vector<bool> NodeTable::mark(std::span<const NodeId> roots) const {
  std::vector<bool> live(next_id_, false);
  std::vector<NodeId> pending{kNoneNode, kTrueNode, kHoleNode};
  pending.insert(pending.end(), roots.begin(), roots.end());
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (live[id]) continue;
    live[id] = true;
    for (const Edge& edge : node(id).edges()) pending.push_back(edge.child);
  }
  return live;
}

void NodeTable::clear() {
  for (Shard& shard : shards_) shard.clear();
  edges_.clear();
  nodes_.resize(1);
  free_ids_ = {};
  next_id_ = 0;
  add_constants();
}

void NodeTable::collect(std::span<const NodeId> roots) {
  if (roots.empty()) return clear();
  const std::vector<bool> live = mark(roots);
  const EdgePool old_edges = std::exchange(edges_, EdgePool{});
  for (Shard& shard : shards_) shard.clear();
  free_ids_.clear();
  for (std::size_t i = next_id_; i-- > 0;) {
    const auto id = static_cast<NodeId>(i);
    Node& node = mutable_node(id);
    if (!live[i]) {
      node = Node{.field = kFreeField};
      free_ids_.push_back(id);
      continue;
    }
    if (!node.is_leaf()) node.first_edge = edges_.keep(node.edges());
    if (id != kHoleNode) enter(id);
  }
}

}  // namespace fabrix::diagram
