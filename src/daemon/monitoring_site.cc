#include "daemon/monitoring_site.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "api/birdwatcher.h"
#include "api/web.h"
#include "controller/bmp_connection.h"
#include "daemon/engine_glass.h"
#include "daemon/engine_table.h"
#include "daemon/loop_lag.h"
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
        site_(wanted()),
        census_(loop, parts_.controller->route_server()),
        glass_({.controller = parts_.controller, .bgp = parts_.bgp}, &census_,
               {.version = parts_.build.version}),
        watch_(*parts_.controller, words_of(*parts_.bgp)),
        table_(parts_.controller->route_server(), watch_),
        lag_(loop),
        metrics_(metrics_parts()),
        statistics_(loop, [this] { tell_statistics(); }) {}

  ~Impl() {
    for (const auto& station : stations_) {
      station.connection->stop(monitoring::TerminationReason::kAdministrativelyClosed);
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> start() {
    if (auto served = start_http(); !served) return served;
    if (auto archived = start_mrt(); !archived) return archived;
    tell_stations();
    return {};
  }

  // What cannot be had as it is wanted stays as it is, and is tried again with the next
  // configuration.
  std::vector<Error> configured() {
    glass_.configured();
    metrics_.configured();
    const exchange::MonitoringSite before = std::exchange(site_, wanted());
    std::vector<Error> problems;
    if (const auto moved = move_http(before); !moved) problems.push_back(moved.error());
    if (const auto moved = move_mrt(before); !moved) problems.push_back(moved.error());
    tell_stations();
    return problems;
  }
  void refused() { metrics_.refused(); }
  SessionWatch& watch() { return watch_; }

 private:
  struct Station {
    exchange::ServerAddress address;
    std::unique_ptr<controller::BmpConnection> connection;
  };

  const exchange::MonitoringSite& wanted() const {
    return parts_.controller->exchange().route_server.monitoring;
  }

  MetricsParts metrics_parts() {
    return {.engine = {.controller = parts_.controller, .bgp = parts_.bgp},
            .census = &census_,
            .watch = &watch_,
            .rpki_status = parts_.rpki_status,
            .is_switch_connected = parts_.is_switch_connected,
            .fabric_parts = parts_.fabric_parts,
            .sflow = parts_.sflow,
            .http = [this] { return http_metrics(); },
            .lag = &lag_,
            .bmp = [this] { return bmp_metrics(); },
            .mrt_octets_lost = [this]() -> std::optional<std::uint64_t> {
              if (!archive_) return std::nullopt;
              return archive_->counters().octets_lost;
            },
            .build = parts_.build};
  }

  Result<void> start_http() {
    if (site_.http_port == 0) return {};
    http::ServerOptions options;
    options.local = {.address = site_.http_address, .port = site_.http_port};
    api::WebSources sources{.looking_glass = &glass_,
                            .birdwatcher = {},
                            .metrics = [this] { return metrics_.snapshot(); },
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

  Result<void> move_http(const exchange::MonitoringSite& before) {
    if (before.http_port == site_.http_port && before.http_address == site_.http_address) return {};
    // Two addresses with one port may be one to the kernel.
    if (before.http_port == site_.http_port) http_.reset();
    auto previous = std::exchange(http_, nullptr);
    auto started = start_http();
    if (started) return {};
    site_.http_address = before.http_address;
    site_.http_port = before.http_port;
    http_ = std::move(previous);
    if (http_ == nullptr) std::ignore = start_http();
    return started;
  }

  Result<void> move_mrt(const exchange::MonitoringSite& before) {
    const auto settings = [](const exchange::MonitoringSite& site) {
      return std::tie(site.mrt_directory, site.mrt_table_seconds, site.mrt_updates_seconds);
    };
    if (settings(before) == settings(site_)) return {};
    archive_.reset();
    auto started = start_mrt();
    if (started) return {};
    site_.mrt_directory = before.mrt_directory;
    site_.mrt_table_seconds = before.mrt_table_seconds;
    site_.mrt_updates_seconds = before.mrt_updates_seconds;
    std::ignore = start_mrt();
    return started;
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
        watch_, table_);
    return {};
  }

  // Those that are not wanted any more are told so; new ones are dialled.
  void tell_stations() {
    const auto& wanted = site_.bmp_collectors;
    std::erase_if(stations_, [&](const Station& station) {
      if (std::ranges::find(wanted, station.address) != wanted.end()) return false;
      watch_.remove(*station.connection);
      station.connection->stop(monitoring::TerminationReason::kPermanentlyClosed);
      return true;
    });
    for (const exchange::ServerAddress& address : wanted) {
      if (std::ranges::find(stations_, address, &Station::address) == stations_.end()) {
        dial(address);
      }
    }
    if (stations_.empty()) {
      statistics_.cancel();
    } else if (!statistics_.is_running()) {
      statistics_.start(kStatistics);
    }
  }

  void dial(const exchange::ServerAddress& address) {
    controller::BmpStation station;
    station.endpoint = io::IpEndpoint{.address = address.address, .port = address.port};
    station.feed.system_name = parts_.controller->exchange().name;
    station.feed.system_description = "Fabrix " + parts_.build.version;
    stations_.push_back({.address = address,
                         .connection = std::make_unique<controller::BmpConnection>(
                             loop_, std::move(station), table_)});
    watch_.add(*stations_.back().connection);
    stations_.back().connection->start();
  }

  void tell_statistics() {
    watch_.tell_statistics();
    statistics_.start(kStatistics);
  }

  std::vector<api::BmpStationMetrics> bmp_metrics() const {
    std::vector<api::BmpStationMetrics> all;
    for (const Station& station : stations_) {
      const auto counters = station.connection->counters();
      all.push_back({.station = to_string(io::IpEndpoint{.address = station.address.address,
                                                         .port = station.address.port}),
                     .is_connected = station.connection->is_connected(),
                     .too_slow = counters.too_slow,
                     .routes_left = counters.routes_left});
    }
    return all;
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
  exchange::MonitoringSite site_;  // as it runs
  TableCensus census_;
  EngineGlass glass_;
  SessionWatch watch_;
  EngineTable table_;
  LoopLag lag_;
  MetricsSource metrics_;
  std::optional<MrtArchive> archive_;
  std::vector<Station> stations_;
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

std::vector<Error> MonitoringSite::configured() {
  return impl_->configured();
}

void MonitoringSite::refused() {
  impl_->refused();
}

SessionWatch& MonitoringSite::watch() {
  return impl_->watch();
}

}  // namespace fabrix::daemon
