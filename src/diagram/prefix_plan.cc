#include "diagram/prefix_plan.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::diagram {
namespace {

// What a block of values costs when the longest prefix around it has a certain label.
struct Inherited {
  Label label = 0;
  std::uint64_t cost = 0;
};

// A node of the binary tree of values: a block of values, and its costs.
struct Block {
  std::uint64_t low = 0;
  std::uint64_t span = 0;       // high - low, all ones
  std::size_t children = 0;     // index of the lower half, then the upper; 0: one segment
  std::size_t cheap_begin = 0;  // the labels that make it cheaper than `best`, ascending
  std::size_t cheap_end = 0;
  std::uint64_t best = 0;       // with a prefix for the block itself,
  Label best_label = 0;         // of this label
  std::uint64_t uncovered = 0;  // with no prefix around it
};

class Planner {
 public:
  Planner(std::span<const Segment> segments, std::span<const LabelCost> costs)
      : segments_(segments), costs_(costs) {}

  PrefixPlan plan(std::uint64_t max) {
    max_ = max;
    blocks_.push_back({.low = 0, .span = max});
    weigh(0, segments_);
    choose(0, kNoPrefix);
    return std::move(plan_);
  }

 private:
  void weigh(std::size_t index, std::span<const Segment> segments);
  void weigh_segment(Block& block, Label label);
  void weigh_halves(Block& block, const Block& lower, const Block& upper);
  void consider(Block& block, Label label, std::uint64_t cost);
  std::uint64_t cost_under(const Block& block, Label label) const;
  void choose(std::size_t index, std::size_t prefix);
  bool needs_prefix(const Block& block, std::size_t prefix) const;

  std::span<const Segment> segments_;
  std::span<const LabelCost> costs_;
  std::uint64_t max_ = 0;
  std::vector<Block> blocks_;
  std::vector<Inherited> cheap_;  // of all blocks, one after the other
  PrefixPlan plan_;
};

// NOLINTBEGIN(misc-no-recursion): each step goes one bit deeper, at most 64.

// `segments` are those that overlap the block.
void Planner::weigh(std::size_t index, std::span<const Segment> segments) {
  if (segments.size() == 1) {
    weigh_segment(blocks_[index], segments.front().label);
    return;
  }
  const std::uint64_t low = blocks_[index].low;
  const std::uint64_t half = blocks_[index].span / 2;
  const std::uint64_t middle = low + half + 1;
  const std::size_t lower = blocks_.size();
  blocks_[index].children = lower;
  blocks_.push_back({.low = low, .span = half});
  blocks_.push_back({.low = middle, .span = half});
  const auto split = std::ranges::lower_bound(segments, middle, {}, &Segment::low);
  const auto below = static_cast<std::size_t>(split - segments.begin());
  const bool cut_here = split != segments.end() && split->low == middle;
  weigh(lower, segments.first(below));
  weigh(lower + 1, segments.subspan(cut_here ? below : below - 1));
  weigh_halves(blocks_[index], blocks_[lower], blocks_[lower + 1]);
}

void Planner::choose(std::size_t index, std::size_t prefix) {
  const Block& block = blocks_[index];
  const bool chosen = needs_prefix(block, prefix);
  if (chosen) {
    plan_.prefixes.push_back({.bits = block.low,
                              .mask = max_ & ~block.span,
                              .label = block.best_label,
                              .parent = prefix});
    prefix = plan_.prefixes.size() - 1;
  }
  if (block.children != 0) {
    choose(block.children, prefix);
    choose(block.children + 1, prefix);
  } else {
    plan_.pieces.push_back({.low = block.low, .prefix = prefix});
  }
  if (chosen) plan_.match_order.push_back(prefix);
}

// NOLINTEND(misc-no-recursion)

void Planner::weigh_segment(Block& block, Label label) {
  block.cheap_begin = cheap_.size();
  cheap_.push_back({.label = label, .cost = 0});
  block.cheap_end = cheap_.size();
  block.best = costs_[label].weight;
  block.best_label = label;
  block.uncovered = costs_[label].free ? 0 : costs_[label].weight;
}

void Planner::consider(Block& block, Label label, std::uint64_t cost) {
  cheap_.push_back({.label = label, .cost = cost});
  if (cost + costs_[label].weight >= block.best) return;
  block.best = cost + costs_[label].weight;
  block.best_label = label;
}

void Planner::weigh_halves(Block& block, const Block& lower, const Block& upper) {
  block.cheap_begin = cheap_.size();
  block.best = ~std::uint64_t{0};
  std::size_t a = lower.cheap_begin;
  std::size_t b = upper.cheap_begin;
  while (a < lower.cheap_end || b < upper.cheap_end) {
    const bool from_lower =
        a < lower.cheap_end && (b == upper.cheap_end || cheap_[a].label <= cheap_[b].label);
    const bool from_upper =
        b < upper.cheap_end && (a == lower.cheap_end || cheap_[b].label <= cheap_[a].label);
    const Label label = from_lower ? cheap_[a].label : cheap_[b].label;
    const std::uint64_t cost =
        (from_lower ? cheap_[a].cost : lower.best) + (from_upper ? cheap_[b].cost : upper.best);
    consider(block, label, cost);
    a += from_lower ? 1 : 0;
    b += from_upper ? 1 : 0;
  }
  const auto begin = cheap_.begin() + static_cast<std::ptrdiff_t>(block.cheap_begin);
  const auto dear = [&block](const Inherited& each) { return each.cost >= block.best; };
  cheap_.erase(std::remove_if(begin, cheap_.end(), dear), cheap_.end());
  block.cheap_end = cheap_.size();
  block.uncovered = std::min(lower.uncovered, lower.best) + std::min(upper.uncovered, upper.best);
}

std::uint64_t Planner::cost_under(const Block& block, Label label) const {
  const auto cheap =
      std::span(cheap_).subspan(block.cheap_begin, block.cheap_end - block.cheap_begin);
  const auto found = std::ranges::lower_bound(cheap, label, {}, &Inherited::label);
  return found != cheap.end() && found->label == label ? found->cost : block.best;
}

// On a tie: where nothing is around the block yet, a prefix for all of it, since that leaves fewer
// tests below. Elsewhere none, since weights are those of prefixes that are not nested.
bool Planner::needs_prefix(const Block& block, std::size_t prefix) const {
  if (prefix == kNoPrefix) return block.best <= block.uncovered;
  const Label label = plan_.prefixes[prefix].label;
  if (block.children == 0) return label != block.best_label;
  const Block& lower = blocks_[block.children];
  const Block& upper = blocks_[block.children + 1];
  return cost_under(lower, label) + cost_under(upper, label) > block.best;
}

}  // namespace

PrefixPlan plan_prefixes(std::span<const Segment> segments, std::span<const LabelCost> costs,
                         std::uint64_t max) {
  FABRIX_ASSERT(!segments.empty() && segments.front().low == 0);
  return Planner(segments, costs).plan(max);
}

}  // namespace fabrix::diagram
