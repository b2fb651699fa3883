// ExportSite: where telemetry is sent on to, what of it, and how: as exchange.telemetry.exports and
// `fabrix sflow analyze --export` say.
//
//   influxdb    http://192.0.2.1:8086/write?db=fabrix     (also /api/v2/write?org=o&bucket=b)
//   clickhouse  http://192.0.2.1:8123/?database=default
//   nats        nats://192.0.2.1:4222/fabrix              (the first part of the subjects)
//
// With https:// and tls:// in place of http:// and nats:// it is TLS. The host is a name or an IP
// address; before it there may be USER:PASSWORD@, with %XX where they need it. A value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/exchange.h"

namespace fabrix::exchange {

enum class ExportKind : std::uint8_t { kInfluxdb, kClickhouse, kNats };
inline constexpr std::array kExportKinds{ExportKind::kInfluxdb, ExportKind::kClickhouse,
                                         ExportKind::kNats};
std::string_view name_of(ExportKind kind);  // "influxdb"

enum class Exported : std::uint8_t {
  kFlows,    // records of flows that have ended, of definitions that are logged
  kTop,      // the largest flows of each definition, every so often
  kMetrics,  // what agents count, each value once
  kEvents,   // of thresholds
};
inline constexpr std::array kAllExported{Exported::kFlows, Exported::kTop, Exported::kMetrics,
                                         Exported::kEvents};
std::string_view name_of(Exported what);  // "flows"

inline constexpr std::size_t kMaxExports = 8;
inline constexpr std::uint32_t kMaxBatch = 10'000;

enum class Transport : std::uint8_t { kPlain, kTls };

struct ExportSite {
  ExportKind kind = ExportKind::kInfluxdb;
  std::string host{};  // a name in lower case, or an IP address
  std::uint16_t port = 0;
  Transport transport = Transport::kPlain;
  std::string path;  // of HTTP, with the query: "/write?db=fabrix"; of NATS "fabrix"
  std::string user{};
  std::string password{};
  std::string ca{};     // a file: of TLS, trusted besides the system's authorities
  std::string token{};  // of InfluxDB 2 and of NATS, in place of a user
  std::vector<Exported> what{kAllExported.begin(), kAllExported.end()};
  std::uint32_t batch = 1000;           // entries at a time; 1 .. kMaxBatch
  std::uint32_t interval_seconds = 10;  // between two looks at the top flows and metrics; 1 .. 3600

  friend bool operator==(const ExportSite&, const ExportSite&) = default;
};

// Server, path and user of a URL; the rest is as above. What is missing of the URL is as in the
// examples.
Result<ExportSite> parse_export(ExportKind kind, std::string_view url);

// "influxdb=http://192.0.2.1:8086/write?db=fabrix".
Result<ExportSite> parse_export(std::string_view text);

// The URL without what is secret: without user and query.
std::string url_of(const ExportSite& site);

// "192.0.2.1:8086", "[2001:db8::1]:8086", "db.example.net:443".
std::string server_of(const ExportSite& site);

}  // namespace fabrix::exchange
