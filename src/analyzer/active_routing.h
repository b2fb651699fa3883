// ActiveRouting: keeps the routes that carry most traffic installed where the configuration says
// (exchange.telemetry.active_routes): what is chosen (telemetry/active_routes.h) is done there, and
// what is there is compared with it, at the beginning and every kLook.
//
// What an earlier process left is adopted. When one is not wanted any more, or this ends in good
// order, its routes go. Loop's thread only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analyzer/route_target.h"
#include "base/result.h"
#include "exchange/active_route_reader.h"
#include "speaker/speaker.h"
#include "telemetry/active_routes.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

class ActiveRouteSet {
 public:
  static constexpr std::chrono::seconds kLook{10};

  // The engine outlives it, and has no other watcher of this router.
  ActiveRouteSet(telemetry::Engine& engine, const exchange::ActiveRouteSite& site,
                 std::unique_ptr<RouteTarget> target);
  ~ActiveRouteSet();
  ActiveRouteSet(const ActiveRouteSet&) = delete;
  ActiveRouteSet& operator=(const ActiveRouteSet&) = delete;
  ActiveRouteSet(ActiveRouteSet&&) = delete;
  ActiveRouteSet& operator=(ActiveRouteSet&&) = delete;

  // Time has passed; to be called about ten times a second.
  void tick(telemetry::Time now);

  // Removes its routes.
  void withdraw();

  const exchange::ActiveRouteSite& site() const { return site_; }
  const telemetry::ActiveRoutes& routes() const { return routes_; }
  // Whether the router has routes to choose from.
  bool has_table() const;
  // Why something could not be done lately; empty: it could.
  const std::string& trouble() const { return trouble_; }

 private:
  void look(telemetry::Time now);
  void change(std::span<const telemetry::RouteChange> changes, telemetry::Time now);
  void complain(const std::string& trouble);

  telemetry::Engine& engine_;
  exchange::ActiveRouteSite site_;
  std::unique_ptr<RouteTarget> target_;
  telemetry::ActiveRoutes routes_;
  bool has_begun_ = false;
  telemetry::Time looked_{};
  std::string trouble_;
};

class ActiveRouting {
 public:
  // The engine outlives it, so does the speaker; null: nothing is told by BGP.
  explicit ActiveRouting(telemetry::Engine& engine, speaker::Speaker* speaker = nullptr)
      : engine_(engine), speaker_(speaker) {}
  ~ActiveRouting();
  ActiveRouting(const ActiveRouting&) = delete;
  ActiveRouting& operator=(const ActiveRouting&) = delete;
  ActiveRouting(ActiveRouting&&) = delete;
  ActiveRouting& operator=(ActiveRouting&&) = delete;

  // These are wanted from now on. What cannot be had is told, and then all stays as it was.
  Result<void> configure(const std::vector<exchange::ActiveRouteSite>& sites);

  void tick(telemetry::Time now);

  const std::vector<std::unique_ptr<ActiveRouteSet>>& sets() const { return sets_; }
  // Null: there is none of this name.
  const ActiveRouteSet* find(std::string_view name) const;

 private:
  Result<std::unique_ptr<RouteTarget>> target_of(const exchange::ActiveRouteSite& site) const;

  telemetry::Engine& engine_;
  speaker::Speaker* speaker_;
  std::vector<std::unique_ptr<ActiveRouteSet>> sets_;
};

}  // namespace fabrix::analyzer
