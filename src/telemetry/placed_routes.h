// PlacedRoutes: keeps a router's table here equal to one elsewhere, whose owner tells it place by
// place what is there now (exchange::Place: a prefix's place is its own while it has routes).
//
// A place may be told any time, in any order, and what it was in between need not be: the table is
// right once each place that changed has been told since. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "net/prefix.h"
#include "telemetry/route_set.h"
#include "telemetry/routers.h"

namespace fabrix::telemetry {

struct PlacedRoute {
  std::uint32_t place = 0;
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  RouteSetPtr set;  // null: there is no prefix with routes
};

class PlacedRoutes {
 public:
  explicit PlacedRoutes(const net::IpAddress& router) : router_(router) {}

  void apply(Routers& routers, std::span<const PlacedRoute> changes);

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  static std::uint32_t& at(std::vector<std::uint32_t>& list, std::uint32_t index);
  void leave(Routers& routers, std::uint32_t place);

  net::IpAddress router_;
  std::vector<std::uint32_t> routes_;  // by place: the number of its route
  std::vector<std::uint32_t> places_;  // by route: its place, the last that was told
};

}  // namespace fabrix::telemetry
