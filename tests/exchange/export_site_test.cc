#include "exchange/export_site.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

constexpr const char* kHost = "192.0.2.1";

TEST(ExportSite, HasWhatTheUrlLeavesOut) {
  EXPECT_EQ(
      parse_export("influxdb=http://192.0.2.1"),
      (ExportSite{
          .kind = ExportKind::kInfluxdb, .host = kHost, .port = 8086, .path = "/write?db=fabrix"}));
  EXPECT_EQ(
      parse_export("clickhouse=http://192.0.2.1/"),
      (ExportSite{.kind = ExportKind::kClickhouse, .host = kHost, .port = 8123, .path = "/"}));
  EXPECT_EQ(parse_export("nats=nats://192.0.2.1"),
            (ExportSite{.kind = ExportKind::kNats, .host = kHost, .port = 4222, .path = "fabrix"}));
}

TEST(ExportSite, ReadsAllOfTheUrl) {
  const auto site =
      parse_export("influxdb=http://a%40b:p%3aw@[2001:db8::1]:80/api/v2/write?org=o&bucket=b")
          .value();
  EXPECT_EQ(site.user, "a@b");
  EXPECT_EQ(site.password, "p:w");
  EXPECT_EQ(site.port, 80);
  EXPECT_EQ(site.path, "/api/v2/write?org=o&bucket=b");
  EXPECT_EQ(url_of(site), "http://[2001:db8::1]:80/api/v2/write");
  const auto nats = parse_export("nats=nats://t@192.0.2.1:9/site.a").value();
  EXPECT_EQ(nats.path, "site.a");
  EXPECT_EQ(url_of(nats), "nats://192.0.2.1:9/site.a");
}

TEST(ExportSite, MayBeANameAndWithTls) {
  const auto site = parse_export("clickhouse=https://DB.example.net/").value();
  EXPECT_EQ(site.host, "db.example.net");
  EXPECT_EQ(site.port, 8443);
  EXPECT_EQ(site.transport, Transport::kTls);
  EXPECT_EQ(url_of(site), "https://db.example.net:8443/");
  const auto nats = parse_export("nats=tls://u:p@broker_1:4223/site").value();
  EXPECT_EQ(url_of(nats), "tls://broker_1:4223/site");
  EXPECT_EQ(parse_export("influxdb=https://[2001:db8::1]").value().transport, Transport::kTls);
  EXPECT_EQ(server_of(parse_export("influxdb=https://[2001:db8::1]").value()),
            "[2001:db8::1]:8086");
}

TEST(ExportSite, SaysWhatIsWrong) {
  const auto complaint = [](const char* text) {
    const auto site = parse_export(text);
    return site ? "" : site.error().message;
  };
  EXPECT_EQ(complaint(""), "it is influxdb=URL, clickhouse=URL or nats=URL");
  EXPECT_EQ(complaint("kafka=http://192.0.2.1"), "it is influxdb=URL, clickhouse=URL or nats=URL");
  EXPECT_EQ(complaint("influxdb"), "it begins with http:// or https://");
  EXPECT_EQ(complaint("influxdb=tls://192.0.2.1"), "it begins with http:// or https://");
  EXPECT_EQ(complaint("nats=http://192.0.2.1"), "it begins with nats:// or tls://");
  for (const char* host : {"192.0.2.1:0", "", ":4222", "host:0", "host:x", "-host", "ho st",
                           "192.0.2", "host:1:2", "[host]", "host!"}) {
    EXPECT_EQ(complaint((std::string("nats=nats://") + host).c_str()),
              "its host is a name or an IP address, perhaps with a port")
        << host;
  }
  EXPECT_EQ(complaint("nats=nats://a%4@192.0.2.1"), "what is before '@' has a '%' that is no %XX");
  EXPECT_EQ(complaint("nats=nats://a%0a@192.0.2.1"), "what is before '@' has a '%' that is no %XX");
  for (const char* path : {"/a b", "/a>", "/.a", "/a..b", "/a."}) {
    EXPECT_NE(complaint((std::string("nats=nats://192.0.2.1") + path).c_str()), "") << path;
  }
  EXPECT_EQ(complaint("influxdb=http://192.0.2.1/a b"), "'/a b' is no path");
}

TEST(ExportSite, NamesAreWords) {
  for (const ExportKind kind : kExportKinds) EXPECT_FALSE(name_of(kind).empty());
  EXPECT_EQ(name_of(Exported::kMetrics), "metrics");
}

}  // namespace
}  // namespace fabrix::exchange
