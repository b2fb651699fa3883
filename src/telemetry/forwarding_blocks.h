// ForwardingBlocks: which blocks of addresses all go one way by a router's table, so that each can
// be a route in a smaller table with a default route, by itself, and no packet ever goes wrong.
//
// A route is such a block if the routes inside it, if any, have its next hop. Else a packet for one
// of those inside, which is not in the smaller table, would go with the one around it. Of such a
// route the block is what is left around an address: the largest half, quarter and so on of it
// without a part that goes another way. A route inside one with the same next hop needs no block of
// its own. Such blocks never overlap in part: of two, one has the other inside, and then both go
// the same way.
//
// Next hops may be rewritten first. Default routes are no blocks: what remains goes with them.
//
// The parts of a route that go another way are remembered, at most kMaxRemembered. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "net/ip_address.h"
#include "net/prefix.h"
#include "net/prefix_map.h"
#include "telemetry/table_view.h"

namespace fabrix::telemetry {

// A next hop of the table, and where its packets are to be sent.
using NextHopMap = std::map<net::IpAddress, net::IpAddress>;

class ForwardingBlocks {
 public:
  static constexpr std::size_t kMaxRemembered = 1'000'000;

  explicit ForwardingBlocks(NextHopMap rewriting) : rewriting_(std::move(rewriting)) {}

  struct Block {
    net::Prefix prefix;
    net::IpAddress next_hop;
  };

  // The largest one with the address, within the outermost route that goes its way. None: there is
  // no route but a default one, or no next hop.
  std::optional<Block> around(const TableView& view, const net::IpAddress& address);

  struct Way {
    bool has_route = false;                  // around it; not a default one
    std::optional<net::IpAddress> next_hop;  // of all of it; none: there are several, or none
  };
  Way way_of(const TableView& view, const net::Prefix& block) const;

  // Of a prefix the route has changed; or of any.
  void changed(const net::Prefix& prefix);
  void changed_all();

 private:
  using RouteId = TableView::RouteId;

  std::optional<net::IpAddress> next_hop_of(const TableView& view, RouteId id) const;
  RouteId outermost(const TableView& view, RouteId id) const;
  const std::vector<net::Prefix>& others_within(const TableView& view, RouteId id);

  NextHopMap rewriting_;
  net::PrefixMap<std::vector<net::Prefix>> others_;  // within a route; in order
  std::size_t remembered_ = 0;
};

}  // namespace fabrix::telemetry
