#include "exchange/telemetry_changes.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

std::string lines(const TelemetrySite& was, const TelemetrySite& is) {
  std::string text;
  for (const Change& change : changes(was, is)) text += to_string(change) + "\n";
  return text;
}

TEST(TelemetryChanges, AreTheKeysThatDiffer) {
  const auto here = net::IpAddress::v4({127, 0, 0, 1});
  const TelemetrySite none;
  TelemetrySite site{.sflow = {}, .rest = {here, 8008}};
  EXPECT_EQ(lines(none, none), "");
  EXPECT_EQ(lines(none, site), "telemetry: rest none -> 127.0.0.1:8008\n");
  TelemetrySite other = site;
  other.sflow = {net::IpAddress::unspecified(net::Family::kIpv6), 6343};
  other.agents = {{.address = net::IpAddress::v4({192, 0, 2, 9}), .router = "a1"},
                  {.address = net::IpAddress::v4({192, 0, 2, 10}), .router = "b1"}};
  EXPECT_EQ(lines(site, other),
            "telemetry: sflow none -> [::]:6343\n"
            "telemetry: agents none -> [192.0.2.9: a1, 192.0.2.10: b1]\n");
  EXPECT_EQ(lines(other, none),
            "telemetry: rest 127.0.0.1:8008 -> none\n"
            "telemetry: sflow [::]:6343 -> none\n"
            "telemetry: agents [192.0.2.9: a1, 192.0.2.10: b1] -> none\n");
}

TEST(TelemetryChanges, NamesAndScripts) {
  const TelemetrySite none;
  TelemetrySite site;
  site.oui = "oui.csv";
  site.dns = {{net::IpAddress::v4({192, 0, 2, 53}), 53}};
  site.scripts.files = {"a.js", "b.js"};
  EXPECT_EQ(lines(none, site),
            "telemetry: oui none -> oui.csv\n"
            "telemetry: dns none -> [192.0.2.53:53]\n"
            "telemetry: scripts none -> [a.js, b.js]\n");
  TelemetrySite more = site;
  more.scripts.memory_mib = 128;
  EXPECT_EQ(lines(site, more), "telemetry: scripts changed\n");
}

TEST(TelemetryChanges, ThreadsAreThoseOfTheStart) {
  const TelemetrySite none;
  TelemetrySite site{.sflow = {}, .rest = {net::IpAddress::v4({127, 0, 0, 1}), 8008}};
  TelemetrySite more = site;
  more.threads = 4;
  EXPECT_EQ(lines(site, more), "telemetry: threads 1 -> 4 at the next start\n");
  EXPECT_EQ(lines(none, more),
            "telemetry: rest none -> 127.0.0.1:8008\ntelemetry: threads 1 -> 4\n");
}

TEST(TelemetryChanges, ActiveRoutes) {
  const TelemetrySite none;
  TelemetrySite site;
  site.active_routes = {{.name = "edge", .router = net::IpAddress::v4({192, 0, 2, 1}), .ipv4 = 7}};
  EXPECT_EQ(lines(none, site), "telemetry: active_routes none -> [edge: 7 of 192.0.2.1]\n");
  TelemetrySite other = site;
  other.active_routes[0].kernel.table = 100;
  EXPECT_EQ(lines(site, other), "telemetry: active_routes changed\n");
}

TEST(TelemetryChanges, TellNoPasswordsOfExports) {
  TelemetrySite was;
  was.exports = {{.kind = ExportKind::kNats, .host = "192.0.2.1", .port = 4222, .path = "fabrix"}};
  TelemetrySite is = was;
  is.exports[0].password = "secret";
  EXPECT_EQ(lines({}, was), "telemetry: exports none -> [nats at 192.0.2.1:4222]\n");
  EXPECT_EQ(lines(was, is), "telemetry: exports changed\n");
}

TEST(TelemetryChanges, TellRoutersAndNotTheirPasswords) {
  TelemetrySite was;
  was.bgp.listen = {net::IpAddress::v4({192, 0, 2, 250}), 1179};
  was.bgp.neighbors = {{.address = net::IpAddress::v4({192, 0, 2, 1}), .asn = net::Asn{64500}}};
  EXPECT_EQ(lines({}, was), "telemetry: bgp none -> [192.0.2.1 as 64500] at 192.0.2.250:1179\n");
  TelemetrySite is = was;
  is.bgp.neighbors.front().password = "secret";
  EXPECT_EQ(lines(was, is), "telemetry: bgp changed\n");
}

}  // namespace
}  // namespace fabrix::exchange
