// SflowExport: sends the fabric's samples and the counters of its ports to sFlow collectors, as
// exchange.sflow says.
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt)
//
// A port's ifIndex is its number in the exchange. A sample leaves within kFlushAfter, a port's
// counters every `polling` seconds, spread over them. Datagrams are sent when they are made and
// never kept: one that the kernel does not take is lost, as it may be anywhere on its way, and
// counted. The exchange's own telemetry engine gets them too, in process. Without collectors and
// engine nothing is sampled.
//
// Loop's thread only. The controller and the fabric outlive it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "api/metrics.h"
#include "base/result.h"
#include "controller/controller.h"
#include "exchange/exchange.h"
#include "fabric/fabric.h"
#include "io/datagram_socket.h"
#include "io/event_loop.h"
#include "sflow/agent.h"

namespace fabrix::daemon {

class SflowExport {
 public:
  static constexpr std::chrono::milliseconds kFlushAfter{250};

  SflowExport(io::EventLoop& loop, const controller::Controller& controller,
              fabric::Fabric& fabric);
  ~SflowExport();
  SflowExport(const SflowExport&) = delete;
  SflowExport& operator=(const SflowExport&) = delete;
  SflowExport(SflowExport&&) = delete;
  SflowExport& operator=(SflowExport&&) = delete;

  // The controller's exchange is another one, or the first. Fails, and sends what it can, if the
  // fabric takes no samples or there is no socket.
  Result<void> configured();

  // Each datagram, for the exchange's own engine; empty if it has none. Set before configured().
  std::function<void(const std::vector<std::byte>&, const net::IpAddress& agent)> on_datagram;

  // None when nothing is sampled.
  std::optional<api::SflowMetrics> metrics() const;

 private:
  bool is_wanted() const;
  void take(const fabric::Sample& sample);
  void count_ports();
  void send_done();
  std::uint32_t uptime() const;
  Result<void> open_sockets();

  const controller::Controller* controller_;
  fabric::Fabric* fabric_;
  io::Timer flush_;
  io::Timer poll_;
  io::Clock::time_point started_;
  exchange::SflowSite site_;
  std::optional<sflow::Agent> agent_;
  std::map<net::Family, io::DatagramSocket> sockets_;
  std::uint64_t seconds_ = 0;  // since polling began
  api::SflowMetrics metrics_;
  std::map<net::PortNo, std::uint32_t> lost_;  // samples, by port
};

}  // namespace fabrix::daemon
