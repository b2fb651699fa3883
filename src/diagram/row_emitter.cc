#include "diagram/row_emitter.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "diagram/row_sharing.h"

namespace fabrix::diagram {
namespace {

constexpr std::uint32_t kNothing = 0;  // the emission without rows
constexpr Label kNoLabel = ~Label{0};
constexpr std::uint64_t kMaxWeight = std::uint64_t{1} << 32;

// How many groups may be weighed before what lies below is no longer looked at, which makes the
// rest linear in the diagram.
constexpr std::size_t kSharingWork = std::size_t{1} << 21;

// A segment's part in a plan of prefixes, which has a block for each bit of the field.
constexpr std::size_t kStepsOfSegment = 16;

// Before sharing; a diagram that needs more is beyond every target's tables.
constexpr std::uint64_t kMostRows = std::uint64_t{1} << 22;
// Sharing is not expected to divide the rows by more than this.
constexpr std::size_t kSharingGain = 4;

std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

// Numbers keys in the order of their first appearance. Most nodes have few children.
class GroupIndex {
 public:
  Label label_of(std::uint64_t key) {
    const std::ptrdiff_t few = std::min(std::ssize(keys_), kFew);
    const auto found = std::find(keys_.begin(), keys_.begin() + few, key);
    if (found != keys_.begin() + few) return static_cast<Label>(found - keys_.begin());
    if (few == kFew) {
      if (!many_) many_ = std::make_unique<Memo>();
      if (const auto known = many_->find(key)) return *known;
      many_->insert(key, static_cast<Label>(keys_.size()));
    }
    keys_.push_back(key);
    return static_cast<Label>(keys_.size() - 1);
  }

 private:
  static constexpr std::ptrdiff_t kFew = 16;

  std::vector<std::uint64_t> keys_;
  std::unique_ptr<Memo> many_;  // of the labels from kFew on
};

}  // namespace

std::optional<std::vector<Row>> RowEmitter::all_rows(NodeId root, NodeId below, std::size_t limit) {
  const EmissionId emission = emit(root, below);
  if (operations_.is_spent()) return std::nullopt;
  const std::size_t most = limit < kMostRows / kSharingGain ? limit * kSharingGain : kMostRows;
  if (emissions_[emission].count > most) return std::nullopt;
  std::vector<Row> out;
  out.reserve(emissions_[emission].count);
  std::vector<TernaryTest> tests;
  expand(emission, tests, out);
  return out;
}

std::optional<std::vector<Row>> RowEmitter::rows(NodeId root, std::size_t limit) {
  auto out = all_rows(root, kHoleNode, limit);
  if (!out) return std::nullopt;
  share_rows(*out, operations_.budget());
  if (operations_.is_spent() || out->size() > limit) return std::nullopt;
  FABRIX_ASSERT(out->back().tests.empty());
  return out;
}

// Not shared: that is for lists whose last row matches everything.
std::optional<std::vector<Row>> RowEmitter::rows(NodeId root, NodeId below, std::size_t limit) {
  auto out = all_rows(root, below, limit);
  if (!out || out->size() > limit) return std::nullopt;
  return out;
}

// NOLINTBEGIN(misc-no-recursion): each step goes to a later field, of which there are at most 64,
// or to the hole below, once per field.

RowEmitter::EmissionId RowEmitter::emit(NodeId node, NodeId below) {
  if (node == below) return kNothing;
  if (operations_.is_spent()) return kNothing;
  if (work_ > kSharingWork) below = kHoleNode;
  if (const auto known = memo_.find(pair_key(node, below))) return *known;
  const EmissionId best = table_.node(node).is_leaf() ? emit_leaf(node) : emit_split(node, below);
  memo_.insert(pair_key(node, below), best);
  return best;
}

// The group with the fewest rows of its own: others may turn out to be exceptions to it. The one
// with the most values on a tie.
Label RowEmitter::simplest(const Split& split) {
  const auto rank = [&](Label label) {
    const Group& group = split.groups[label];
    return std::pair(emissions_[emit(group.node, kHoleNode)].count, ~group.values);
  };
  Label found = 0;
  for (Label label = 1; label < split.groups.size(); ++label) {
    if (rank(label) < rank(found)) found = label;
  }
  return found;
}

// The weights of the plan are the groups' rows above the simplest group, or above nothing new where
// some groups are right already. That is where most will stand; the plan need not put them there.
RowEmitter::EmissionId RowEmitter::emit_split(NodeId node, NodeId below) {
  const Split split = split_values(node, below);
  work_ += split.groups.size();
  if (!operations_.spend(kStepsOfSegment * split.segments.size())) return kNothing;
  const bool some_are_right = std::ranges::any_of(
      split.groups, [](const Group& group) { return group.node == group.below; });
  const Label last = some_are_right ? kNoLabel : simplest(split);
  NodeId effect = kHoleNode;
  if (last != kNoLabel) {
    effect = emissions_[emit(split.groups[last].node, split.groups[last].below)].effect;
  }
  std::vector<LabelCost> costs(split.groups.size());
  std::vector<Label> merged(split.groups.size());
  for (Label label = 0; label < split.groups.size(); ++label) {
    const Group& group = split.groups[label];
    const std::uint64_t rows = rows_above(group, label == last ? kHoleNode : effect);
    costs[label].weight = std::clamp<std::uint64_t>(rows, 1, kMaxWeight);
    costs[label].free = group.node == group.below;
    const bool comes_right_above_last = rows == 0 && last != kNoLabel;
    merged[label] = comes_right_above_last ? last : label;
  }
  std::vector<Segment> segments = split.segments;
  for (Segment& segment : segments) segment.label = merged[segment.label];
  const std::uint64_t max = table_.max_value(split.field);
  if (const auto done = follow(split, plan_prefixes(segments, costs, max))) return *done;
  // A group that comes right by itself above `last` did not where the plan has put it.
  const auto done = follow(split, plan_prefixes(split.segments, costs, max));
  FABRIX_ASSERT(done.has_value() || operations_.is_spent());
  return done.value_or(kNothing);
}

std::uint64_t RowEmitter::rows_above(const Group& group, NodeId effect) {
  const bool right_already = effect == kHoleNode && group.node == group.below;
  const NodeId below = right_already ? kHoleNode : operations_.fill(effect, group.below);
  return emissions_[emit(group.node, below)].count;
}

// The rows of the plan's prefixes. None if they do not mean what they should.
std::optional<RowEmitter::EmissionId> RowEmitter::follow(const Split& split,
                                                         const PrefixPlan& plan) {
  std::vector<EmissionId> emitted;
  std::vector<NodeId> effects;
  for (const PlannedPrefix& prefix : plan.prefixes) {
    const NodeId around = prefix.parent == kNoPrefix ? kHoleNode : effects[prefix.parent];
    const Group& group = split.groups[prefix.label];
    emitted.push_back(emit(group.node, operations_.fill(around, group.below)));
    effects.push_back(operations_.fill(emissions_[emitted.back()].effect, around));
  }
  std::vector<Edge> edges;
  edges.reserve(plan.pieces.size());
  for (const PlannedPiece& piece : plan.pieces) {
    const NodeId effect = piece.prefix == kNoPrefix ? kHoleNode : effects[piece.prefix];
    edges.push_back({.low = piece.low, .child = effect});
  }
  if (!is_right(split, edges)) return std::nullopt;

  Emission emission{.field = split.field};
  for (const std::size_t i : plan.match_order) {
    if (emitted[i] == kNothing) continue;
    const PlannedPrefix& prefix = plan.prefixes[i];
    emission.parts.push_back({.bits = prefix.bits, .mask = prefix.mask, .emission = emitted[i]});
    emission.count = saturated_sum(emission.count, emissions_[emitted[i]].count);
  }
  emission.effect = table_.intern(split.field, edges);
  return add(std::move(emission));
}

void RowEmitter::expand(EmissionId id, std::vector<TernaryTest>& tests,
                        std::vector<Row>& out) const {
  const Emission& emission = emissions_[id];
  if (emission.parts.empty() && emission.count == 1) {
    out.push_back({.tests = tests, .leaf = emission.leaf});
  }
  for (const Part& part : emission.parts) {
    if (part.mask != 0) {
      tests.push_back({.field = emission.field, .bits = part.bits, .mask = part.mask});
    }
    expand(part.emission, tests, out);
    if (part.mask != 0) tests.pop_back();
  }
}

// NOLINTEND(misc-no-recursion)

RowEmitter::EmissionId RowEmitter::emit_leaf(NodeId node) {
  return add({.leaf = table_.node(node).leaf, .effect = node, .count = 1});
}

RowEmitter::Split RowEmitter::split_values(NodeId node, NodeId below) const {
  Split split{.field = std::min(table_.node(node).field, table_.node(below).field)};
  GroupIndex index;
  Edge whole_node;
  Edge whole_below;
  for_each_overlap(table_.edges_at(node, split.field, whole_node),
                   table_.edges_at(below, split.field, whole_below),
                   [&](std::uint64_t low, NodeId child, NodeId child_below) {
                     const std::uint64_t key = pair_key(child, child_below);
                     const Label label = index.label_of(key);
                     if (label == split.groups.size()) {
                       split.groups.push_back({.node = child, .below = child_below});
                     }
                     split.segments.push_back({.low = low, .label = label});
                   });
  for (std::size_t i = 0; i < split.segments.size(); ++i) {
    const bool is_last = i + 1 == split.segments.size();
    const std::uint64_t high =
        is_last ? table_.max_value(split.field) : split.segments[i + 1].low - 1;
    Group& group = split.groups[split.segments[i].label];
    group.values += high - split.segments[i].low;
  }
  return split;
}

// Whether every group comes out as it should, with these effects above what lies below it.
bool RowEmitter::is_right(const Split& split, std::span<const Edge> effects) {
  std::size_t segment = 0;
  for (const Edge& piece : effects) {
    while (segment + 1 < split.segments.size() && split.segments[segment + 1].low <= piece.low) {
      ++segment;
    }
    const Group& group = split.groups[split.segments[segment].label];
    if (operations_.fill(piece.child, group.below) != group.node) return false;
  }
  return true;
}

RowEmitter::EmissionId RowEmitter::add(Emission emission) {
  emissions_.push_back(std::move(emission));
  return static_cast<EmissionId>(emissions_.size() - 1);
}

}  // namespace fabrix::diagram
