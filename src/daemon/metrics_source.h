// MetricsSource: the numbers that Prometheus reads, from where they are counted anyway.
//
// A snapshot costs a few look-ups a session and rules of one Program; what only a walk over the
// table can tell comes from the census, which is some seconds old. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/metrics.h"
#include "api/queries.h"
#include "daemon/loop_lag.h"
#include "daemon/session_watch.h"
#include "daemon/table_census.h"
#include "rpki/rpki_state.h"

namespace fabrix::daemon {

// What is looked at, and outlives the source. Only the controller must be there.
struct MetricsParts {
  api::Sources engine;
  TableCensus* census = nullptr;
  const SessionWatch* watch = nullptr;
  std::function<rpki::RpkiStatus()> rpki_status;
  std::function<bool()> is_switch_connected;
  std::function<api::FabricParts()> fabric_parts;
  std::function<std::optional<api::SflowMetrics>()> sflow;
  std::function<std::vector<api::HttpMetrics>()> http;
  const LoopLag* lag = nullptr;
  std::function<std::vector<api::BmpStationMetrics>()> bmp;
  std::function<std::optional<std::uint64_t>()> mrt_octets_lost;
  api::BuildInfo build;
};

class MetricsSource {
 public:
  explicit MetricsSource(MetricsParts parts);

  // A configuration was offered while running: taken (it is another one since now), or refused.
  void configured();
  void refused() { config_.is_last_reload_successful = false; }

  api::MetricsSnapshot snapshot() const;

 private:
  std::vector<api::PeerMetrics> peers() const;
  api::PeerMetrics peer(const routeserver::Peer& peer, net::Family family) const;
  std::vector<api::RpkiCacheMetrics> rpki_caches() const;
  std::vector<api::QueryMetrics> queries() const;
  void add_ports(api::MetricsSnapshot& snapshot) const;
  api::SwitchMetrics fabric() const;

  MetricsParts parts_;
  api::ConfigMetrics config_;
};

}  // namespace fabrix::daemon
