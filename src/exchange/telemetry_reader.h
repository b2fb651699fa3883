// The key `exchange.telemetry` of exchange.yaml: where the telemetry engine takes samples, and
// answers. It is kept apart from the Exchange: nothing of it concerns the controller.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/active_route_reader.h"
#include "exchange/bgp_reader.h"
#include "exchange/exchange.h"
#include "exchange/export_site.h"
#include "exchange/script_reader.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// Samples of an agent of this address: of a member's own router, joined with what that is told; or
// of one of the fabric's switches, whose node in the topology it is.
struct TelemetryAgent {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::string router{};     // its name; empty: it is a switch
  std::string of_switch{};  // the other way round

  friend bool operator==(const TelemetryAgent&, const TelemetryAgent&) = default;
};

inline constexpr std::size_t kMaxTelemetryThreads = 16;

struct TelemetrySite {
  ServerAddress sflow{};  // samples of other agents by UDP; a port of 0: none
  ServerAddress rest{};   // questions over HTTP; a port of 0: there is no engine
  std::vector<ExportSite> exports{};
  ScriptSite scripts{};

  std::vector<TelemetryAgent> agents{};  // others are the fabric's
  // What key functions of these names look up. Files; empty: none, of oui the usual one.
  std::string country{};
  std::string asn{};
  std::string oui{};
  std::string ca{};                  // of TLS: trusted besides the system's authorities
  std::vector<ServerAddress> dns{};  // empty: the system's
  std::vector<ActiveRouteSite> active_routes{};
  BgpSite bgp{};
  std::size_t threads = 1;  // that count flows; the engine's as long as it runs

  bool is_on() const { return rest.port != 0; }

  friend bool operator==(const TelemetrySite&, const TelemetrySite&) = default;
};

// `node` is the key's value.
TelemetrySite read_telemetry(YamlReader& reader, const YamlNode& node);

// Says what is wrong with names in it, once the routers are known.
void check_telemetry(YamlReader& reader, const YamlNode& node, const Exchange& exchange);

// What a text says that load() takes; of another one nothing.
TelemetrySite telemetry_of(std::string_view text);

}  // namespace fabrix::exchange
