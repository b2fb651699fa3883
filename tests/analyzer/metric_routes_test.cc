#include "analyzer/metric_routes.h"

#include <memory>

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/analyzer/counting.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

class MetricRoutesTest : public testing::Test {
 protected:
  json::value ask(std::string_view target) { return json_at(engine_, target); }

  std::unique_ptr<telemetry::Engine> made_ = counting_engine();
  telemetry::Engine& engine_ = *made_;
};

TEST_F(MetricRoutesTest, ListWhenMetricsWereSeen) {
  const auto metrics = ask("/metrics/json").as_object();
  EXPECT_EQ(metrics.at("ifinoctets"), 5'000);
  EXPECT_EQ(metrics.at("host_name"), 5'000);
  EXPECT_FALSE(metrics.contains("vir_host_name"));
}

TEST_F(MetricRoutesTest, OfPlacesInTheTopology) {
  const auto octets = [&](const std::string& agents) {
    return ask("/metric/" + agents + "/sum:ifinoctets/json").at(0).as_object();
  };
  EXPECT_EQ(octets("EDGE").at("metricValue"), 85'000);
  EXPECT_FALSE(octets("CORE").contains("metricValue"));
  put(engine_, "/topology/json",
      R"({"links":{"l":{"node1":"web1","port1":"swp7","node2":"db1","port2":"swp7"}}})");
  EXPECT_EQ(octets("CORE").at("metricValue"), 77'000);
  EXPECT_EQ(octets("EDGE").at("metricValue"), 8'000);
  EXPECT_EQ(octets("TOPOLOGY").at("metricValue"), 85'000);
  EXPECT_EQ(octets("EDGE;192.0.2.2").at("metricValue"), 78'000);
  EXPECT_EQ(ask("/dump/CORE/ifname/json").as_array().size(), 2U);
}

TEST_F(MetricRoutesTest, ListAllOfAnAgent) {
  const auto metrics = ask("/metric/192.0.2.1/json").as_object();
  EXPECT_EQ(metrics.at("7.ifinoctets"), 7'000);
  EXPECT_EQ(metrics.at("8.ifinoctets"), 8'000);
  EXPECT_EQ(metrics.at("2.1.load_one"), 0.5);
  EXPECT_EQ(metrics.at("2.1.host_name"), "web1");
  EXPECT_TRUE(ask("/metric/192.0.2.9/json").as_object().empty());
}

// The shapes of https://blog.sflow.com/2013/02/cluster-performance-metrics.html: metricName is as
// it was asked; agent and dataSource are of max, min and any only.
TEST_F(MetricRoutesTest, SummarizeInTheOrderAsked) {
  const auto values =
      ask("/metric/ALL/ifinoctets,avg:ifinoctets,nothing,any:7.ifname/json").as_array();
  ASSERT_EQ(values.size(), 4U);
  EXPECT_EQ(values[0], (json::object{{"agent", "192.0.2.2"},
                                     {"dataSource", "7"},
                                     {"lastUpdate", 5000},
                                     {"metricName", "ifinoctets"},
                                     {"metricValue", 70'000},
                                     {"metricN", 3},
                                     {"lastUpdateMin", 5000},
                                     {"lastUpdateMax", 5000}}));
  EXPECT_EQ(values[1].at("metricName"), "avg:ifinoctets");
  EXPECT_DOUBLE_EQ(values[1].at("metricValue").to_number<double>(), 85'000.0 / 3);
  EXPECT_FALSE(values[1].as_object().contains("agent"));
  EXPECT_EQ(values[2], (json::object{{"metricName", "nothing"}}));
  EXPECT_EQ(values[3].at("metricValue"), "swp7");
  EXPECT_EQ(values[3].at("metricN"), 2);
}

TEST_F(MetricRoutesTest, SummarizeWhatTheFilterTakes) {
  const auto sum = [&](std::string_view query) {
    const auto value = ask("/metric/ALL/sum:ifinoctets/json" + std::string(query)).at(0);
    return value.as_object().contains("metricValue") ? value.at("metricValue").as_int64() : -1;
  };
  EXPECT_EQ(sum(""), 85'000);
  EXPECT_EQ(sum("?host_name=*eb*"), 15'000);
  EXPECT_EQ(sum("?host_name=web*&host_name=db*"), 85'000);
  EXPECT_EQ(sum("?host_name=web*&ifname=swp8"), 8'000);
  EXPECT_EQ(sum("?os_name=windows"), -1);
}

TEST_F(MetricRoutesTest, DumpEveryRow) {
  const auto rows = ask("/dump/ALL/ifinoctets,load_one/json").as_array();
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0], (json::object{{"agent", "192.0.2.1"},
                                   {"dataSource", "7"},
                                   {"lastUpdate", 5000},
                                   {"metricName", "ifinoctets"},
                                   {"metricValue", 7000}}));
  EXPECT_EQ(rows[3].at("dataSource"), "2.1");
  EXPECT_GT(ask("/dump/192.0.2.1/ALL/json").as_array().size(), 20U);
  EXPECT_TRUE(ask("/dump/192.0.2.1/nothing/json").as_array().empty());
}

TEST_F(MetricRoutesTest, MakeTablesOfRowsOfCells) {
  const auto rows = ask("/table/ALL/host_name,sort:ifinoctets:-2/json").as_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at(0).at("metricValue"), "db1");
  EXPECT_EQ(rows[0].at(1), (json::object{{"agent", "192.0.2.2"},
                                         {"dataSource", "7"},
                                         {"lastUpdate", 5000},
                                         {"metricName", "ifinoctets"},
                                         {"metricValue", 70'000}}));
  EXPECT_EQ(rows[1].at(1).at("metricValue"), 8'000);
  // sFlow-RT's sunburst: if(row[1]) ... else if(row[3]) ...
  EXPECT_TRUE(ask("/table/ALL/ifname,null:nothing/json").at(0).at(1).is_null());
}

// The shapes of sFlow-RT's flow metrics: topKeys beside the largest flow's value.
TEST_F(MetricRoutesTest, FlowsAreMetrics) {
  put(engine_, "/flow/pair/json", R"({"keys":"ipsource","value":"frames","t":2})");
  const telemetry::Sampled sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
  engine_.receive(sampled.datagram(), net::IpAddress::v4({198, 51, 100, 1}),
                  std::chrono::seconds(25));
  EXPECT_EQ(ask("/metrics/json").at("pair"), 0);
  EXPECT_EQ(ask("/metric/192.0.2.9/json").at("7.pair"), 500);
  EXPECT_EQ(ask("/metric/ALL/pair,sum:pair/json").at(0).at("topKeys"),
            (json::array{json::object{{"key", "10.4.3.9"}, {"value", 500}, {"lastUpdate", 0}}}));
  EXPECT_EQ(ask("/dump/192.0.2.9/7.pair/json").at(0).at("metricValue"), 500);
}

}  // namespace
}  // namespace fabrix::analyzer
