// ExchangeTelemetry: what a running exchange sees of its own traffic, as exchange.telemetry and
// exchange.sflow say: an engine (telemetry_host.h) that knows the members and their routes
// (exchange_join.h), fed in process by the fabric's sampler (sflow_export.h) if that is ours: a
// switch has one of its own.
//
// Loop's thread only. The controller and the fabric outlive it.
#pragma once

#include <optional>

#include "api/metrics.h"
#include "base/result.h"
#include "controller/controller.h"
#include "daemon/exchange_join.h"
#include "daemon/sflow_export.h"
#include "daemon/telemetry_host.h"
#include "exchange/telemetry_reader.h"
#include "fabric/fabric.h"
#include "io/event_loop.h"

namespace fabrix::daemon {

class ExchangeTelemetry {
 public:
  ExchangeTelemetry(io::EventLoop& loop, controller::Controller& controller,
                    fabric::Fabric& fabric);

  // The controller's exchange is another one, or the first, and this is wanted. Fails if an
  // endpoint cannot be had: then the engine stays as it was. That the fabric takes no samples is
  // said in the log.
  Result<void> configured(const exchange::TelemetrySite& site);

  // What was wanted last.
  const exchange::TelemetrySite& site() const { return host_.site(); }
  std::optional<api::SflowMetrics> sflow() const { return sflow_.metrics(); }

 private:
  void feed();

  const controller::Controller& controller_;
  TelemetryHost host_;
  ExchangeJoin join_;
  SflowExport sflow_;
};

}  // namespace fabrix::daemon
