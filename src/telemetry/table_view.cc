#include "telemetry/table_view.h"

namespace fabrix::telemetry {

const RouteInfo* TableView::route_of(RouteId id) const {
  const RouteSet* const set = member_ ? table_->set_of(id) : nullptr;
  return set != nullptr ? set->told_to(*member_) : &table_->route_of(id);
}

std::optional<TableView::RouteId> TableView::match_id(const net::IpAddress& address) const {
  const auto id = table_->match_id(address);
  return !id || route_of(*id) != nullptr ? id : covering(*id);
}

std::optional<RouteMatch> TableView::match(const net::IpAddress& address) const {
  const auto whole = table_->match_id(address);
  RouteMatch match;
  return whole && put_match(*whole, match) ? std::optional(match) : std::nullopt;
}

// Of what the member is told.
bool TableView::put_told(RouteId whole, RouteMatch& out) const {
  std::optional<RouteId> id = whole;
  const RouteInfo* route = route_of(whole);
  if (route == nullptr) {
    id = covering(whole);
    if (!id) return false;
    route = route_of(*id);
  }
  // Of what only some are told there are no texts.
  const bool is_best = route == &table_->route_of(*id);
  if (is_best) {
    table_->put_match(*id, out);
  } else {
    out = {.length = table_->length_of(*id), .route = route, .id = *id};
  }
  return true;
}

std::optional<TableView::RouteId> TableView::covering(RouteId id) const {
  std::optional<RouteId> around = table_->covering(table_->prefix_of(id));
  while (around && route_of(*around) == nullptr) {
    around = table_->covering(table_->prefix_of(*around));
  }
  return around;
}

std::size_t TableView::size(net::Family family) const {
  if (!member_) return table_->size(family);
  std::size_t count = 0;
  table_->for_each_within(net::Prefix::all(family), [&](RouteId id) {
    if (route_of(id) != nullptr) ++count;
  });
  return count;
}

}  // namespace fabrix::telemetry
