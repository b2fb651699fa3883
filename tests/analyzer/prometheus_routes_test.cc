#include "analyzer/prometheus_routes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/command.h"
#include "tests/analyzer/ask.h"
#include "tests/analyzer/counting.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

using std::chrono::seconds;

class PrometheusRoutes : public testing::Test {
 protected:
  std::string text(std::string_view target) {
    const auto answer = get(engine_, target);
    EXPECT_EQ(answer.status, 200U) << body_of(answer);
    return body_of(answer);
  }

  // 64 octets, 1 in 1,000.
  void sample(const char* packet, int second) {
    const telemetry::Sampled sampled(sflow::frame(packet));
    engine_.receive(sampled.datagram(), net::IpAddress::v4({198, 51, 100, 1}), seconds(second));
  }

  std::unique_ptr<telemetry::Engine> made_ = counting_engine();
  telemetry::Engine& engine_ = *made_;
};

constexpr std::string_view kPair =
    "/prometheus/flows/ALL/txt?metric=pair&key=ipsource,or:ipdestination:ip6destination&label=src"
    "&value=bytes&t=2&scale=8";

TEST_F(PrometheusRoutes, TellsMetrics) {
  EXPECT_EQ(
      text("/prometheus/metrics/ALL/load_one,ifinoctets,host_name/txt"),
      "# HELP sflow_ifinoctets Of sFlow agents.\n# TYPE sflow_ifinoctets gauge\n"
      "sflow_ifinoctets{agent=\"192.0.2.1\",datasource=\"7\",host=\"web1\",ifname=\"swp7\"} 7000\n"
      "sflow_ifinoctets{agent=\"192.0.2.1\",datasource=\"8\",host=\"web1\",ifname=\"swp8\"} 8000\n"
      "sflow_ifinoctets{agent=\"192.0.2.2\",datasource=\"7\",host=\"db1\",ifname=\"swp7\"} 70000\n"
      "# HELP sflow_load_one Of sFlow agents.\n# TYPE sflow_load_one gauge\n"
      "sflow_load_one{agent=\"192.0.2.1\",datasource=\"2.1\",host=\"web1\"} 0.5\n"
      "sflow_load_one{agent=\"192.0.2.2\",datasource=\"2.1\",host=\"db1\"} 2\n");
}

// The shapes of sFlow-RT's application (its api.yml).
TEST_F(PrometheusRoutes, TellsStatisticsAndFlowsAtTheApplicationsPaths) {
  EXPECT_EQ(text("/app/prometheus/scripts/export.js/statistics/web/ALL/max:load_one,os_name/txt"),
            "# HELP sflow_max_load_one Of sFlow agents.\n# TYPE sflow_max_load_one gauge\n"
            "sflow_max_load_one{group=\"web\"} 2\n");
  EXPECT_EQ(text("/app/prometheus/scripts/export.js/flows/ALL/txt?metric=f&key=ipsource"
                 "&value=bytes"),
            "");
}

TEST_F(PrometheusRoutes, TellsFlowsOnceTheyAreMeasured) {
  EXPECT_EQ(text(kPair), "");
  sample("udp 10.4.3.9:53 -> 10.1.2.3:9", 25);
  EXPECT_EQ(text(kPair),
            "# HELP pair The largest flows of bytes a second.\n# TYPE pair gauge\n"
            "pair{src=\"10.4.3.9\",or_ipdestination_ip6destination=\"10.1.2.3\"} 256000\n");
  // The same question is the same definition.
  EXPECT_EQ(engine_.flows().all().size(), 1U);
  text(std::string(kPair) + "&filter=ipprotocol=17");
  EXPECT_EQ(engine_.flows().all().size(), 2U);
}

TEST_F(PrometheusRoutes, DefinitionsLeaveWhenNobodyAsksAnyMore) {
  text(kPair);
  engine_.tick(seconds(25) + kLent - seconds(1));
  text(kPair);
  engine_.tick(seconds(24) + kLent + seconds(2));
  EXPECT_EQ(engine_.flows().all().size(), 1U);
  engine_.tick(seconds(24) + 2 * kLent);
  EXPECT_TRUE(engine_.flows().all().empty());
}

TEST_F(PrometheusRoutes, SaysWhatIsWrong) {
  const auto complaint = [&](const char* parameters) {
    const auto answer = get(engine_, "/prometheus/flows/ALL/txt?" + std::string(parameters));
    EXPECT_EQ(answer.status, 400U) << parameters;
    return body_of(answer);
  };
  EXPECT_NE(complaint("key=ipsource&value=bytes").find("'metric'"), std::string::npos);
  EXPECT_NE(complaint("metric=a&value=bytes").find("'key'"), std::string::npos);
  EXPECT_NE(complaint("metric=a&key=ipsource").find("'value'"), std::string::npos);
  EXPECT_NE(complaint("metric=a&key=nonsense&value=bytes").find("nonsense"), std::string::npos);
  EXPECT_NE(complaint("metric=a&key=vlan,vlan&value=bytes").find("label"), std::string::npos);
  EXPECT_NE(complaint("metric=a&key=vlan&value=bytes&scale=x").find("scale"), std::string::npos);
  EXPECT_NE(complaint("metric=a&key=vlan&value=bytes&aggMode=x").find("aggMode"),
            std::string::npos);
}

// The reader's own tool, for each of the pages.
TEST_F(PrometheusRoutes, ArePromtoolsTaste) {
  text(kPair);
  sample("udp 10.4.3.9:53 -> 10.1.2.3:9", 25);
  const std::string file = ::testing::TempDir() + "fabrix-prometheus-" + std::to_string(::getpid());
  for (const std::string_view page :
       {std::string_view("/prometheus/analyzer/txt"), kPair,
        std::string_view("/prometheus/metrics/ALL/ifinoctets,load_one,cpu_utilization/txt")}) {
    std::ofstream(file) << text(page);
    const auto checked = io::run_command(
        {.process = {.argv = {"sh", "-c", "promtool check metrics <" + file + " 2>&1"}}});
    ASSERT_TRUE(checked) << checked.error().message;
    if (checked->status.code == 127) GTEST_SKIP() << "needs promtool (package prometheus)";
    // It takes all; of style it has a word about the one name that is sFlow-RT's.
    EXPECT_NE(checked->status.code, 1) << page;
    EXPECT_EQ(checked->out.find("agent_count"), checked->out.empty() ? std::string::npos : 15U)
        << page << "\n"
        << checked->out;
    EXPECT_LE(std::ranges::count(checked->out, '\n'), 2) << checked->out;
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace fabrix::analyzer
