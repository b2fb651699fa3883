#include "exchange/settings.h"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "exchange/policy_words.h"

namespace fabrix::exchange {
namespace {

std::string text(bool value) {
  return value ? "true" : "false";
}

std::string text(std::integral auto value) {
  return fmt::format("{}", value);
}

template <typename Rep, typename Period>
std::string text(std::chrono::duration<Rep, Period> value) {
  return fmt::format("{}", value.count());
}

std::string text(const LengthBounds& bounds) {
  return fmt::format("{}..{}", bounds.least, bounds.most);
}

std::string text(net::Asn asn) {
  return fmt::format("{}", asn.value);
}

std::string text(const std::string& value) {
  return value.empty() ? "none" : value;
}

std::string text(const net::IpAddress& address) {
  return address.to_string();
}

std::string text(const net::Prefix& prefix) {
  return prefix.to_string();
}

std::string text(const AsnRange& asns) {
  if (asns.first == asns.last) return text(asns.first);
  return fmt::format("{}..{}", asns.first.value, asns.last.value);
}

std::string text(const ServerAddress& server) {
  return to_string(server);
}

template <typename T>
std::string text(const std::optional<T>& value) {
  return value ? text(*value) : "none";
}

template <typename T>
std::string text(const std::vector<T>& values) {
  std::string list;
  for (const T& value : values) list += (list.empty() ? "" : ", ") + text(value);
  return "[" + list + "]";
}

template <typename Word>
requires std::is_enum_v<Word> std::string text(Word word) {
  return std::string(name_of(word));
}

std::string to_string(const SwitchSpec& spec) {
  std::string ports;
  for (const auto& [port, own] : spec.ports) {
    ports += fmt::format("{}{}: {}", ports.empty() ? "" : ", ", port.value, own.value);
  }
  return fmt::format("{{name: {}, datapath: \"{:016x}\", role: {}{}}}", spec.name, spec.datapath_id,
                     name_of(spec.role),
                     ports.empty() ? "" : fmt::format(", ports: {{{}}}", ports));
}

std::string end_of(const Topology& topology, const LinkEnd& end) {
  return fmt::format("{}:{}", topology.switches[end.at].name, end.port.value);
}

void add_limits(const PrefixLimit& limit, std::vector<Setting>& settings) {
  settings.insert(settings.end(), {{"max_prefix.ipv4", text(limit.ipv4)},
                                   {"max_prefix.ipv6", text(limit.ipv6)},
                                   {"max_prefix.warn_percent", text(limit.warn_percent)},
                                   {"max_prefix.action", text(limit.action)},
                                   {"max_prefix.restart_after", text(limit.restart_after)},
                                   {"max_prefix.count_rejected", text(limit.count_rejected)}});
}

}  // namespace

std::string to_string(const ServerAddress& server) {
  const bool is_ipv6 = server.address.family() == net::Family::kIpv6;
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", server.address.to_string(),
                     is_ipv6 ? "]" : "", server.port);
}

std::vector<Setting> settings_of(const SessionPolicy& policy) {
  return {{"hold_time", text(policy.hold_time)},
          {"send_hold", text(policy.send_hold)},
          {"gtsm", text(policy.gtsm)},
          {"role", text(policy.role)},
          {"strict_role", text(policy.strict_role)},
          {"add_path", text(policy.add_path)},
          {"extended_next_hop", text(policy.extended_next_hop)},
          {"extended_messages", text(policy.extended_messages)},
          {"flowspec", text(policy.flowspec)},
          {"graceful_restart", text(policy.graceful_restart)},
          {"long_lived", text(policy.long_lived)},
          {"dial", text(policy.dialling)},
          {"md5_password", policy.md5_password ? "set" : "none"}};
}

std::vector<Setting> settings_of(const ImportPolicy& policy) {
  std::vector<Setting> settings{{"prefix_length.ipv4", text(policy.ipv4)},
                                {"prefix_length.ipv6", text(policy.ipv6)},
                                {"reject_bogon_prefixes", text(policy.reject_bogon_prefixes)},
                                {"reject_bogon_asns", text(policy.reject_bogon_asns)},
                                {"max_as_path_length", text(policy.max_as_path_length)},
                                {"max_communities", text(policy.max_communities)},
                                {"next_hop", text(policy.next_hop)},
                                {"enforce_first_as", text(policy.enforce_first_as)},
                                {"transit_free", text(policy.transit_free)},
                                {"never_via_route_servers", text(policy.never_via_route_servers)},
                                {"own_prefixes", text(policy.own_prefixes)},
                                {"rejected_prefixes", text(policy.rejected_prefixes)},
                                {"irr.as_sets", text(policy.irr.as_sets)},
                                {"irr.prefixes_file", text(policy.irr.prefixes_file)},
                                {"irr.origins_file", text(policy.irr.origins_file)},
                                {"irr.enforce_prefix", text(policy.irr.enforce_prefix)},
                                {"irr.enforce_origin", text(policy.irr.enforce_origin)},
                                {"irr.allow_longer", text(policy.irr.allow_longer)},
                                {"rpki", text(policy.rpki)},
                                {"aspa", text(policy.aspa)},
                                {"blackhole.accept", text(policy.blackhole.accept)},
                                {"blackhole.prefix_length.ipv4", text(policy.blackhole.ipv4)},
                                {"blackhole.prefix_length.ipv6", text(policy.blackhole.ipv6)},
                                {"blackhole.next_hop_ipv4", text(policy.blackhole.next_hop_ipv4)},
                                {"blackhole.next_hop_ipv6", text(policy.blackhole.next_hop_ipv6)},
                                {"graceful_shutdown", text(policy.graceful_shutdown)}};
  add_limits(policy.limit, settings);
  return settings;
}

std::vector<Setting> settings_of(const DynamicRange& range) {
  std::vector<Setting> settings{{"asns", range.asns.empty() ? "any" : text(range.asns)},
                                {"limit", text(range.limit)}};
  for (Setting& one : settings_of(range.session)) settings.push_back(std::move(one));
  for (Setting& one : settings_of(range.import)) settings.push_back(std::move(one));
  return settings;
}

std::vector<Setting> settings_of(const FabricSite& site) {
  std::vector<std::string> switches;
  std::vector<std::string> links;
  for (const SwitchSpec& spec : site.topology.switches) switches.push_back(to_string(spec));
  for (const Link& link : site.topology.links) {
    links.push_back("[" + end_of(site.topology, link[0]) + ", " + end_of(site.topology, link[1]) +
                    "]");
  }
  return {{"type", text(site.type)}, {"interfaces", text(site.interfaces)},
          {"pins", text(site.pins)}, {"switches", text(switches)},
          {"links", text(links)},    {"generation", text(site.generation)}};
}

std::vector<Setting> settings_of(const SflowSite& site) {
  return {{"collectors", text(site.collectors)},
          {"agent", text(site.agent)},
          {"rate", text(site.rate)},
          {"polling", text(site.polling_seconds)}};
}

std::vector<Setting> settings_of(const SourceRule& rule) {
  return {{"source_check.mode", text(rule.mode)},
          {"source_check.allow", text(rule.allowed)},
          {"source_check.max_prefixes", text(rule.max_prefixes)}};
}

std::vector<Setting> settings_of(const RouteServerSite& site) {
  const MonitoringSite& monitoring = site.monitoring;
  const ServerAddress http{monitoring.http_address, monitoring.http_port};
  return {{"policy", text(site.preset)},
          {"interface", text(site.interface)},
          {"rpki.caches", text(site.rpki.caches)},
          {"rpki.vrps_file", text(site.rpki.vrps_file)},
          {"rpki.slurm_file", text(site.rpki.slurm_file)},
          {"flowspec.announce_to", text(site.flowspec)},
          {"flowspec.max_rules", text(site.flowspec_rules)},
          {"monitoring.http", http.port == 0 ? "none" : to_string(http)},
          {"monitoring.bmp", text(monitoring.bmp_collectors)},
          {"monitoring.mrt.directory", text(monitoring.mrt_directory)},
          {"monitoring.mrt.table_interval", text(monitoring.mrt_table_seconds)},
          {"monitoring.mrt.updates_interval", text(monitoring.mrt_updates_seconds)}};
}

}  // namespace fabrix::exchange
