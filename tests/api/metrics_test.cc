#include "api/metrics.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "io/command.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PeerMetrics peer(const std::string& participant, const std::string& name, net::Family family) {
  return {.participant = participant,
          .peer = name,
          .asn = net::Asn{64501},
          .family = family,
          .is_up = true,
          .state_changes = 3,
          .received = 12,
          .accepted = 10,
          .filtered = 2,
          .exported = 40,
          .max_prefix = 100,
          .updates_received = 7,
          .updates_sent = 8,
          .notifications_received = 1,
          .notifications_sent = 2,
          .backlog = 9,
          .is_out_of_step = true};
}

MetricsSnapshot full_snapshot() {
  MetricsSnapshot all;
  all.build = {"0.1.0", "0933adc", "g++ 12.2"};
  all.config = {.revision = 4, .is_last_reload_successful = false, .last_success_seconds = 1.5e9};
  all.peers = {peer("A \"the\" first", "A_v4", net::Family::kIpv4),
               peer("B", "B_v6", net::Family::kIpv6)};
  all.peers[1].max_prefix.reset();
  all.filtered_routes = {{"too-long", 3}, {"rpki-invalid", 1}};
  all.ribs = {{net::Family::kIpv4, 10, 20}, {net::Family::kIpv6, 1, 1}};
  all.update_processing = {.buckets = {{0.001, 5}, {0.1, 1}}, .beyond = 0, .sum = 0.02};
  all.rpki_caches = {{"rpki1", true, 600, 70, 1.6e9}, {"rpki2", false, 0, 0, std::nullopt}};
  all.policy_compile = {.buckets = {{1, 1}}, .beyond = 2, .sum = 9};
  all.switches = {{"s1", true, {{"admit", 10, 100}, {"outbound", 0, std::nullopt}}},
                  {"s2", false, {}}};
  all.fabric_parts = {.switches = {{"e1", true}, {"c1", false}}, .links = {{"e1:49-c1:1", false}}};
  all.verify_violations = {{"delivery", 0}};
  all.propagation = {.buckets = {{0.5, 2}}, .beyond = 0, .sum = 0.1};
  all.loop = {.lag = {.buckets = {{0.1, 7}}, .beyond = 1, .sum = 0.4}, .longest_lag = 0.3};
  all.bmp = {{"192.0.2.9:11019", true, 1, 2}};
  all.mrt_octets_lost = 5;
  all.fabric_parts.fail_secure = {{"e1", true}, {"e2", false}};
  all.queries = {{"A", "outbound", "web[dstport=80]", 12, 3456}, {"B", "inbound", "all", 1, 64}};
  all.ports = {{"a1", "open", fabric::PortCount{{1, 100}, {2, 200}, 3}}, {"b1", "shutdown", {}, 2}};
  all.drops = {{"a1", "unannounced", 13}, {"a1", "unannounced-passed", 14}};
  all.questions_taken = 11;
  all.questions_refused = 12;
  all.sflow = SflowMetrics{.samples = 4, .lost = 5, .datagrams = 6, .unsent = 7};
  all.http = {{"api", 100, 1, 2, {{"2xx", 99}, {"4xx", 1}}}};
  all.emissions_checked = 31;
  all.emissions_withheld = 1;
  all.process = read_process_metrics();
  return all;
}

TEST(Metrics, TellsAboutSessions) {
  const std::string text = to_prometheus(full_snapshot());
  const std::string a = R"(participant="A \"the\" first",peer="A_v4",asn="64501",afi="ipv4")";
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_peer_up{" + a + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_routes{" + a + ",state=\"received\"} 12\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_routes{" + a + ",state=\"exported\"} 40\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_max_prefix{" + a + "} 100\n"));
  EXPECT_THAT(text, Not(HasSubstr("fabrix_bgp_max_prefix{participant=\"B\"")));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_updates_received_total{" + a + "} 7\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_updates_sent_total{" + a + "} 8\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_backlog_bytes{" + a + "} 9\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_peer_out_of_step{" + a + "} 1\n"));
}

TEST(Metrics, TellsAboutTheRest) {
  const std::string text = to_prometheus(full_snapshot());
  for (
      const char* const line : {
          R"(fabrix_build_info{version="0.1.0",revision="0933adc",compiler="g++ 12.2"} 1)",
          "fabrix_config_revision 4",
          "fabrix_config_last_reload_successful 0",
          R"(fabrix_bgp_routes_filtered{reason="rpki-invalid"} 1)",
          R"(fabrix_bgp_rib_routes{afi="ipv4"} 20)",
          R"(fabrix_rpki_vrps{cache="rpki1"} 600)",
          R"(fabrix_rpki_aspas{cache="rpki1"} 70)",
          R"(fabrix_rpki_cache_connected{cache="rpki2"} 0)",
          R"(fabrix_switch_connected{switch="s2"} 0)",
          R"(fabrix_switch_connected{switch="e1"} 1)",
          R"(fabrix_switch_connected{switch="c1"} 0)",
          R"(fabrix_fabric_link_up{link="e1:49-c1:1"} 0)",
          R"(fabrix_fabric_rules{switch="s1",table="admit"} 10)",
          R"(fabrix_fabric_table_utilization_ratio{switch="s1",table="admit"} 0.1)",
          R"(fabrix_verify_violations{property="delivery"} 0)",
          R"(fabrix_policy_query_packets_total{participant="A",direction="outbound",query="web[dstport=80]"} 12)",
          R"(fabrix_policy_query_octets_total{participant="B",direction="inbound",query="all"} 64)",
          R"(fabrix_port_open{router="b1",standing="shutdown"} 0)",
          R"(fabrix_port_mac_lock_closed_total{router="b1"} 2)",
          R"(fabrix_controller_questions_total{outcome="taken"} 11)",
          R"(fabrix_controller_questions_total{outcome="refused"} 12)",
          R"(fabrix_port_dropped_frames_total{router="a1",reason="unannounced"} 13)",
          R"(fabrix_port_unannounced_passed_frames_total{router="a1"} 14)",
          R"(fabrix_switch_fail_secure{switch="e1"} 1)",
          R"(fabrix_switch_fail_secure{switch="e2"} 0)",
          R"(fabrix_port_in_packets_total{router="a1"} 1)",
          R"(fabrix_port_in_octets_total{router="a1"} 100)",
          R"(fabrix_port_out_packets_total{router="a1"} 2)",
          R"(fabrix_port_out_octets_total{router="a1"} 200)",
          R"(fabrix_port_discarded_packets_total{router="a1"} 3)",
          "fabrix_sflow_samples_total 4",
          "fabrix_sflow_samples_lost_total 5",
          "fabrix_sflow_datagrams_total 6",
          "fabrix_sflow_datagrams_unsent_total 7",
          R"(fabrix_http_answers_total{listener="api",code="2xx"} 99)",
          R"(fabrix_bgp_propagation_seconds_bucket{le="0.5"} 2)",
          "fabrix_bgp_emissions_checked_total 31",
          "fabrix_bgp_emissions_withheld_total 1",
          "fabrix_event_loop_lag_seconds_count 8",
          "fabrix_event_loop_longest_lag_seconds 0.3",
          R"(fabrix_bmp_connected{station="192.0.2.9:11019"} 1)",
          R"(fabrix_bmp_too_slow_total{station="192.0.2.9:11019"} 1)",
          "fabrix_mrt_lost_bytes_total 5",
      }) {
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
  }
  EXPECT_THAT(text, Not(HasSubstr("last_sync_timestamp_seconds{cache=\"rpki2\"")));
}

TEST(Metrics, RepeatsNoSample) {
  std::istringstream lines(to_prometheus(full_snapshot()));
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    const std::string key = line.starts_with('#') ? line : line.substr(0, line.rfind(' '));
    EXPECT_TRUE(seen.insert(key).second) << line;
  }
}

io::CommandOutput run(const std::string& command) {
  const auto result = io::run_command({.process = {.argv = {"sh", "-c", command}}});
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : io::CommandOutput{};
}

class PromtoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!run("command -v promtool").status.success()) {
      GTEST_SKIP() << "promtool is not installed (package prometheus)";
    }
  }

  // promtool reads the text and has nothing to say about names, types and help.
  static void expect_content(const std::string& text) {
    const std::string file = ::testing::TempDir() + "fabrix-metrics-" + std::to_string(getpid());
    std::ofstream(file) << text;
    const auto result = run("promtool check metrics < " + file + " 2>&1");
    std::filesystem::remove(file);
    EXPECT_TRUE(result.status.success());
    EXPECT_EQ(result.out, "");
  }
};

TEST_F(PromtoolTest, IsContentWithAllMetrics) {
  expect_content(to_prometheus(full_snapshot()));
}

TEST_F(PromtoolTest, IsContentWithAnExchangeThatHasNothingYet) {
  expect_content(to_prometheus({}));
}

}  // namespace
}  // namespace fabrix::api
