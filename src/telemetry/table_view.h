// TableView: a table of routes as one member of the exchange sees it, or as nobody in particular
// does. What the member is not told is not there, so that the longest match is among the others.
//
// A view: good until the table changes. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "telemetry/members.h"
#include "telemetry/route_table.h"

namespace fabrix::telemetry {

class TableView {
 public:
  using RouteId = RouteTable::RouteId;

  // NOLINTNEXTLINE(google-explicit-constructor): as nobody in particular sees it
  TableView(const RouteTable& table, std::optional<MemberId> member = std::nullopt)
      : table_(&table), member_(member) {}

  const RouteTable& table() const { return *table_; }

  // Null: it is not told.
  const RouteInfo* route_of(RouteId id) const;
  std::optional<RouteId> match_id(const net::IpAddress& address) const;
  std::optional<RouteMatch> match(const net::IpAddress& address) const;
  // The same, where the whole table's is known; false: there is none.
  bool put_match(RouteId whole, RouteMatch& out) const {
    if (member_ && table_->set_of(whole) != nullptr) return put_told(whole, out);
    table_->put_match(whole, out);
    return true;
  }
  // The longest prefix around it.
  std::optional<RouteId> covering(RouteId id) const;

  // How many there are. O(n) for a member.
  std::size_t size(net::Family family) const;

 private:
  bool put_told(RouteId whole, RouteMatch& out) const;

  const RouteTable* table_;
  std::optional<MemberId> member_;
};

}  // namespace fabrix::telemetry
