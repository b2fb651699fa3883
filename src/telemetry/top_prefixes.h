// The prefixes that most traffic goes to, or comes from: rates by route, and what is asked of them.
//
// A route's rate is a moving average, as a flow's (flow_cache.h): a sample of x adds x/t, and it
// decays as exp(-dt/t). Time is an input. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/large_pages.h"
#include "net/ip_address.h"
#include "telemetry/decay_clock.h"
#include "telemetry/route_table.h"
#include "telemetry/table_view.h"

namespace fabrix::telemetry {

enum class Direction : std::uint8_t {
  kIngress,  // by the route to the packet's source
  kEgress,   // to its destination
};

class RouteRates {
 public:
  // t. Kept here; or in a table, which then outlives them and has the rates of nobody else.
  explicit RouteRates(std::chrono::duration<double> smoothing, RouteTable* table = nullptr)
      : clock_(smoothing), table_(table) {}

  void add(RouteTable::RouteId route, Direction direction, double amount, Time now);
  // What add() will change: asks the memory for it, and does not wait.
  // Where the table has them it has been asked for the route.
  void fetch(RouteTable::RouteId route) const {
    if (route < routes_.size()) __builtin_prefetch(&routes_[route], 1);
  }
  // A second.
  double rate(RouteTable::RouteId route, Direction direction, Time now) const;
  std::chrono::duration<double> smoothing() const { return *clock_.smoothing(); }
  // Its number is another route's from now on.
  void forget(RouteTable::RouteId route);

 private:
  RouteAverages& at(RouteTable::RouteId route);

  DecayClock clock_;
  RouteTable* table_;  // null: they are here
  // In one line of memory.
  struct alignas(32) Averages {
    RouteAverages by_direction;
  };
  std::vector<Averages, LargePages<Averages>> routes_;  // by number
};

struct TopPrefixQuery {
  net::Family family = net::Family::kIpv4;
  std::size_t most = 100;
  double min_value = 0;
  Direction direction = Direction::kEgress;
  unsigned min_length = 0;  // of prefixes; 0: the default route too
  // Tell with each prefix the routes inside it.
  bool include_covered = false;
  // Routes that go where the one around them goes count as that one.
  bool prune_covered = false;
};

struct TopPrefix {
  RouteTable::RouteId route = 0;
  double value = 0;
  std::vector<RouteTable::RouteId> children;  // in prefix order, at most kMaxChildren
};

struct TopPrefixes {
  static constexpr std::size_t kMaxChildren = 1000;

  std::vector<TopPrefix> prefixes;  // the largest first; of equal ones in prefix order
  double total = 0;                 // of all routes of the family
  double top = 0;                   // of those listed
};

TopPrefixes top_prefixes(const TableView& view, const RouteRates& rates,
                         const TopPrefixQuery& query, Time now);

}  // namespace fabrix::telemetry
