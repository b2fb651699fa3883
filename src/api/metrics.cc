#include "api/metrics.h"

#include <string_view>

#include "program/drop.h"

namespace fabrix::api {
namespace {

std::uint64_t flag(bool value) {
  return value ? 1 : 0;
}

std::string_view afi(net::Family family) {
  return family == net::Family::kIpv4 ? "ipv4" : "ipv6";
}

void add_build_and_config(Exposition& out, const MetricsSnapshot& snapshot) {
  const BuildInfo& build = snapshot.build;
  out.gauge("fabrix_build_info", "What is running; the value is 1.");
  out.add({{"version", build.version}, {"revision", build.revision}, {"compiler", build.compiler}},
          std::uint64_t{1});
  const ConfigMetrics& config = snapshot.config;
  out.gauge("fabrix_config_revision", "Number of the configuration in use.");
  out.add({}, config.revision);
  out.gauge("fabrix_config_last_reload_successful",
            "Whether the last configuration offered was taken.");
  out.add({}, flag(config.is_last_reload_successful));
  out.gauge("fabrix_config_last_reload_success_timestamp_seconds",
            "When a configuration was last taken.");
  out.add({}, config.last_success_seconds);
}

// One metric with a sample for each session and family.
void add_of_peers(Exposition& out, const std::vector<PeerMetrics>& peers,
                  std::uint64_t (*value)(const PeerMetrics&)) {
  for (const PeerMetrics& peer : peers) {
    out.add({{"participant", peer.participant},
             {"peer", peer.peer},
             {"asn", std::to_string(peer.asn.value)},
             {"afi", afi(peer.family)}},
            value(peer));
  }
}

void add_routes(Exposition& out, const std::vector<PeerMetrics>& peers) {
  out.gauge("fabrix_bgp_routes",
            "Routes of the session: received from it (accepted or filtered) and exported to it.");
  for (const PeerMetrics& peer : peers) {
    const std::string asn = std::to_string(peer.asn.value);
    const auto add = [&](std::string_view state, std::uint64_t count) {
      out.add({{"participant", peer.participant},
               {"peer", peer.peer},
               {"asn", asn},
               {"afi", afi(peer.family)},
               {"state", state}},
              count);
    };
    add("received", peer.received);
    add("accepted", peer.accepted);
    add("filtered", peer.filtered);
    add("exported", peer.exported);
  }
}

void add_limits(Exposition& out, const std::vector<PeerMetrics>& peers) {
  out.gauge("fabrix_bgp_max_prefix", "How many routes the session may announce.");
  for (const PeerMetrics& peer : peers) {
    if (!peer.max_prefix) continue;
    out.add({{"participant", peer.participant},
             {"peer", peer.peer},
             {"asn", std::to_string(peer.asn.value)},
             {"afi", afi(peer.family)}},
            *peer.max_prefix);
  }
}

void add_peers(Exposition& out, const std::vector<PeerMetrics>& peers) {
  out.gauge("fabrix_bgp_peer_up", "Whether the session is established.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return flag(peer.is_up); });
  out.counter("fabrix_bgp_peer_state_changes_total", "How often the session came up or went down.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return peer.state_changes; });
  add_routes(out, peers);
  add_limits(out, peers);
  out.counter("fabrix_bgp_updates_received_total", "UPDATE messages received.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return peer.updates_received; });
  out.counter("fabrix_bgp_updates_sent_total", "UPDATE messages sent.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return peer.updates_sent; });
  out.gauge("fabrix_bgp_backlog_bytes", "What waits for the session to take it.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return peer.backlog; });
  out.gauge("fabrix_bgp_peer_out_of_step",
            "Whether the session is new or slow: it is told what it lacks as it reads.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return flag(peer.is_out_of_step); });
  out.counter("fabrix_bgp_notifications_received_total", "NOTIFICATION messages received.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return peer.notifications_received; });
  out.counter("fabrix_bgp_notifications_sent_total", "NOTIFICATION messages sent.");
  add_of_peers(out, peers, [](const PeerMetrics& peer) { return peer.notifications_sent; });
}

void add_rib(Exposition& out, const MetricsSnapshot& snapshot) {
  out.gauge("fabrix_bgp_routes_filtered", "Routes that are refused now, by reason.");
  for (const NamedCount& reason : snapshot.filtered_routes) {
    out.add({{"reason", reason.name}}, reason.count);
  }
  out.gauge("fabrix_bgp_rib_prefixes", "Prefixes with at least one accepted route.");
  for (const RibMetrics& rib : snapshot.ribs) out.add({{"afi", afi(rib.family)}}, rib.prefixes);
  out.gauge("fabrix_bgp_rib_routes", "Accepted routes.");
  for (const RibMetrics& rib : snapshot.ribs) out.add({{"afi", afi(rib.family)}}, rib.routes);
  out.counter("fabrix_bgp_emissions_checked_total", "Samples of what is sent, read again.");
  out.add({}, snapshot.emissions_checked);
  out.counter("fabrix_bgp_emissions_withheld_total", "Malformed ones among them, not sent.");
  out.add({}, snapshot.emissions_withheld);
  out.histogram("fabrix_bgp_update_processing_seconds",
                "Time from an UPDATE to the decision about its routes.",
                snapshot.update_processing);
  out.histogram("fabrix_bgp_propagation_seconds",
                "Time from the first UPDATE of a burst until members could be told of its routes.",
                snapshot.propagation);
}

void add_monitoring(Exposition& out, const MetricsSnapshot& snapshot) {
  out.gauge("fabrix_bmp_connected", "Whether the BMP station is connected.");
  for (const auto& one : snapshot.bmp) out.add({{"station", one.station}}, flag(one.is_connected));
  out.counter("fabrix_bmp_too_slow_total", "How often the station was too slow to be told all.");
  for (const auto& one : snapshot.bmp) out.add({{"station", one.station}}, one.too_slow);
  out.counter("fabrix_bmp_routes_left_out_total", "Routes that no message could say.");
  for (const auto& one : snapshot.bmp) out.add({{"station", one.station}}, one.routes_left);
  out.counter("fabrix_mrt_lost_bytes_total", "Octets of updates that could not be written.");
  if (snapshot.mrt_octets_lost) out.add({}, *snapshot.mrt_octets_lost);
}

void add_loop(Exposition& out, const LoopMetrics& loop) {
  out.histogram("fabrix_event_loop_lag_seconds",
                "How late a timer is served that is due every 100 ms.", loop.lag);
  out.gauge("fabrix_event_loop_longest_lag_seconds", "The longest of them since the start.");
  out.add({}, loop.longest_lag);
}

void add_rpki(Exposition& out, const std::vector<RpkiCacheMetrics>& caches) {
  out.gauge("fabrix_rpki_cache_connected", "Whether the session with the RPKI cache is up.");
  for (const auto& cache : caches) out.add({{"cache", cache.cache}}, flag(cache.is_connected));
  out.gauge("fabrix_rpki_vrps", "Validated ROA payloads from the cache.");
  for (const auto& cache : caches) out.add({{"cache", cache.cache}}, cache.vrps);
  out.gauge("fabrix_rpki_aspas", "Validated ASPA payloads from the cache.");
  for (const auto& cache : caches) out.add({{"cache", cache.cache}}, cache.aspas);
  out.gauge("fabrix_rpki_cache_last_sync_timestamp_seconds",
            "When the cache last told all that it knows.");
  for (const auto& cache : caches) {
    if (cache.last_sync_seconds) out.add({{"cache", cache.cache}}, *cache.last_sync_seconds);
  }
}

void add_fabric(Exposition& out, const MetricsSnapshot& snapshot) {
  out.histogram("fabrix_policy_compile_seconds", "Time to compile and verify the policies.",
                snapshot.policy_compile);
  out.gauge("fabrix_switch_connected", "Whether the switch is connected.");
  for (const auto& one : snapshot.switches) out.add({{"switch", one.name}}, flag(one.is_connected));
  for (const NamedState& one : snapshot.fabric_parts.switches) {
    out.add({{"switch", one.name}}, flag(one.is_up));
  }
  out.gauge("fabrix_switch_fail_secure", "Whether it forwards by the policies without fabrixd.");
  for (const NamedState& one : snapshot.fabric_parts.fail_secure) {
    out.add({{"switch", one.name}}, flag(one.is_up));
  }
  out.gauge("fabrix_fabric_link_up", "Whether frames go over the link between two switches.");
  for (const NamedState& one : snapshot.fabric_parts.links) {
    out.add({{"link", one.name}}, flag(one.is_up));
  }
  out.counter("fabrix_fabric_audits_total", "How often the switch's rules were read.");
  for (const auto& one : snapshot.switches) out.add({{"switch", one.name}}, one.audits);
  out.counter("fabrix_fabric_drifts_total", "How often some were not as installed.");
  for (const auto& one : snapshot.switches) out.add({{"switch", one.name}}, one.drifts);
  out.gauge("fabrix_fabric_rules", "Rules installed.");
  for (const SwitchMetrics& one : snapshot.switches) {
    for (const TableMetrics& table : one.tables) {
      out.add({{"switch", one.name}, {"table", table.table}}, table.rules);
    }
  }
  out.gauge("fabrix_fabric_table_utilization_ratio", "How full the table is.");
  for (const SwitchMetrics& one : snapshot.switches) {
    for (const TableMetrics& table : one.tables) {
      if (!table.capacity || *table.capacity == 0) continue;
      out.add({{"switch", one.name}, {"table", table.table}},
              static_cast<double>(table.rules) / static_cast<double>(*table.capacity));
    }
  }
  out.gauge("fabrix_verify_violations", "What the last verification found wrong.");
  for (const NamedCount& property : snapshot.verify_violations) {
    out.add({{"property", property.name}}, property.count);
  }
}

void add_queries(Exposition& out, const std::vector<QueryMetrics>& queries) {
  const auto add = [&](std::uint64_t QueryMetrics::*value) {
    for (const QueryMetrics& one : queries) {
      out.add(
          {{"participant", one.participant}, {"direction", one.direction}, {"query", one.query}},
          one.*value);
    }
  };
  out.counter("fabrix_policy_query_packets_total", "Packets that a member's query has counted.");
  add(&QueryMetrics::packets);
  out.counter("fabrix_policy_query_octets_total", "Octets of these packets' frames.");
  add(&QueryMetrics::octets);
}

void add_ports(Exposition& out, const MetricsSnapshot& snapshot) {
  out.counter("fabrix_port_dropped_frames_total", "Frames that a port did not let in.");
  const auto passed = program::name_of(program::DropReason::kUnannouncedPassed);
  for (const DropMetrics& one : snapshot.drops) {
    if (one.reason == passed) continue;
    out.add({{"router", one.router}, {"reason", one.reason}}, one.packets);
  }
  out.counter("fabrix_port_unannounced_passed_frames_total",
              "Frames let in from addresses that the member does not announce.");
  for (const DropMetrics& one : snapshot.drops) {
    if (one.reason == passed) out.add({{"router", one.router}}, one.packets);
  }
  out.gauge("fabrix_port_open", "Whether the port may be used: 0 in quarantine or shut down.");
  for (const PortMetrics& one : snapshot.ports) {
    out.add({{"router", one.router}, {"standing", one.standing}},
            std::uint64_t{one.standing == "open" ? 1U : 0U});
  }
  out.counter("fabrix_port_mac_lock_closed_total",
              "How often the port was closed since foreign source MACs kept coming in.");
  for (const PortMetrics& one : snapshot.ports) out.add({{"router", one.router}}, one.locks);
  out.counter("fabrix_controller_questions_total",
              "Frames that the fabric sent to be answered, and what became of them.");
  out.add({{"outcome", "taken"}}, snapshot.questions_taken);
  out.add({{"outcome", "refused"}}, snapshot.questions_refused);
  const auto add = [&](std::string_view name, std::string_view help,
                       std::uint64_t (*count)(const fabric::PortCount&)) {
    out.counter(name, help);
    for (const PortMetrics& one : snapshot.ports) {
      if (one.passed) out.add({{"router", one.router}}, count(*one.passed));
    }
  };
  add("fabrix_port_in_packets_total", "Frames that came in by the port.",
      [](const fabric::PortCount& count) { return count.in.packets; });
  add("fabrix_port_in_octets_total", "Octets of frames that came in by the port.",
      [](const fabric::PortCount& count) { return count.in.octets; });
  add("fabrix_port_out_packets_total", "Frames that left by the port.",
      [](const fabric::PortCount& count) { return count.out.packets; });
  add("fabrix_port_out_octets_total", "Octets of frames that left by the port.",
      [](const fabric::PortCount& count) { return count.out.octets; });
  add("fabrix_port_discarded_packets_total", "Frames that came in and that nobody got.",
      [](const fabric::PortCount& count) { return count.discarded; });
}

void add_sflow(Exposition& out, const std::optional<SflowMetrics>& sflow) {
  if (!sflow) return;
  out.counter("fabrix_sflow_samples_total", "Samples of frames, for collectors.");
  out.add({}, sflow->samples);
  out.counter("fabrix_sflow_samples_lost_total", "Samples for which there was no room.");
  out.add({}, sflow->lost);
  out.counter("fabrix_sflow_datagrams_total", "Datagrams sent, to each collector.");
  out.add({}, sflow->datagrams);
  out.counter("fabrix_sflow_datagrams_unsent_total", "Datagrams that the kernel did not take.");
  out.add({}, sflow->unsent);
}

void add_http(Exposition& out, const std::vector<HttpMetrics>& listeners) {
  out.counter("fabrix_http_connections_total", "Connections accepted.");
  for (const auto& one : listeners) out.add({{"listener", one.listener}}, one.connections);
  out.counter("fabrix_http_turned_away_total", "Connections refused: too many clients.");
  for (const auto& one : listeners) out.add({{"listener", one.listener}}, one.turned_away);
  out.gauge("fabrix_http_clients", "Clients connected.");
  for (const auto& one : listeners) out.add({{"listener", one.listener}}, one.clients);
  out.counter("fabrix_http_answers_total", "Answers, by class of status.");
  for (const auto& one : listeners) {
    for (const NamedCount& code : one.answers) {
      out.add({{"listener", one.listener}, {"code", code.name}}, code.count);
    }
  }
}

// The names that every Prometheus client library uses.
void add_process(Exposition& out, const ProcessMetrics& process) {
  out.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.");
  out.add({}, process.cpu_seconds);
  out.gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
  out.add({}, process.resident_bytes);
  out.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
  out.add({}, process.virtual_bytes);
  out.gauge("process_open_fds", "Number of open file descriptors.");
  out.add({}, process.open_descriptors);
  out.gauge("process_max_fds", "Maximum number of open file descriptors.");
  out.add({}, process.max_descriptors);
  out.gauge("process_threads", "Number of OS threads in the process.");
  out.add({}, process.threads);
  out.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
  out.add({}, process.start_seconds);
}

}  // namespace

std::string to_prometheus(const MetricsSnapshot& snapshot) {
  Exposition out;
  add_build_and_config(out, snapshot);
  add_peers(out, snapshot.peers);
  add_rib(out, snapshot);
  add_rpki(out, snapshot.rpki_caches);
  add_fabric(out, snapshot);
  add_queries(out, snapshot.queries);
  add_ports(out, snapshot);
  add_sflow(out, snapshot.sflow);
  add_monitoring(out, snapshot);
  add_loop(out, snapshot.loop);
  add_http(out, snapshot.http);
  add_process(out, snapshot.process);
  return out.text();
}

}  // namespace fabrix::api
