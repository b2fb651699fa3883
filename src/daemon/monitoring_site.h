// MonitoringSite: everything through which people and other programs look at a running exchange, as
// exchange.route_server.monitoring says.
//
//   http   /metrics, /livez, /readyz, /healthz and the birdwatcher API: at /birdwatcher and at the
//          root (both families), at /ipv4 and /ipv6 (one family: Alice-LG has a source for each)
//   bmp    a connection to each station (RFC 7854), with statistics once a minute
//   mrt    DIRECTORY/rib.20260504.1000.mrt every table_interval and
//          DIRECTORY/updates.20260504.1000.mrt every updates_interval (RFC 6396), both at multiples
//          of their interval in UTC
//
// Where nothing is configured nothing runs but the watch, which looks at nothing while nobody
// observes. Destroying the site says to the stations that monitoring ends; dumps under way are
// given up. Loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/metrics.h"
#include "base/result.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "daemon/session_watch.h"
#include "io/event_loop.h"
#include "rpki/rpki_state.h"

namespace fabrix::daemon {

// What is looked at. The controller and the BGP server outlive the site.
struct MonitoredParts {
  controller::Controller* controller = nullptr;
  const controller::BgpServer* bgp = nullptr;
  std::function<rpki::RpkiStatus()> rpki_status = {};  // empty: there is no RPKI data
  std::function<bool()> is_switch_connected = {};
  std::function<api::FabricParts()> fabric_parts = {};
  std::function<std::optional<api::SflowMetrics>()> sflow = {};
  api::BuildInfo build = {};
  std::string directory = {};  // what the configuration's paths are relative to
};

class MonitoringSite {
 public:
  // Fails if the HTTP port or the MRT directory cannot be had.
  static Result<std::unique_ptr<MonitoringSite>> start(io::EventLoop& loop, MonitoredParts parts);
  ~MonitoringSite();
  MonitoringSite(const MonitoringSite&) = delete;
  MonitoringSite& operator=(const MonitoringSite&) = delete;
  MonitoringSite(MonitoringSite&&) = delete;
  MonitoringSite& operator=(MonitoringSite&&) = delete;

  // Another configuration is in use: what differs in monitoring is changed, the rest goes on. What
  // cannot be had, such as a port, stays as it was; this is why.
  std::vector<Error> configured();
  // One was refused: for the numbers.
  void refused();

  // What sessions do, for further observers.
  SessionWatch& watch();

 private:
  class Impl;
  explicit MonitoringSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::daemon
