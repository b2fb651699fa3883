#include "daemon/metrics_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "api/port_query.h"
#include "api/process_metrics.h"
#include "daemon/session_names.h"
#include "program/drop.h"
#include "program/program.h"
#include "routeserver/reject_reason.h"

namespace fabrix::daemon {
namespace {

using std::chrono::system_clock;

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

double unix_seconds(system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

MetricsSource::MetricsSource(MetricsParts parts) : parts_(std::move(parts)) {
  configured();
}

void MetricsSource::configured() {
  ++config_.revision;
  config_.is_last_reload_successful = true;
  config_.last_success_seconds = unix_seconds(system_clock::now());
}

api::MetricsSnapshot MetricsSource::snapshot() const {
  api::MetricsSnapshot snapshot;
  snapshot.build = parts_.build;
  snapshot.config = config_;
  snapshot.peers = peers();
  snapshot.ribs = {{.family = net::Family::kIpv4}, {.family = net::Family::kIpv6}};
  for (const api::PeerMetrics& peer : snapshot.peers) {
    snapshot.ribs[index_of(peer.family)].routes += peer.accepted;
  }
  if (parts_.census != nullptr) {
    const CensusCounts& counts = parts_.census->counts();
    for (api::RibMetrics& rib : snapshot.ribs) rib.prefixes = counts.prefixes[index_of(rib.family)];
    for (std::size_t i = 0; i < counts.refused.size(); ++i) {
      const auto reason = static_cast<routeserver::RejectReason>(i);
      snapshot.filtered_routes.push_back({std::string(name_of(reason)), counts.refused[i]});
    }
  }
  snapshot.rpki_caches = rpki_caches();
  snapshot.switches = {fabric()};
  if (parts_.fabric_parts) snapshot.fabric_parts = parts_.fabric_parts();
  snapshot.queries = queries();
  add_ports(snapshot);
  if (parts_.sflow) snapshot.sflow = parts_.sflow();
  if (parts_.http) snapshot.http = parts_.http();
  if (parts_.lag != nullptr) snapshot.loop = parts_.lag->metrics();
  if (parts_.bmp) snapshot.bmp = parts_.bmp();
  if (parts_.mrt_octets_lost) snapshot.mrt_octets_lost = parts_.mrt_octets_lost();
  const auto& emissions = parts_.engine.controller->route_server().emissions();
  snapshot.emissions_checked = emissions.checked;
  snapshot.emissions_withheld = emissions.violations;
  if (parts_.watch != nullptr) {
    snapshot.update_processing = parts_.watch->timing().processing();
    snapshot.propagation = parts_.watch->timing().propagation();
    snapshot.policy_compile = parts_.watch->timing().compiling();
  }
  snapshot.process = api::read_process_metrics();
  return snapshot;
}

std::vector<api::PeerMetrics> MetricsSource::peers() const {
  const auto& server = parts_.engine.controller->route_server();
  const auto names = session_names(parts_.engine.controller->exchange(), server.peers());
  std::vector<api::PeerMetrics> all;
  for (const routeserver::Peer& peer : server.peers()) {
    if (!peer.present) continue;
    for (const net::Family family : kFamilies) {
      auto metrics = this->peer(peer, family);
      const bool is_own = family == peer.address.family();
      if (!is_own && metrics.received == 0 && metrics.exported == 0) continue;
      metrics.peer = names[peer.id.index()];
      all.push_back(std::move(metrics));
    }
  }
  return all;
}

api::PeerMetrics MetricsSource::peer(const routeserver::Peer& peer, net::Family family) const {
  const auto& server = parts_.engine.controller->route_server();
  const auto& owner = parts_.engine.controller->exchange().participant(peer.participant);
  const auto count = server.count(peer.id, family);
  api::PeerMetrics metrics;
  metrics.participant = owner.name;
  metrics.asn = peer.asn;
  metrics.family = family;
  metrics.is_up = server.is_up(peer.id);
  metrics.received = count.routes;
  metrics.accepted = count.routes - count.rejected;
  metrics.filtered = count.rejected;
  metrics.exported = metrics.is_up ? server.told_count(peer.id, family) : 0;
  metrics.max_prefix =
      family == net::Family::kIpv4 ? owner.import.limit.ipv4 : owner.import.limit.ipv6;
  // What is counted for a session as a whole stands with the family that carries it.
  if (family != peer.address.family()) return metrics;
  if (metrics.is_up) {
    metrics.backlog = server.backlog(peer.id);
    metrics.is_out_of_step = server.is_out_of_step(peer.id);
  }
  if (parts_.engine.bgp != nullptr) {
    const auto* const connection = parts_.engine.bgp->connection(peer.id);
    if (connection != nullptr) metrics.updates_sent = connection->updates_sent();
    metrics.updates_received = parts_.engine.bgp->view(peer.id).counters.updates_in;
  }
  if (parts_.watch != nullptr) {
    const SessionTally tally = parts_.watch->tally(peer.id);
    metrics.state_changes = tally.state_changes;
    metrics.notifications_sent = tally.notifications_sent;
    metrics.notifications_received = tally.notifications_received;
  }
  return metrics;
}

std::vector<api::RpkiCacheMetrics> MetricsSource::rpki_caches() const {
  std::vector<api::RpkiCacheMetrics> all;
  if (!parts_.rpki_status) return all;
  const auto now = system_clock::now();
  for (const rpki::CacheStatus& cache : parts_.rpki_status().caches) {
    api::RpkiCacheMetrics metrics;
    metrics.cache = cache.name;
    metrics.is_connected = cache.link == rpki::CacheLink::kUp;
    metrics.vrps = cache.vrps;
    metrics.aspas = cache.aspas;
    if (cache.age) metrics.last_sync_seconds = unix_seconds(now - *cache.age);
    all.push_back(std::move(metrics));
  }
  return all;
}

std::vector<api::QueryMetrics> MetricsSource::queries() const {
  const controller::Controller& controller = *parts_.engine.controller;
  std::vector<api::QueryMetrics> all;
  for (const controller::QueryReport& report : controller.queries()) {
    const bool sent = report.direction == policy::Direction::kOutbound;
    all.push_back({.participant = controller.exchange().participant(report.owner).name,
                   .direction = sent ? "outbound" : "inbound",
                   .query = report.label,
                   .packets = report.total.packets,
                   .octets = report.total.octets});
  }
  return all;
}

void MetricsSource::add_ports(api::MetricsSnapshot& snapshot) const {
  const controller::Controller& controller = *parts_.engine.controller;
  for (const controller::DropReport& report : controller.drops()) {
    const auto* const router = controller.exchange().find_router(report.drop.port);
    snapshot.drops.push_back({.router = router == nullptr ? "route server" : router->name,
                              .reason = std::string(program::name_of(report.drop.reason)),
                              .packets = report.total.packets});
  }
  snapshot.questions_taken = controller.punt_budget().taken();
  snapshot.questions_refused = controller.punt_budget().refused();
  const fabric::PortCounts& counts = controller.fabric().port_counts();
  for (const exchange::Router& router : controller.exchange().routers) {
    if (!router.present) continue;
    const auto passed = counts.find(router.port);
    snapshot.ports.push_back(
        {.router = router.name,
         .standing = std::string(api::name_of(router.standing)),
         .passed = passed == counts.end() ? std::nullopt : std::optional(passed->second),
         .locks = controller.locks_of(router.id)});
  }
}

// Of the Program that the members' routes rely on.
api::SwitchMetrics MetricsSource::fabric() const {
  api::SwitchMetrics metrics;
  metrics.name = "fabric";
  metrics.is_connected = parts_.is_switch_connected && parts_.is_switch_connected();
  metrics.audits = parts_.engine.controller->counters().audits;
  metrics.drifts = parts_.engine.controller->counters().drifts;
  const program::Program& program = *parts_.engine.controller->installed();
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<program::TableId>(i);
    metrics.tables.push_back({.table = std::string(program::name_of(table)),
                              .rules = program.table(table).size(),
                              .capacity = std::nullopt});
  }
  return metrics;
}

}  // namespace fabrix::daemon
