#include "exchange/route_server_reader.h"

#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

RouteServerSite site_with(const std::string& keys) {
  return loaded(with_policies(keys, "")).route_server;
}

ServerAddress server(std::string_view address, std::uint16_t port) {
  return {*net::IpAddress::parse(address), port};
}

TEST(RouteServerReaderTest, NothingIsServedOrAskedUnlessSaidSo) {
  const RouteServerSite site = site_with("");
  EXPECT_EQ(site.rpki, RpkiSources{});
  EXPECT_EQ(site.monitoring, MonitoringSite{});
  EXPECT_EQ(site.monitoring.http_port, 0);
  EXPECT_EQ(site.flowspec, FlowSpecScope::kNobody);
  EXPECT_EQ(site.flowspec_rules, 100U);
}

TEST(RouteServerReaderTest, ReadsWhereRpkiDataComesFrom) {
  const auto rpki = site_with(
                        "rpki: {caches: ['127.0.0.1:3323', '[2001:db8::7]:8282', 192.0.2.1, "
                        "'2001:db8::8', '[2001:db8::9]'], vrps_file: vrps.json, "
                        "slurm_file: slurm.json}")
                        .rpki;
  const std::vector<ServerAddress> caches{server("127.0.0.1", 3323), server("2001:db8::7", 8282),
                                          server("192.0.2.1", 323), server("2001:db8::8", 323),
                                          server("2001:db8::9", 323)};
  EXPECT_EQ(rpki.caches, caches) << "323 is RFC 8210's port";
  EXPECT_EQ(rpki.vrps_file, "vrps.json");
  EXPECT_EQ(rpki.slurm_file, "slurm.json");
}

TEST(RouteServerReaderTest, ReadsFlowSpec) {
  const RouteServerSite site = site_with("flowspec: {announce_to: everyone, max_rules: 20}");
  EXPECT_EQ(site.flowspec, FlowSpecScope::kEveryone);
  EXPECT_EQ(site.flowspec_rules, 20U);
}

TEST(RouteServerReaderTest, ReadsMonitoring) {
  const auto monitoring =
      site_with(
          "monitoring: {http: '[::1]:8080', bmp: ['192.0.2.9:11019', '[2001:db8::9]:11019'], "
          "mrt: {directory: /var/lib/fabrix/mrt, table_interval: 3600, updates_interval: 60}}")
          .monitoring;
  EXPECT_EQ(monitoring.http_address.to_string(), "::1");
  EXPECT_EQ(monitoring.http_port, 8080);
  EXPECT_EQ(monitoring.bmp_collectors,
            (std::vector{server("192.0.2.9", 11019), server("2001:db8::9", 11019)}));
  EXPECT_EQ(monitoring.mrt_directory, "/var/lib/fabrix/mrt");
  EXPECT_EQ(monitoring.mrt_table_seconds, 3600U);
  EXPECT_EQ(monitoring.mrt_updates_seconds, 60U);
  EXPECT_EQ(site_with("monitoring: {http: 127.0.0.1}").monitoring.http_port, 29184);
}

TEST(RouteServerReaderTest, ComplainsAboutWhatIsWrong) {
  expect_complaints({
      {"port: 179}", "rpki: {caches: [localhost]}}", "C0114", 8, 62},
      {"port: 179}", "rpki: {caches: ['127.0.0.1:0']}}", "C0114", 8, 62},
      {"port: 179}", "rpki: {caches: ['127.0.0.1:65536']}}", "C0114", 8, 62},
      {"port: 179}", "rpki: {caches: ['[127.0.0.1]:323']}}", "C0114", 8, 62},
      {"port: 179}", "rpki: {caches: ['[::1:323']}}", "C0114", 8, 62},
      {"port: 179}", "rpki: {cache: []}}", "C0110", 8, 53},
      {"port: 179}", "flowspec: {announce_to: members}}", "C0116", 8, 70},
      {"port: 179}", "flowspec: {max_rules: 5000}}", "C0113", 8, 68},
      {"port: 179}", "monitoring: {bmp: [192.0.2.9]}}", "C0114", 8, 65},
      {"port: 179}", "monitoring: {http: '80'}}", "C0114", 8, 65},
      {"port: 179}", "monitoring: {mrt: {table_interval: 60}}}", "C0111", 8, 64},
      {"port: 179}", "monitoring: {mrt: {directory: x, updates_interval: 9}}}", "C0113", 8, 97},
  });
}

TEST(RouteServerReaderTest, AllMistakesComeInOneRunInOrder) {
  EXPECT_EQ(complaints(with_policies(
                "policy: x, session: {gtsm: 1}, import: {rpki: x}, rpki: {caches: [y]}, extra: 1",
                "import: {next_hop: z}")),
            "C0116 C0112 C0116 C0114 C0110 C0116");
}

}  // namespace
}  // namespace fabrix::exchange
