// Routers: the routes of the routers that are known, whose samples they explain, and how much
// traffic each route has.
//
// Samples of an agent are joined with the table of the router that it is bound to (sFlow-RT's
// bgpAddSource), to the destination as to the source; those of other agents are not.
//
// Bounded: kMaxRouters, kMaxBindings, and what a table may hold. Time is an input. Pure; one
// thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "net/ip_address.h"
#include "telemetry/route_table.h"
#include "telemetry/route_view.h"
#include "telemetry/sample.h"
#include "telemetry/top_prefixes.h"

namespace fabrix::telemetry {

enum class RouteValue : std::uint8_t { kBytes, kFrames };

struct RouterInfo {
  std::uint32_t as = 0;
  std::string id;  // its BGP identifier
  std::string state = "established";
  Time start{};  // when its session began
};

class Routers final : public RouteView {
 public:
  static constexpr std::size_t kMaxRouters = 64;
  static constexpr std::size_t kMaxBindings = 4096;

  struct Router {
    RouterInfo info;
    RouteTable table;
    RouteRates rates{std::chrono::seconds(10)};
    RouteValue value = RouteValue::kBytes;
    std::uint64_t added = 0;  // routes that were learned, and went
    std::uint64_t removed = 0;
  };

  // A router of that address, without routes; what was there is forgotten. False: there are too
  // many.
  bool add_router(const net::IpAddress& router, const RouterInfo& info,
                  std::chrono::duration<double> smoothing = std::chrono::seconds(10),
                  RouteValue value = RouteValue::kBytes);
  bool remove_router(const net::IpAddress& router);
  const Router* find(const net::IpAddress& router) const;

  // Its routes; `route` null: it is gone. False: there is no such router, or no room.
  bool set_route(const net::IpAddress& router, const net::Prefix& prefix, RouteInfoPtr route);

  // From now on the agent's samples are joined with the router's routes. False: too many.
  bool bind(const net::IpAddress& agent, const net::IpAddress& router);

  // Counts a sample for the routes to its destination and source.
  void add(const Sample& sample, Time now);

  std::optional<RouteMatch> to_destination(const Sample& sample,
                                           const net::IpAddress& address) const override;
  std::optional<RouteMatch> to_source(const Sample& sample,
                                      const net::IpAddress& address) const override;
  std::uint32_t own_as(const Sample& sample) const override;

 private:
  const Router* of(const Sample& sample) const;

  std::map<net::IpAddress, Router> routers_;
  std::map<net::IpAddress, net::IpAddress> bindings_;  // agent to router
};

}  // namespace fabrix::telemetry
