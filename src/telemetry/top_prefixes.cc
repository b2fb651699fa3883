#include "telemetry/top_prefixes.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace fabrix::telemetry {
namespace {

using RouteId = RouteTable::RouteId;
using Values = std::unordered_map<RouteId, double>;
using Shares = std::vector<std::pair<RouteId, double>>;

// The route around this one goes the same way.
std::optional<RouteId> same_cover(const TableView& view, RouteId route) {
  const auto cover = view.covering(route);
  if (!cover || view.route_of(*cover)->next_hop != view.route_of(route)->next_hop) {
    return std::nullopt;
  }
  return cover;
}

// Each to its cover, if they go the same way; else it is kept.
void pass_on(const TableView& view, const Shares& shares, std::vector<Shares>& by_length,
             Values& kept) {
  for (const auto& [route, value] : shares) {
    if (const auto cover = same_cover(view, route)) {
      by_length[view.table().prefix_of(*cover).length()].emplace_back(*cover, value);
    } else {
      kept[route] += value;
    }
  }
}

// The longest first, so that what a cover is given goes on to its own cover.
Values pruned(const TableView& view, const Values& values) {
  const RouteTable& table = view.table();
  std::vector<Shares> by_length(129);
  for (const auto& [route, value] : values) {
    by_length[table.prefix_of(route).length()].emplace_back(route, value);
  }
  Values kept;
  for (std::size_t length = by_length.size(); length-- > 0;) {
    pass_on(view, by_length[length], by_length, kept);
  }
  return kept;
}

std::vector<RouteId> children_of(const TableView& view, RouteId parent, bool prune) {
  std::vector<RouteId> children;
  view.table().for_each_within(view.table().prefix_of(parent), [&](RouteId route) {
    if (route == parent || children.size() == TopPrefixes::kMaxChildren) return;
    if (view.route_of(route) == nullptr || (prune && same_cover(view, route))) return;
    children.push_back(route);
  });
  return children;
}

}  // namespace

RouteAverages& RouteRates::at(RouteId route) {
  if (table_ != nullptr) return table_->averages_of(route);
  if (route >= routes_.size()) routes_.resize(route + 1);
  return routes_[route].by_direction;
}

void RouteRates::add(RouteId route, Direction direction, double amount, Time now) {
  clock_.advance(now);
  RouteAverage& average = at(route)[static_cast<std::size_t>(direction)];
  if (average.landmark != clock_.landmark()) {
    average.weight *= clock_.decay(clock_.landmark() - average.landmark);
    average.landmark = clock_.landmark();
  }
  average.weight += amount * clock_.unit();
}

double RouteRates::rate(RouteId route, Direction direction, Time now) const {
  if (table_ == nullptr && route >= routes_.size()) return 0;
  const RouteAverages& averages =
      table_ != nullptr ? table_->averages_of(route) : routes_[route].by_direction;
  const RouteAverage& average = averages[static_cast<std::size_t>(direction)];
  return average.weight * clock_.decay(now - average.landmark);
}

void RouteRates::forget(RouteId route) {
  if (table_ != nullptr || route < routes_.size()) at(route) = {};
}

TopPrefixes top_prefixes(const TableView& view, const RouteRates& rates,
                         const TopPrefixQuery& query, Time now) {
  const RouteTable& table = view.table();
  TopPrefixes result;
  Values values;
  table.for_each_within(net::Prefix::all(query.family), [&](RouteId route) {
    // It may have been told until a moment ago.
    const bool is_told = view.route_of(route) != nullptr;
    const double value = is_told ? rates.rate(route, query.direction, now) : 0;
    if (value > 0) values.emplace(route, value);
    result.total += value;
  });
  if (query.prune_covered) values = pruned(view, values);
  for (const auto& [route, value] : values) {
    if (table.prefix_of(route).length() < query.min_length || value < query.min_value) continue;
    result.prefixes.push_back({.route = route, .value = value, .children = {}});
  }
  std::ranges::sort(result.prefixes, [&](const TopPrefix& left, const TopPrefix& right) {
    if (left.value != right.value) return left.value > right.value;
    return table.prefix_of(left.route) < table.prefix_of(right.route);
  });
  if (result.prefixes.size() > query.most) result.prefixes.resize(query.most);
  for (TopPrefix& prefix : result.prefixes) {
    result.top += prefix.value;
    if (query.include_covered) {
      prefix.children = children_of(view, prefix.route, query.prune_covered);
    }
  }
  return result;
}

}  // namespace fabrix::telemetry
