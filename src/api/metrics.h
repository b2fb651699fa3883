// Metrics: what Fabrix tells Prometheus. Values, and their text.
//
// Labels are bounded by the configuration: members, sessions, switches, tables, reasons, stations,
// the queries of policies; never prefixes or what comes from outside. Names are a contract with
// dashboards and alerts: they are added to, not changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/process_metrics.h"
#include "api/prometheus.h"
#include "fabric/port_counts.h"
#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::api {

struct BuildInfo {
  std::string version;
  std::string revision;
  std::string compiler;
};

struct ConfigMetrics {
  std::uint64_t revision = 0;
  bool is_last_reload_successful = true;
  double last_success_seconds = 0;  // Unix time
};

// One session and one family.
struct PeerMetrics {
  std::string participant;
  std::string peer;  // the session's name, unique
  net::Asn asn;
  net::Family family = net::Family::kIpv4;
  bool is_up = false;
  std::uint64_t state_changes = 0;
  std::uint64_t received = 0;  // routes
  std::uint64_t accepted = 0;
  std::uint64_t filtered = 0;
  std::uint64_t exported = 0;
  std::optional<std::uint64_t> max_prefix;
  std::uint64_t updates_received = 0;
  std::uint64_t updates_sent = 0;
  std::uint64_t notifications_received = 0;
  std::uint64_t notifications_sent = 0;
  std::uint64_t backlog = 0;  // octets that wait to be sent
  bool is_out_of_step = false;
};

struct NamedCount {
  std::string name;
  std::uint64_t count = 0;
};

struct RibMetrics {
  net::Family family = net::Family::kIpv4;
  std::uint64_t prefixes = 0;
  std::uint64_t routes = 0;
};

struct RpkiCacheMetrics {
  std::string cache;
  bool is_connected = false;
  std::uint64_t vrps = 0;
  std::uint64_t aspas = 0;
  std::optional<double> last_sync_seconds;  // Unix time; none: never
};

struct BmpStationMetrics {
  std::string station;
  bool is_connected = false;
  std::uint64_t too_slow = 0;     // times that it was disconnected for that
  std::uint64_t routes_left = 0;  // that no message could say
};

// How late what is due at a certain time comes: as long as other work holds it up.
struct LoopMetrics {
  Histogram lag;
  double longest_lag = 0;  // seconds, since the start
};

struct TableMetrics {
  std::string table;
  std::uint64_t rules = 0;
  std::optional<std::uint64_t> capacity;
};

struct SwitchMetrics {
  std::string name;
  bool is_connected = false;
  std::vector<TableMetrics> tables;
  std::uint64_t audits = 0;
  std::uint64_t drifts = 0;
};

struct NamedState {
  std::string name;
  bool is_up = false;
};

// Of a fabric of several switches; without any there is one, of no name.
struct FabricParts {
  std::vector<NamedState> switches;
  std::vector<NamedState> links;
  std::vector<NamedState> fail_secure;  // switches of which it is asked whether they are
};

struct QueryMetrics {
  std::string participant;
  std::string direction;  // "outbound", "inbound"
  std::string query;
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;
};

// What a port did not let in.
struct DropMetrics {
  std::string router;  // "route server": of its own port
  std::string reason;  // program::name_of()
  std::uint64_t packets = 0;
};

struct PortMetrics {
  std::string router;
  std::string standing;  // "open", "quarantine", "shutdown"
  std::optional<fabric::PortCount> passed;
  std::uint64_t locks = 0;  // how often its MAC lock has closed it
};

// What was sent to sFlow collectors.
struct SflowMetrics {
  std::uint64_t samples = 0;
  std::uint64_t lost = 0;       // samples, before they were sent
  std::uint64_t datagrams = 0;  // to each collector
  std::uint64_t unsent = 0;     // that the kernel did not take
};

struct HttpMetrics {
  std::string listener;  // "api", "birdwatcher", ...
  std::uint64_t connections = 0;
  std::uint64_t turned_away = 0;
  std::uint64_t clients = 0;
  std::vector<NamedCount> answers;  // by class: "2xx"
};

struct MetricsSnapshot {
  BuildInfo build;
  ConfigMetrics config;
  std::vector<PeerMetrics> peers;
  std::vector<NamedCount> filtered_routes;  // by reason, such as "rpki-invalid"
  std::vector<RibMetrics> ribs;
  std::uint64_t emissions_checked = 0;   // of what is announced and withdrawn: samples, read again
  std::uint64_t emissions_withheld = 0;  // because they were malformed
  Histogram update_processing;
  Histogram propagation;
  LoopMetrics loop;
  std::vector<BmpStationMetrics> bmp;
  std::optional<std::uint64_t> mrt_octets_lost;  // none: no archive
  std::vector<RpkiCacheMetrics> rpki_caches;
  Histogram policy_compile;
  std::vector<SwitchMetrics> switches;
  FabricParts fabric_parts;
  std::vector<NamedCount> verify_violations;  // by property
  std::vector<QueryMetrics> queries;
  std::vector<DropMetrics> drops;
  std::vector<PortMetrics> ports;
  std::uint64_t questions_taken = 0;  // frames that the fabric sent to be answered
  std::uint64_t questions_refused = 0;
  std::optional<SflowMetrics> sflow;
  std::vector<HttpMetrics> http;
  ProcessMetrics process;
};

std::string to_prometheus(const MetricsSnapshot& snapshot);

}  // namespace fabrix::api
