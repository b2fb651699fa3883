// ExchangeJoin: tells the telemetry engine whose traffic it sees: the members' names and MAC
// addresses, what the route server tells each of them (route_feed.h), which agents are members'
// own, the topology, and where the rows of several switches send what policies steer.
//
// The route server is known to the engine by the exchange's router id, a member's router by its
// first address. Loop's thread only.
#pragma once

#include <memory>
#include <optional>

#include "analyzer/service_thread.h"
#include "controller/controller.h"
#include "daemon/route_feed.h"
#include "daemon/steered_frames.h"
#include "exchange/telemetry_reader.h"
#include "io/event_loop.h"
#include "program/program.h"
#include "telemetry/topology.h"

namespace fabrix::daemon {

// Participants by their ids.
telemetry::Exchange telemetry_exchange(const exchange::Exchange& exchange);

// The fabric's switches with their ports, which are called as the routers are, and the links
// between them; a switch's agent is the one that the configuration says, else it is known by its
// datapath or its host's name. Of a fabric in the kernel one node, which has the exchange's name
// and agent. Nothing of a single switch: only its agent knows its ports.
telemetry::TopologyMap telemetry_topology(const exchange::Exchange& exchange,
                                          const exchange::TelemetrySite& site);

class ExchangeJoin {
 public:
  // Both outlive it.
  ExchangeJoin(io::EventLoop& loop, controller::Controller& controller)
      : loop_(loop), controller_(controller), look_(loop, [this] { look(); }) {}

  // The engine, or the configuration, is this one since; null: there is no engine, and what is
  // said of it is at an end. The engine outlives the join, or the next call.
  void configured(analyzer::ServiceThread* service, const exchange::TelemetrySite& site);

 private:
  void begin();
  void describe(const exchange::TelemetrySite& site);
  void look();

  io::EventLoop& loop_;
  controller::Controller& controller_;
  analyzer::ServiceThread* service_ = nullptr;
  std::optional<RouteFeed> feed_;
  // What the engine was told: one that somebody else has put there since is not touched until the
  // exchange has another.
  telemetry::TopologyMap topology_;
  std::shared_ptr<SteeredFrames> steering_;  // null: there is one switch
  program::ProgramPtr installed_;            // that it was told of
  io::Timer look_;
};

}  // namespace fabrix::daemon
