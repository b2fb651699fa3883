#include "diagram/row_reader.h"

#include <algorithm>
#include <utility>

#include "diagram/memo.h"
#include "diagram/ternary.h"

namespace fabrix::diagram {
namespace {

// Places in lists, for each row there is.
constexpr std::size_t kMaxWorkPerRow = 256;

}  // namespace

std::size_t RowReader::Hash::operator()(const Rest& rest) const noexcept {
  const std::uint64_t hash = scramble(rest.test.bits ^ pair_key(rest.test.field, rest.then));
  return scramble(hash ^ rest.test.mask);
}

std::size_t RowReader::Hash::operator()(const List& list) const noexcept {
  std::uint64_t hash = list.size();
  for (const RestId each : list) hash = scramble(hash ^ each);
  return hash;
}

RowReader::RestId RowReader::intern(const Rest& rest) {
  const auto [found, is_new] = rest_ids_.try_emplace(rest, static_cast<RestId>(rests_.size()));
  if (is_new) rests_.push_back(rest);
  return found->second;
}

RowReader::RestId RowReader::rest_of(const Row& row) {
  RestId rest = intern({.then = row.leaf});
  for (auto test = row.tests.rbegin(); test != row.tests.rend(); ++test) {
    rest = intern({.test = *test, .then = rest});
  }
  return rest;
}

void RowReader::add(List& list, RestId id) {
  if (!list.empty() && (is_certain(list.back()) || list.back() == id)) return;
  list.push_back(id);
  ++work_;
}

std::optional<NodeId> RowReader::read(std::span<const Row> rows, std::uint64_t most) {
  rests_.clear();
  rest_ids_.clear();
  known_.clear();
  work_ = 0;
  most_ = std::min<std::uint64_t>(most, kMaxWorkPerRow * rows.size());
  List all;
  for (const Row& row : rows) add(all, rest_of(row));
  return node_of(all);
}

FieldIndex RowReader::first_field(const List& list) const {
  FieldIndex first = kLeafField;
  for (const RestId each : list) first = std::min(first, rests_[each].test.field);
  return first;
}

// The values at which some test of the field begins to hold, or ceases to.
void RowReader::find_cuts(const List& list, FieldIndex field) {
  const std::uint64_t max = table_.max_value(field);
  std::vector<std::uint64_t>& cuts = splits_.at(field).cuts;
  cuts.assign(1, 0);
  for (const RestId each : list) {
    const TernaryTest& test = rests_[each].test;
    if (test.field != field) continue;
    for_each_interval(test, max, [&](const Interval& interval) {
      cuts.push_back(interval.low);
      if (interval.high != max) cuts.push_back(interval.high + 1);
    });
  }
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
}

// For each piece between two cuts, who may match there. False: that is too much.
bool RowReader::deal(const List& list, FieldIndex field) {
  Split& split = splits_.at(field);
  const std::size_t count = split.cuts.size();
  if (split.pieces.size() < count) split.pieces.resize(count);
  for (std::size_t i = 0; i < count; ++i) split.pieces[i].clear();
  for (const RestId each : list) {
    if (work_ > most_) return false;
    const Rest& rest = rests_[each];
    if (rest.test.field == field) {
      deal_where_it_holds(rest, split);
    } else {
      for (std::size_t i = 0; i < count; ++i) add(split.pieces[i], each);
    }
  }
  return true;
}

// What follows its test, which is of the field that is split.
void RowReader::deal_where_it_holds(const Rest& rest, Split& split) {
  const auto& cuts = split.cuts;
  for_each_interval(rest.test, table_.max_value(rest.test.field), [&](const Interval& interval) {
    const auto from = std::ranges::lower_bound(cuts, interval.low) - cuts.begin();
    for (auto i = static_cast<std::size_t>(from); i < cuts.size() && cuts[i] <= interval.high;
         ++i) {
      add(split.pieces[i], rest.then);
    }
  });
}

// NOLINTBEGIN(misc-no-recursion): each step goes to a later field, of which there are at most 64.

std::optional<NodeId> RowReader::node_of(const List& list) {
  if (list.empty()) return kNoneNode;
  if (is_certain(list.front())) return table_.leaf(rests_[list.front()].then);
  if (const auto known = known_.find(list); known != known_.end()) return known->second;
  const auto node = split(list);
  if (node) known_.emplace(list, *node);
  return node;
}

std::optional<NodeId> RowReader::split(const List& list) {
  const FieldIndex field = first_field(list);
  find_cuts(list, field);
  if (!deal(list, field)) return std::nullopt;
  auto& [cuts, pieces, edges] = splits_.at(field);
  edges.clear();
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool same = i > 0 && pieces[i] == pieces[i - 1];
    const auto child = same ? std::optional(edges.back().child) : node_of(pieces[i]);
    if (!child) return std::nullopt;
    edges.push_back({.low = cuts[i], .child = *child});
  }
  return table_.intern(field, edges);
}

// NOLINTEND(misc-no-recursion)

}  // namespace fabrix::diagram
