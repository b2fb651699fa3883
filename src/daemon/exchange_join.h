// ExchangeJoin: tells the telemetry engine whose traffic it sees: the members' names and MAC
// addresses, what the route server tells each of them (route_feed.h), and which agents are members'
// own.
//
// The route server is known to the engine by the exchange's router id, a member's router by its
// first address. Loop's thread only.
#pragma once

#include <optional>

#include "analyzer/service_thread.h"
#include "controller/controller.h"
#include "daemon/route_feed.h"
#include "exchange/telemetry_reader.h"
#include "io/event_loop.h"

namespace fabrix::daemon {

// Participants by their ids.
telemetry::Exchange telemetry_exchange(const exchange::Exchange& exchange);

class ExchangeJoin {
 public:
  // Both outlive it.
  ExchangeJoin(io::EventLoop& loop, controller::Controller& controller)
      : loop_(loop), controller_(controller) {}

  // The engine, or the configuration, is this one since; null: there is no engine, and what is
  // said of it is at an end. The engine outlives the join, or the next call.
  void configured(analyzer::ServiceThread* service, const exchange::TelemetrySite& site);

 private:
  void begin();
  void describe(const exchange::TelemetrySite& site);

  io::EventLoop& loop_;
  controller::Controller& controller_;
  analyzer::ServiceThread* service_ = nullptr;
  std::optional<RouteFeed> feed_;
};

}  // namespace fabrix::daemon
