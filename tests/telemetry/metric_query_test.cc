#include "telemetry/metric_query.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/telemetry/counted.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

TEST(MetricTerms, HaveASummaryASourceAndAName) {
  const auto check = [](std::string_view text, Summary summary, std::string_view source,
                        std::string_view name) {
    SCOPED_TRACE(text);
    const MetricTerm term = parse_term(text);
    EXPECT_EQ(term.text, text);
    EXPECT_EQ(term.summary, summary);
    EXPECT_EQ(term.source, source);
    EXPECT_EQ(term.name, name);
  };
  check("load_one", Summary::kMax, "", "load_one");
  check("sum:ifinoctets", Summary::kSum, "", "ifinoctets");
  check("q2:load_one", Summary::kMedian, "", "load_one");
  check("37.ifinoctets", Summary::kMax, "37", "ifinoctets");
  check("any:2.1.host_name", Summary::kAny, "2.1", "host_name");
  check("other:thing", Summary::kMax, "", "other:thing");
  check("5.", Summary::kMax, "5", "");
  check("5", Summary::kMax, "", "5");
  EXPECT_EQ(parse_terms("a,,b").size(), 2U);
  EXPECT_EQ(parse_terms("a;b").size(), 2U);
  EXPECT_TRUE(parse_terms("").empty());
}

TEST(MetricPatterns, AStarIsAnyText) {
  EXPECT_TRUE(fits("*web.*", "a.web.b"));
  EXPECT_TRUE(fits("*web.*", "web."));
  EXPECT_FALSE(fits("*web.*", "web"));
  EXPECT_TRUE(fits("vx*host*", "vx1host2"));
  EXPECT_FALSE(fits("vx*host", "vx1host2"));
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("", ""));
  EXPECT_FALSE(fits("", "a"));
  EXPECT_TRUE(fits("*ab*ab", "abaab"));
  EXPECT_FALSE(fits("a.c", "abc"));
  EXPECT_FALSE(fits(std::string(400, '*') + "b", std::string(100'000, 'a')));
}

net::IpAddress agent(std::uint8_t last) {
  return net::IpAddress::v4({192, 0, 2, last});
}

CounterRecords host(std::string_view name) {
  return {{sflow::Tag::of(0, 2000),
           {sflow::Bytes(std::as_bytes(std::span(name))),
            sflow::Bytes(std::as_bytes(std::span(std::string_view("0123456789abcdef")))),
            std::uint64_t{3}, std::uint64_t{2}, sflow::Bytes()}}};
}

CounterRecords port_name(std::string_view name) {
  return {{sflow::Tag::of(0, 1005), {sflow::Bytes(std::as_bytes(std::span(name)))}}};
}

// Ports of speeds 1, 2, 3, 4 Gbit/s: two of agent 1 (web1), one each of 2 (db1) and 3.
class MetricQueryTest : public testing::Test {
 protected:
  MetricQueryTest() {
    receive(store_, {.source = {2, 1}, .agent = agent(1), .records = host("web1")}, seconds(1));
    receive(store_, {.source = {2, 1}, .agent = agent(2), .records = host("db1")}, seconds(2));
    const auto port = [&](std::uint8_t last, std::uint32_t index, std::uint64_t gigabits) {
      auto records = interface_counters({.speed = gigabits * 1'000'000'000});
      const std::string name = "swp" + std::to_string(index);
      records.push_back(port_name(name)[0]);
      receive(store_, {.source = {0, index}, .agent = agent(last), .records = records},
              seconds(10 + gigabits));
    };
    port(1, 7, 1);
    port(1, 8, 2);
    port(2, 7, 3);
    port(3, 7, 4);
  }

  MetricSummary ask(std::string_view agents, std::string_view term, MetricFilter filter = {}) {
    const MetricTerm asked = parse_term(term);
    rows_ = MetricQuery(store_, agents, std::move(filter)).rows(asked);
    return summarize(asked.summary, rows_);
  }
  double gigabits(std::string_view agents, std::string_view term, MetricFilter filter = {}) {
    const auto summary = ask(agents, term, std::move(filter));
    return summary.value ? std::get<double>(*summary.value) / 1e9 : -1;
  }

  MetricStore store_;
  std::vector<MetricRow> rows_;
};

TEST_F(MetricQueryTest, SummarizesWhatThereIs) {
  EXPECT_EQ(gigabits("ALL", "ifspeed"), 4);
  EXPECT_EQ(gigabits("ALL", "min:ifspeed"), 1);
  EXPECT_EQ(gigabits("ALL", "sum:ifspeed"), 10);
  EXPECT_EQ(gigabits("ALL", "avg:ifspeed"), 2.5);
  EXPECT_EQ(gigabits("ALL", "med:ifspeed"), 2.5);
  EXPECT_EQ(gigabits("ALL", "q2:ifspeed"), 2.5);
  EXPECT_EQ(gigabits("ALL", "q1:ifspeed"), 1.75);
  EXPECT_EQ(gigabits("ALL", "q3:ifspeed"), 3.25);
  EXPECT_EQ(gigabits("ALL", "iqr:ifspeed"), 1.5);
  EXPECT_EQ(gigabits("ALL", "any:ifspeed"), 4);
  EXPECT_DOUBLE_EQ(gigabits("ALL", "var:ifspeed"), 1.25e9);
  EXPECT_DOUBLE_EQ(gigabits("ALL", "sdev:ifspeed"), std::sqrt(1.25));
}

TEST_F(MetricQueryTest, SaysWhereAndWhen) {
  const auto most = ask("ALL", "ifspeed");
  EXPECT_EQ(most.count, 4U);
  ASSERT_NE(most.row, nullptr);
  EXPECT_EQ(most.row->source, (DataSource{agent(3), {0, 7}}));
  EXPECT_EQ(most.oldest, seconds(11));
  EXPECT_EQ(most.latest, seconds(14));
  EXPECT_EQ(ask("ALL", "sum:ifspeed").row, nullptr);
}

TEST_F(MetricQueryTest, TakesTheAgentsAskedFor) {
  EXPECT_EQ(gigabits("192.0.2.1", "sum:ifspeed"), 3);
  EXPECT_EQ(gigabits("192.0.2.1;192.0.2.3", "sum:ifspeed"), 7);
  EXPECT_EQ(gigabits("web1;db1", "sum:ifspeed"), 6);
  EXPECT_EQ(ask("nobody", "sum:ifspeed").count, 0U);
  EXPECT_EQ(ask("", "sum:ifspeed").count, 0U);
}

TEST_F(MetricQueryTest, TakesTheDataSourceAskedFor) {
  EXPECT_EQ(gigabits("ALL", "sum:7.ifspeed"), 8);
  EXPECT_EQ(gigabits("192.0.2.1", "8.ifspeed"), 2);
  EXPECT_EQ(ask("ALL", "2.1.ifspeed").count, 0U);
}

TEST_F(MetricQueryTest, FiltersByOtherMetrics) {
  EXPECT_EQ(gigabits("ALL", "sum:ifspeed", {{"host_name", {"web*"}}}), 3);
  EXPECT_EQ(gigabits("ALL", "sum:ifspeed", {{"host_name", {"web*", "*b1"}}}), 6);
  EXPECT_EQ(gigabits("ALL", "sum:ifspeed", {{"ifname", {"swp8"}}}), 2);
  EXPECT_EQ(gigabits("ALL", "sum:ifspeed", {{"ifname", {"swp7"}}, {"host_name", {"*"}}}), 4);
  EXPECT_EQ(gigabits("ALL", "sum:ifspeed", {{"ifspeed", {"4000000000"}}}), 4);
  EXPECT_EQ(ask("ALL", "sum:ifspeed", {{"nothing", {"*"}}}).count, 0U);
}

TEST_F(MetricQueryTest, TextsHaveNoSums) {
  EXPECT_EQ(text_of(*ask("ALL", "host_name").value), "web1");
  EXPECT_EQ(text_of(*ask("ALL", "min:host_name").value), "db1");
  EXPECT_EQ(text_of(*ask("ALL", "any:host_name").value), "db1");
  const auto sum = ask("ALL", "sum:host_name");
  EXPECT_EQ(sum.count, 2U);
  EXPECT_FALSE(sum.value);
}

TEST_F(MetricQueryTest, AllIsEveryMetric) {
  const auto rows = MetricQuery(store_, "192.0.2.3").rows(parse_term("ALL"));
  EXPECT_EQ(rows.size(), store_.find({agent(3), {0, 7}})->size());
}

TEST_F(MetricQueryTest, TakesMoreMetrics) {
  const MoreMetrics more = [](std::string_view name, const std::function<void(MetricRow)>& add) {
    if (name != "flow") return;
    for (std::uint8_t n = 1; n <= 4; ++n) {
      add({.source = {agent(n), {0, 7}},
           .name = "flow",
           .value = double(n),
           .updated = seconds(n)});
    }
  };
  const MetricQuery query(store_, "ALL", {{"host_name", {"*"}}}, more);
  const auto rows = query.rows(parse_term("flow"));
  EXPECT_EQ(std::get<double>(*summarize(Summary::kSum, rows).value), 3);
  EXPECT_TRUE(query.rows(parse_term("other")).empty());
}

TEST(MetricSummaries, OfOneAndOfNone) {
  EXPECT_EQ(summarize(Summary::kSum, {}).count, 0U);
  EXPECT_FALSE(summarize(Summary::kMax, {}).value);
  const std::vector<MetricRow> one{{.source = {}, .name = "x", .value = 5.0}};
  for (const auto summary : {Summary::kMax, Summary::kMin, Summary::kSum, Summary::kAvg,
                             Summary::kMedian, Summary::kQ1, Summary::kQ3, Summary::kAny}) {
    EXPECT_EQ(std::get<double>(*summarize(summary, one).value), 5);
  }
  for (const auto summary : {Summary::kVar, Summary::kSdev, Summary::kIqr}) {
    EXPECT_EQ(std::get<double>(*summarize(summary, one).value), 0);
  }
}

}  // namespace
}  // namespace fabrix::telemetry
