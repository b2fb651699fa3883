// TableCensus: counts that only a walk over the whole table can tell: which routes are the best of
// their prefix, which are refused and why.
//
// A census runs in slices of about a millisecond from the loop, so nobody waits; what it tells is
// as old as the last one. It begins when somebody looks at the result of one that is older than
// kRest, so an exchange that nobody looks at has none. The sums are of no one moment: each prefix
// counts as it was when its turn came. Loop's thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "io/event_loop.h"
#include "routeserver/reject_reason.h"
#include "routeserver/route_server.h"

namespace fabrix::daemon {

struct CensusCounts {
  using OfFamilies = std::array<std::uint64_t, 2>;  // IPv4, IPv6

  OfFamilies prefixes{};              // with an accepted route
  std::vector<OfFamilies> preferred;  // by PeerId
  std::array<std::uint64_t, routeserver::kRejectReasons> refused{};

  std::uint64_t preferred_of(routeserver::PeerId peer, net::Family family) const;
};

// The place of a family in OfFamilies.
constexpr std::size_t index_of(net::Family family) {
  return family == net::Family::kIpv4 ? 0 : 1;
}

class TableCensus {
 public:
  static constexpr std::chrono::seconds kRest{10};

  // The route server must outlive the census.
  TableCensus(io::EventLoop& loop, const routeserver::RouteServer& server);

  // The last complete one, all zero before; asks for the next when it is old.
  const CensusCounts& counts();

 private:
  void slice();
  void count(const net::Prefix& prefix);

  const routeserver::RouteServer& server_;
  io::Timer turn_;
  CensusCounts counts_;
  std::optional<io::Clock::time_point> done_;
  CensusCounts next_;
  std::uint32_t cursor_ = 0;
};

}  // namespace fabrix::daemon
