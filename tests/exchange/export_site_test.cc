#include "exchange/export_site.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

const net::IpAddress kHost = net::IpAddress::v4({192, 0, 2, 1});

TEST(ExportSite, HasWhatTheUrlLeavesOut) {
  EXPECT_EQ(parse_export("influxdb=http://192.0.2.1"), (ExportSite{.kind = ExportKind::kInfluxdb,
                                                                   .server = {kHost, 8086},
                                                                   .path = "/write?db=fabrix"}));
  EXPECT_EQ(parse_export("clickhouse=http://192.0.2.1/"),
            (ExportSite{.kind = ExportKind::kClickhouse, .server = {kHost, 8123}, .path = "/"}));
  EXPECT_EQ(parse_export("nats=nats://192.0.2.1"),
            (ExportSite{.kind = ExportKind::kNats, .server = {kHost, 4222}, .path = "fabrix"}));
}

TEST(ExportSite, ReadsAllOfTheUrl) {
  const auto site =
      parse_export("influxdb=http://a%40b:p%3aw@[2001:db8::1]:80/api/v2/write?org=o&bucket=b")
          .value();
  EXPECT_EQ(site.user, "a@b");
  EXPECT_EQ(site.password, "p:w");
  EXPECT_EQ(site.server.port, 80);
  EXPECT_EQ(site.path, "/api/v2/write?org=o&bucket=b");
  EXPECT_EQ(url_of(site), "http://[2001:db8::1]:80/api/v2/write");
  const auto nats = parse_export("nats=nats://t@192.0.2.1:9/site.a").value();
  EXPECT_EQ(nats.path, "site.a");
  EXPECT_EQ(url_of(nats), "nats://192.0.2.1:9/site.a");
}

TEST(ExportSite, SaysWhatIsWrong) {
  const auto complaint = [](const char* text) {
    const auto site = parse_export(text);
    return site ? "" : site.error().message;
  };
  EXPECT_EQ(complaint(""), "it is influxdb=URL, clickhouse=URL or nats=URL");
  EXPECT_EQ(complaint("kafka=http://192.0.2.1"), "it is influxdb=URL, clickhouse=URL or nats=URL");
  EXPECT_EQ(complaint("influxdb"), "it begins with http://");
  EXPECT_EQ(complaint("influxdb=https://192.0.2.1"), "it begins with http://");
  EXPECT_EQ(complaint("nats=http://192.0.2.1"), "it begins with nats://");
  EXPECT_EQ(complaint("nats=nats://localhost"), "its host is an IP address, perhaps with a port");
  EXPECT_EQ(complaint("nats=nats://192.0.2.1:0"), "its host is an IP address, perhaps with a port");
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
