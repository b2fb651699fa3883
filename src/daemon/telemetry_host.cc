#include "daemon/telemetry_host.h"

#include <utility>

#include <fmt/format.h>

#include "exchange/load.h"
#include "io/file.h"
#include "io/log.h"

namespace fabrix::daemon {
namespace {

static_assert(exchange::kMaxTelemetryThreads == analyzer::kMaxThreads);

std::uint32_t identifier_of(const net::IpAddress& address) {
  std::uint32_t identifier = 0;
  for (const std::uint8_t octet : address.octets()) identifier = identifier << 8U | octet;
  return identifier;
}

analyzer::BgpOptions bgp_of(const exchange::BgpSite& site) {
  analyzer::BgpOptions options;
  if (site.listen.port != 0) {
    options.listen = io::IpEndpoint{.address = site.listen.address, .port = site.listen.port};
  }
  for (const exchange::BgpNeighborSite& each : site.neighbors) {
    speaker::NeighborOptions neighbor{.address = each.address,
                                      .local_as = each.asn,
                                      .identifier = identifier_of(each.id),
                                      .peer_as = each.peer_asn,
                                      .families = {.ipv4 = true, .ipv6 = each.ipv6},
                                      .flowspec = {.ipv4 = each.flowspec, .ipv6 = each.flowspec6},
                                      .most_prefixes = each.max_prefixes,
                                      .password = each.password};
    if (each.port != 0) neighbor.dial = each.port;
    options.neighbors.push_back(std::move(neighbor));
  }
  return options;
}

analyzer::ServiceOptions options_of(const exchange::TelemetrySite& site) {
  analyzer::ServiceOptions options;
  if (site.sflow.port != 0) {
    options.sflow = io::IpEndpoint{.address = site.sflow.address, .port = site.sflow.port};
  }
  options.rest = {.address = site.rest.address, .port = site.rest.port};
  options.exports = site.exports;
  for (exchange::ExportSite& each : options.exports) each.ca = site.ca;
  options.active_routes = site.active_routes;
  options.threads = site.threads;
  options.bgp = bgp_of(site.bgp);
  options.scripts = {
      .files = site.scripts.files,
      .store = site.scripts.store,
      .allow = site.scripts.allow,
      .commands = site.scripts.commands,
      .ca = site.ca,
      .properties = site.scripts.properties,
      .limits = {.memory_mib = site.scripts.memory_mib, .cpu_percent = site.scripts.cpu_percent},
      .program = {}};
  options.names.country = site.country;
  options.names.as = site.asn;
  if (!site.oui.empty()) options.names.oui = site.oui;
  for (const exchange::ServerAddress& server : site.dns) {
    if (!options.names.dns.empty()) options.names.dns += ',';
    options.names.dns += to_string(io::Endpoint(io::IpEndpoint{server.address, server.port}));
  }
  return options;
}

}  // namespace

exchange::TelemetrySite read_telemetry_site(const std::filesystem::path& file) {
  const auto text = io::read_file(file.string(), exchange::kMaxConfigSize);
  if (!text) return {};
  exchange::TelemetrySite site = exchange::telemetry_of(*text);
  const auto directory = file.parent_path();
  for (std::string& script : site.scripts.files) script = (directory / script).string();
  for (std::string* const path :
       {&site.scripts.store, &site.country, &site.asn, &site.oui, &site.ca}) {
    if (!path->empty()) *path = (directory / *path).string();
  }
  return site;
}

Result<void> TelemetryHost::configured(const exchange::TelemetrySite& site) {
  exchange::TelemetrySite now = site;
  if (service_ && site.is_on()) now.threads = site_.threads;
  auto done = serve(now);
  if (done) site_ = std::move(now);
  return done;
}

Result<void> TelemetryHost::serve(const exchange::TelemetrySite& site) {
  if (!site.is_on()) {
    service_.reset();
    return {};
  }
  if (service_) return service_->configure(options_of(site));
  FABRIX_TRY(service_, analyzer::ServiceThread::start(options_of(site)));
  io::log_info("telemetry",
               fmt::format("serving sflow={} rest={}",
                           service_->sflow() ? to_string(io::Endpoint(*service_->sflow())) : "none",
                           to_string(service_->rest())));
  return {};
}

void TelemetryHost::receive(const std::vector<std::byte>& datagram, const net::IpAddress& agent) {
  if (service_) service_->receive(datagram, agent);
}

}  // namespace fabrix::daemon
