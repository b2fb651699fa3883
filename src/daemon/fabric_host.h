// FabricHost: what carries the traffic of a running exchange: a switch, or several, that connect by
// OpenFlow, or the interfaces of this machine.
//
// The configuration says which (`fabric`), and the command line may say otherwise. When the host
// goes, a switch and the Linux fabric go on forwarding. Loop's thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/metrics.h"
#include "base/result.h"
#include "controller/linux_fabric.h"
#include "controller/openflow_network_server.h"
#include "controller/openflow_server.h"
#include "daemon/fail_mode_watch.h"
#include "exchange/exchange.h"
#include "exchange/fabric_attach.h"
#include "exchange/fabric_ties.h"
#include "exchange/stream_address.h"
#include "fabric/fabric.h"
#include "fabric/openflow_fabric.h"
#include "fabric/openflow_network.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "net/ids.h"

namespace fabrix::daemon {

// What the command line says of the fabric, and where a switch connects.
struct FabricChoice {
  std::optional<exchange::FabricType> type{};
  // A pattern (exchange/interfaces.h) for all ports, also those that name their own.
  std::optional<std::string> interfaces{};
  std::optional<std::string> pins{};
  std::optional<std::uint64_t> generation{};
  std::optional<exchange::FabricAttach> attach{};  // of all ports, too
  io::Endpoint openflow;
  std::vector<exchange::StreamAddress> ovsdb{};  // empty: those of the configuration

  // Makes it the exchange's. Fails if the Linux fabric is chosen for ports without interfaces
  // of their own.
  Result<void, std::vector<Error>> apply_to(exchange::Exchange& exchange) const;
  void apply_to(exchange::FabricTies& ties) const;
};

io::Endpoint endpoint_of(const exchange::StreamAddress& server);

class FabricHost {
 public:
  // The choice has been applied to the exchange. Fails if the socket for the switch cannot be had,
  // or the kernel refuses. `loop` must outlive the host.
  static Result<FabricHost> start(io::EventLoop& loop, const exchange::Exchange& exchange,
                                  const FabricChoice& choice, exchange::FabricTies ties = {});

  fabric::Fabric& fabric();
  // Whether there is something that forwards: of several switches, all.
  bool is_connected() const;
  // Of several switches; and which are fail-secure.
  api::FabricParts parts() const;
  // In words, what is wrong with switches.
  std::vector<std::string> faults() const;
  // Of a port of this machine that is there.
  std::optional<exchange::PortAttach> attach_of(net::PortNo port) const;
  const FabricChoice& choice() const { return choice_; }
  const exchange::FabricTies& ties() const { return ties_; }

  // The exchange has changed, its type of fabric has not: before the controller is told. The choice
  // has been applied to both.
  void reconfigure(const exchange::Exchange& exchange, exchange::FabricTies ties);

 private:
  FabricHost(io::EventLoop& loop, FabricChoice choice, exchange::FabricTies ties)
      : loop_(&loop), choice_(std::move(choice)), ties_(std::move(ties)) {}

  void watch_fail_modes(const exchange::Exchange& exchange);

  io::EventLoop* loop_;
  FabricChoice choice_;
  exchange::FabricTies ties_;
  std::unique_ptr<fabric::OpenFlowFabric> openflow_;  // either this one
  std::unique_ptr<controller::OpenFlowServer> server_;
  std::unique_ptr<fabric::OpenFlowNetwork> network_;  // or this one
  std::unique_ptr<controller::OpenFlowNetworkServer> network_server_;
  std::unique_ptr<controller::LinuxFabric> linux_;  // or this one
  std::unique_ptr<FailModeWatch> fail_modes_;       // null: no database is known
};

}  // namespace fabrix::daemon
