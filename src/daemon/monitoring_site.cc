#include "daemon/monitoring_site.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "api/birdwatcher.h"
#include "api/web.h"
#include "controller/bmp_connection.h"
#include "daemon/engine_glass.h"
#include "daemon/engine_table.h"
#include "daemon/metrics_source.h"
#include "daemon/mrt_archive.h"
#include "daemon/session_watch.h"
#include "daemon/table_census.h"
#include "http/server.h"
#include "io/log.h"

namespace fabrix::daemon {
namespace {

constexpr std::string_view kComponent = "monitoring";
constexpr std::chrono::seconds kStatistics{60};

// Checked when the configuration was read: an IPv4 address.
std::uint32_t number_of(const net::IpAddress& router_id) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : router_id.octets()) value = value << 8U | octet;
  return value;
}

// The paths of api::web_handler, and birdwatcher at the root and for each family.
class Pages {
 public:
  Pages(const api::LookingGlass& glass, api::WebSources sources)
      : web_(api::web_handler(std::move(sources))),
        both_(glass),
        ipv4_(glass, {.family = net::Family::kIpv4}),
        ipv6_(glass, {.family = net::Family::kIpv6}) {}

  http::Response answer(const http::Request& request) const {
    const std::span<const std::string> path(request.target.segments);
    if (path.empty()) return web_(request);
    if (path[0] == "ipv4") return ipv4_.answer(request, path.subspan(1));
    if (path[0] == "ipv6") return ipv6_.answer(request, path.subspan(1));
    for (const std::string_view own : {"metrics", "livez", "readyz", "healthz", "birdwatcher"}) {
      if (path[0] == own) return web_(request);
    }
    return both_.answer(request, path);
  }

 private:
  http::Handler web_;
  api::Birdwatcher both_;
  api::Birdwatcher ipv4_;
  api::Birdwatcher ipv6_;
};

}  // namespace

class MonitoringSite::Impl {
 public:
  Impl(io::EventLoop& loop, MonitoredParts parts)
      : loop_(loop),
        parts_(std::move(parts)),
        site_(parts_.controller->exchange().route_server.monitoring),
        census_(loop, parts_.controller->route_server()),
        glass_({.controller = parts_.controller, .bgp = parts_.bgp}, &census_,
               {.version = parts_.build.version}),
        statistics_(loop, [this] { tell_statistics(); }) {}

  ~Impl() {
    for (const auto& station : stations_) {
      station->stop(monitoring::TerminationReason::kAdministrativelyClosed);
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> start() {
    const bool is_watched =
        site_.http_port != 0 || !site_.bmp_collectors.empty() || !site_.mrt_directory.empty();
    if (!is_watched) return {};
    watch_.emplace(*parts_.controller, words_of(*parts_.bgp));
    table_.emplace(parts_.controller->route_server(), *watch_);
    metrics_.emplace(metrics_parts());
    if (auto served = start_http(); !served) return served;
    if (auto archived = start_mrt(); !archived) return archived;
    start_bmp();
    return {};
  }

  void configured() {
    glass_.configured();
    if (metrics_) metrics_->configured();
  }
  void refused() {
    if (metrics_) metrics_->refused();
  }

 private:
  MetricsParts metrics_parts() {
    return {.engine = {.controller = parts_.controller, .bgp = parts_.bgp},
            .census = &census_,
            .watch = &*watch_,
            .rpki_status = parts_.rpki_status,
            .is_switch_connected = parts_.is_switch_connected,
            .http = [this] { return http_metrics(); },
            .build = parts_.build};
  }

  Result<void> start_http() {
    if (site_.http_port == 0) return {};
    http::ServerOptions options;
    options.local = {.address = site_.http_address, .port = site_.http_port};
    api::WebSources sources{.looking_glass = &glass_,
                            .birdwatcher = {},
                            .metrics = [this] { return metrics_->snapshot(); },
                            .health = [this] { return health(); }};
    const auto pages = std::make_shared<const Pages>(glass_, std::move(sources));
    FABRIX_TRY(http_, http::Server::start(loop_, std::move(options),
                                          [pages](const http::Request& request) {
                                            return pages->answer(request);
                                          }));
    io::log_info(kComponent, fmt::format("http server address={} port={}",
                                         site_.http_address.to_string(), site_.http_port));
    return {};
  }

  Result<void> start_mrt() {
    if (site_.mrt_directory.empty()) return {};
    const auto directory = std::filesystem::path(parts_.directory) / site_.mrt_directory;
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return fail(Error{"directory " + directory.string() + ": " + error.message()});
    const exchange::Exchange& exchange = parts_.controller->exchange();
    archive_.emplace(
        loop_,
        MrtArchiveOptions{.directory = directory.string(),
                          .table_interval = std::chrono::seconds(site_.mrt_table_seconds),
                          .updates_interval = std::chrono::seconds(site_.mrt_updates_seconds),
                          .collector_id = number_of(exchange.router_id),
                          .view_name = exchange.name},
        *watch_, *table_);
    return {};
  }

  void start_bmp() {
    const std::string& name = parts_.controller->exchange().name;
    for (const exchange::ServerAddress& collector : site_.bmp_collectors) {
      controller::BmpStation station;
      station.endpoint = io::IpEndpoint{.address = collector.address, .port = collector.port};
      station.feed.system_name = name;
      station.feed.system_description = "Fabrix " + parts_.build.version;
      stations_.push_back(
          std::make_unique<controller::BmpConnection>(loop_, std::move(station), *table_));
      watch_->add(*stations_.back());
      stations_.back()->start();
    }
    if (!stations_.empty()) statistics_.start(kStatistics);
  }

  void tell_statistics() {
    watch_->tell_statistics();
    statistics_.start(kStatistics);
  }

  std::vector<api::HttpMetrics> http_metrics() const {
    if (!http_) return {};
    const http::ServerCounters& counters = http_->counters();
    api::HttpMetrics metrics{.listener = "monitoring",
                             .connections = counters.connections,
                             .turned_away = counters.turned_away,
                             .clients = counters.clients,
                             .answers = {}};
    for (std::size_t digit = 1; digit < counters.answers.size(); ++digit) {
      metrics.answers.push_back({std::to_string(digit) + "xx", counters.answers[digit]});
    }
    return {metrics};
  }

  std::vector<api::HealthCheck> health() const {
    std::vector<api::HealthCheck> checks;
    if (parts_.is_switch_connected) {
      checks.push_back({.name = "fabric",
                        .holds = parts_.is_switch_connected(),
                        .detail = parts_.controller->fabric().status()});
    }
    checks.push_back({.name = "policies",
                      .holds = !parts_.controller->suspended(),
                      .detail = "suspended: the fabric does not take them"});
    return checks;
  }

  io::EventLoop& loop_;
  MonitoredParts parts_;
  exchange::MonitoringSite site_;
  TableCensus census_;
  EngineGlass glass_;
  std::optional<SessionWatch> watch_;
  std::optional<EngineTable> table_;
  std::optional<MetricsSource> metrics_;
  std::optional<MrtArchive> archive_;
  std::vector<std::unique_ptr<controller::BmpConnection>> stations_;
  io::Timer statistics_;
  std::unique_ptr<http::Server> http_;
};

MonitoringSite::MonitoringSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MonitoringSite::~MonitoringSite() = default;

Result<std::unique_ptr<MonitoringSite>> MonitoringSite::start(io::EventLoop& loop,
                                                              MonitoredParts parts) {
  auto impl = std::make_unique<Impl>(loop, std::move(parts));
  const auto started = impl->start();
  if (!started) return fail(started.error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<MonitoringSite>(new MonitoringSite(std::move(impl)));
}

void MonitoringSite::configured() {
  impl_->configured();
}

void MonitoringSite::refused() {
  impl_->refused();
}

}  // namespace fabrix::daemon
