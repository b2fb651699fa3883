#include "diagram/first_match.h"

#include <algorithm>

#include "diagram/memo.h"

namespace fabrix::diagram {
namespace {

// Places in lists, for each case there is.
constexpr std::size_t kMaxWorkPerCase = 256;

}  // namespace

std::size_t FirstMatch::Hash::operator()(const List& list) const noexcept {
  std::uint64_t hash = list.size();
  for (const Live& each : list) {
    hash = scramble(hash ^ pair_key(each.when, each.besides)) + each.of;
  }
  return scramble(hash);
}

void FirstMatch::add(List& list, const Live& live) {
  if (live.when == kNoneNode || live.besides == kNoneNode) return;
  if (!list.empty() && is_certain(list.back())) return;
  list.push_back(live);
  ++work_;
}

std::optional<NodeId> FirstMatch::read(std::span<const Case> cases) {
  cases_ = cases;
  work_ = 0;
  known_.clear();
  List all;
  for (std::uint32_t i = 0; i < cases.size(); ++i) {
    add(all, {.of = i, .when = cases[i].when.node, .besides = cases[i].besides.node});
  }
  return node_of(all);
}

FieldIndex FirstMatch::first_field(const List& list) const {
  FieldIndex first = kLeafField;
  for (const Live& each : list) {
    first = std::min({first, table_.node(each.when).field, table_.node(each.besides).field});
  }
  return first;
}

// The values at which what some case asks of the field changes.
void FirstMatch::find_cuts(const List& list, FieldIndex field) {
  std::vector<std::uint64_t>& cuts = splits_[field].cuts;
  cuts.assign(1, 0);
  for (const Live& each : list) {
    for (const NodeId condition : {each.when, each.besides}) {
      const Node& node = table_.node(condition);
      if (node.field != field) continue;
      for (const Edge& edge : node.edges()) cuts.push_back(edge.low);
    }
  }
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
}

// Puts what is left of the case into the lists of all intervals where it may hold.
void FirstMatch::deal(const Live& live, FieldIndex field) {
  const Split& split = splits_[field];
  Edge whole_when;
  Edge whole_besides;
  const auto when = table_.edges_at(live.when, field, whole_when);
  const auto besides = table_.edges_at(live.besides, field, whole_besides);
  Live left{.of = live.of, .when = kNoneNode, .besides = kNoneNode};
  std::size_t from = 0;
  const auto add_up_to = [&](std::size_t to) {
    if (left.when == kNoneNode || left.besides == kNoneNode) return;
    for (std::size_t i = from; i < to; ++i) add(splits_[field].pieces[i], left);
  };
  for_each_overlap(when, besides, [&](std::uint64_t low, NodeId a, NodeId b) {
    const auto next = std::lower_bound(split.cuts.begin(), split.cuts.end(), low);
    const auto at = static_cast<std::size_t>(next - split.cuts.begin());
    add_up_to(at);
    from = at;
    left.when = a;
    left.besides = b;
  });
  add_up_to(split.cuts.size());
}

// NOLINTBEGIN(misc-no-recursion): each step goes to a later field, of which there are at most 64.

std::optional<NodeId> FirstMatch::node_of(const List& list) {
  if (list.empty()) return kNoneNode;
  if (is_certain(list.front())) return table_.leaf(cases_[list.front().of].leaf);
  if (const auto known = known_.find(list); known != known_.end()) return known->second;
  const auto node = split(list);
  if (node) known_.emplace(list, *node);
  return node;
}

std::optional<NodeId> FirstMatch::split(const List& list) {
  const FieldIndex field = first_field(list);
  Split& split = splits_[field];
  find_cuts(list, field);
  const std::size_t count = split.cuts.size();
  if (split.pieces.size() < count) split.pieces.resize(count);
  for (std::size_t i = 0; i < count; ++i) split.pieces[i].clear();
  work_ += count;
  for (const Live& each : list) {
    deal(each, field);
    if (work_ > kMaxWorkPerCase * cases_.size()) return std::nullopt;
  }
  split.edges.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const bool same = i > 0 && split.pieces[i] == split.pieces[i - 1];
    const auto child = same ? std::optional(split.edges.back().child) : node_of(split.pieces[i]);
    if (!child) return std::nullopt;
    split.edges.push_back({.low = split.cuts[i], .child = *child});
  }
  return table_.intern(field, split.edges);
}

// NOLINTEND(misc-no-recursion)

}  // namespace fabrix::diagram
