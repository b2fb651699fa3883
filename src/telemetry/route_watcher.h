// RouteWatcher: who is told what goes on with one router's routes (Routers::watch()).
//
// An interface, called on the engine's thread.
#pragma once

#include "net/ip_address.h"
#include "net/prefix.h"
#include "telemetry/flow_cache.h"
#include "telemetry/table_view.h"

namespace fabrix::telemetry {

class RouteWatcher {
 public:
  RouteWatcher() = default;
  virtual ~RouteWatcher() = default;
  RouteWatcher(const RouteWatcher&) = delete;
  RouteWatcher& operator=(const RouteWatcher&) = delete;
  RouteWatcher(RouteWatcher&&) = delete;
  RouteWatcher& operator=(RouteWatcher&&) = delete;

  // A sample, of so many octets with its sampling rate, goes to this address by the router's table.
  virtual void routed(const TableView& view, const net::IpAddress& destination, double octets,
                      Time now) = 0;

  // The prefix has another route than before, or none.
  virtual void changed(const net::Prefix& prefix) = 0;

  // So may all have.
  virtual void changed_all() = 0;
};

}  // namespace fabrix::telemetry
