#include "telemetry/metric_store.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"
#include "tests/telemetry/counted.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Number = std::uint64_t;

TEST(MetricStore, TellsNothingOfTimeAlone) {
  MetricStore store;
  int told = 0;
  store.observe([&](const MetricUpdate& /*update*/) { ++told; });
  store.tick(std::chrono::seconds(1));
  EXPECT_EQ(told, 0);
}

TEST(MetricStore, RatesAreOfTheSecondSampleOn) {
  MetricStore store;
  receive(store, {.sequence = 1, .records = interface_counters({.in = 1000})}, seconds(10));
  EXPECT_EQ(metric(store, "ifinoctets"), "none");
  EXPECT_EQ(metric(store, "ifspeed"), "1000000000");
  EXPECT_EQ(metric(store, "iftype"), "ethernetCsmacd");
  EXPECT_EQ(metric(store, "ifdirection"), "full-duplex");
  receive(store, {.sequence = 2, .records = interface_counters({.in = 25'001'000, .out = 5})},
          seconds(30));
  EXPECT_EQ(metric(store, "ifinoctets"), "1250000");
  EXPECT_EQ(metric(store, "ifinutilization"), "1");
  EXPECT_EQ(metric(store, "ifoutoctets"), "0.25");
  EXPECT_EQ(metric(store, "ifinpkts"), "0");
}

TEST(MetricStore, StatusIsTwoMetrics) {
  MetricStore store;
  receive(store, {.records = interface_counters({.status = 1})}, seconds(10));
  EXPECT_EQ(metric(store, "ifadminstatus"), "up");
  EXPECT_EQ(metric(store, "ifoperstatus"), "down");
  EXPECT_EQ(metric(store, "ifstatus"), "none");
}

// sFlow version 5 §5.3: a counter that the agent has not has all bits set.
TEST(MetricStore, WhatTheAgentDoesNotKnowIsNoMetric) {
  MetricStore store;
  for (std::uint32_t n = 1; n <= 3; ++n) {
    receive(store, {.sequence = n, .records = interface_counters({})}, seconds(n));
  }
  EXPECT_EQ(metric(store, "ifinunknownprotos"), "none");
  EXPECT_EQ(metric(store, "ifinerrors"), "0");
}

TEST(MetricStore, CountersWrap) {
  MetricStore store;
  receive(store,
          {.sequence = 1,
           .records = interface_counters({.in = UINT64_MAX - 99, .in_unicast = 0xffffff00})},
          seconds(1));
  receive(store, {.sequence = 2, .records = interface_counters({.in = 100, .in_unicast = 0})},
          seconds(2));
  EXPECT_EQ(metric(store, "ifinoctets"), "200");
  EXPECT_EQ(metric(store, "ifinucastpkts"), "256");
}

TEST(MetricStore, CountersThatWereClearedGiveNoRate) {
  MetricStore store;
  receive(store, {.sequence = 1, .records = interface_counters({.in = 9000, .in_unicast = 500})},
          seconds(1));
  receive(store, {.sequence = 2, .records = interface_counters({.in = 10, .in_unicast = 1})},
          seconds(2));
  EXPECT_EQ(metric(store, "ifinoctets"), "none");
  EXPECT_EQ(metric(store, "ifinucastpkts"), "none");
  receive(store, {.sequence = 3, .records = interface_counters({.in = 20, .in_unicast = 2})},
          seconds(3));
  EXPECT_EQ(metric(store, "ifinoctets"), "10");
  EXPECT_EQ(metric(store, "ifinucastpkts"), "1");
}

// Its counters may have grown past what they were before.
TEST(MetricStore, AnAgentThatBeginsAgainGivesNoRateAtFirst) {
  for (const bool by_uptime : {true, false}) {
    SCOPED_TRACE(by_uptime);
    MetricStore store;
    receive(store,
            {.sequence = 500,
             .uptime_ms = by_uptime ? 90'000U : 0U,
             .records = interface_counters({.in = 1000})},
            seconds(1));
    receive(store,
            {.sequence = by_uptime ? 495U : 3U,
             .uptime_ms = by_uptime ? 100U : 0U,
             .records = interface_counters({.in = 9'000'000})},
            seconds(2));
    EXPECT_EQ(metric(store, "ifinoctets"), "none");
    EXPECT_EQ(metric(store, "ifspeed"), "1000000000");
  }
}

TEST(MetricStore, ASampleThatComesTwiceOrLateSaysNothing) {
  MetricStore store;
  receive(store, {.sequence = 5, .records = interface_counters({.in = 1000})}, seconds(1));
  receive(store, {.sequence = 7, .records = interface_counters({.in = 2000})}, seconds(2));
  receive(store, {.sequence = 7, .records = interface_counters({.in = 2000})}, seconds(3));
  receive(store, {.sequence = 6, .records = interface_counters({.in = 1500})}, seconds(4));
  EXPECT_EQ(metric(store, "ifinoctets"), "1000");
  receive(store, {.sequence = 8, .records = interface_counters({.in = 5000})}, seconds(5));
  EXPECT_EQ(metric(store, "ifinoctets"), "1000");
}

TEST(MetricStore, TwoSamplesAtOnceGiveNoRate) {
  MetricStore store;
  receive(store, {.sequence = 5, .records = interface_counters({.in = 1000})}, seconds(1));
  receive(store, {.sequence = 6, .records = interface_counters({.in = 2000})}, seconds(1));
  EXPECT_EQ(metric(store, "ifinoctets"), "none");
  receive(store, {.sequence = 7, .records = interface_counters({.in = 3000})}, seconds(3));
  EXPECT_EQ(metric(store, "ifinoctets"), "1000");
}

std::vector<std::byte> text(std::string_view characters) {
  const auto octets = std::as_bytes(std::span(characters));
  return {octets.begin(), octets.end()};
}

// Host sFlow's: a host with its processors, and a guest.
TEST(MetricStore, ReadsHostsAndGuests) {
  MetricStore store;
  const auto name = text("web\x01-1");
  const auto release = text("6.1");
  const std::vector<std::byte> uuid(16, std::byte{0xab});
  const auto host = [&](Number user, Number idle) {
    return CounterRecords{
        {sflow::Tag::of(0, 2000),
         {sflow::Bytes(name), sflow::Bytes(uuid), Number{3}, Number{2}, sflow::Bytes(release)}},
        {sflow::Tag::of(0, 2003),
         {0.5F, 1.0F, -1.0F, Number{1}, Number{100}, Number{2}, Number{2400}, Number{99}, user,
          Number{0}, Number{0}, idle, Number{0}, Number{0}, Number{0}, Number{0}, Number{0}}}};
  };
  receive(store, {.sequence = 1, .source = {2, 1}, .records = host(1000, 5000)}, seconds(1));
  receive(store, {.sequence = 2, .source = {2, 1}, .records = host(1500, 6500)}, seconds(2));
  const sflow::SourceId id{2, 1};
  EXPECT_EQ(metric(store, "host_name", id), "web?-1");
  EXPECT_EQ(metric(store, "uuid", id), "abababab-abab-abab-abab-abababababab");
  EXPECT_EQ(metric(store, "machine_type", id), "x86_64");
  EXPECT_EQ(metric(store, "os_name", id), "linux");
  EXPECT_EQ(metric(store, "load_one", id), "0.5");
  EXPECT_EQ(metric(store, "load_one_per_cpu", id), "0.25");
  EXPECT_EQ(metric(store, "load_fifteen", id), "none");
  EXPECT_EQ(metric(store, "cpu_user", id), "25");
  EXPECT_EQ(metric(store, "cpu_utilization", id), "25");
  EXPECT_EQ(metric(store, "cpu_steal", id), "none");
  receive(store, {.sequence = 1, .source = {3, 9}, .records = host(0, 0)}, seconds(2));
  EXPECT_EQ(metric(store, "vir_host_name", {3, 9}), "web?-1");
}

TEST(MetricStore, ReadsOpenflowPorts) {
  MetricStore store;
  receive(store, {.records = {{sflow::Tag::of(0, 1004), {Number{0x1a2b}, Number{4}}}}}, seconds(1));
  EXPECT_EQ(metric(store, "of_dpid"), "0000000000001A2B");
  EXPECT_EQ(metric(store, "of_port"), "4");
}

TEST(MetricStore, TellsOfNumbersAsTheyCome) {
  MetricStore store;
  std::map<std::string, double, std::less<>> told;
  store.observe([&](const MetricUpdate& update) {
    EXPECT_EQ(update.source, (DataSource{kCountingAgent, {0, 7}}));
    told.insert_or_assign(std::string(update.name), update.value);
  });
  receive(store, {.sequence = 1, .records = interface_counters({.in = 1000})}, seconds(1));
  EXPECT_EQ(told.count("ifinoctets"), 0U);
  EXPECT_EQ(told.count("iftype"), 0U);
  receive(store, {.sequence = 2, .records = interface_counters({.in = 3000})}, seconds(2));
  EXPECT_EQ(told.at("ifinoctets"), 2000);
}

TEST(MetricStore, ForgetsWhatIsOld) {
  MetricStore store;
  receive(store, {.records = interface_counters({})}, seconds(100));
  EXPECT_GT(store.size(), 5U);
  store.tick(seconds(100) + MetricStore::kLifetime - milliseconds(1));
  EXPECT_EQ(metric(store, "ifspeed"), "1000000000");
  store.tick(seconds(200) + MetricStore::kLifetime);
  EXPECT_EQ(metric(store, "ifspeed"), "none");
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.agents(), 1U);
}

// What has left is made again when it comes again, and what goes on goes on.
TEST(MetricStore, FindsMetricsAgainThatHadLeft) {
  MetricStore store;
  constexpr std::uint64_t kUnknown = UINT64_MAX;
  std::uint32_t sequence = 0;
  const auto tell = [&](const Octets64& counted, Time now) {
    receive(store, {.sequence = ++sequence, .records = interface_counters(counted)}, now);
    store.tick(now);
  };
  tell({.in = 0, .status = 1}, seconds(0));
  for (Time now = seconds(60); now <= MetricStore::kLifetime + seconds(120); now += seconds(60)) {
    tell({.in = static_cast<std::uint64_t>(now / seconds(1)) * 100, .speed = kUnknown}, now);
  }
  EXPECT_EQ(metric(store, "ifspeed"), "none");
  EXPECT_EQ(metric(store, "ifinutilization"), "none");
  EXPECT_EQ(metric(store, "ifinoctets"), "100");
  EXPECT_EQ(metric(store, "ifoperstatus"), "up");
  const Time then = MetricStore::kLifetime + seconds(180);
  tell({.in = static_cast<std::uint64_t>(then / seconds(1)) * 100, .status = 1, .speed = 80'000},
       then);
  EXPECT_EQ(metric(store, "ifspeed"), "80000");
  EXPECT_EQ(metric(store, "ifinutilization"), "1");
  EXPECT_EQ(metric(store, "ifoperstatus"), "down");
  EXPECT_EQ(metric(store, "iftype"), "ethernetCsmacd");
}

// The fields of a record that repeats have their own names, however often it does.
TEST(MetricStore, KnowsRepeatedFieldsApart) {
  MetricStore store;
  const auto lanes = [](std::uint64_t count) {
    std::vector<sflow::FieldValue> values{Number{1}, Number{4}, Number{3300}, Number{40}, count};
    for (std::uint64_t lane = 0; lane < count; ++lane) {
      for (std::uint64_t field = 0; field < 10; ++field) values.emplace_back(100 * lane + field);
    }
    return CounterRecords{{sflow::Tag::of(0, 10), values}};
  };
  std::uint32_t sequence = 0;
  for (const std::uint64_t count : {2U, 1U, 3U}) {
    receive(store, {.sequence = ++sequence, .records = lanes(count)}, seconds(sequence));
    for (std::uint64_t lane = 0; lane < count; ++lane) {
      EXPECT_EQ(metric(store, "sfp_lane_index_" + std::to_string(lane)),
                std::to_string(100 * lane));
    }
  }
}

TEST(MetricStore, TakesNoMoreSourcesThanItMay) {
  MetricStore store;
  const CounterRecords name{{sflow::Tag::of(0, 1005), {sflow::Bytes()}}};
  for (std::uint32_t n = 0; n < MetricStore::kMaxSources + 2; ++n) {
    receive(store, {.source = {0, n}, .records = name}, seconds(1));
  }
  EXPECT_EQ(store.left_out(), 2U);
  EXPECT_EQ(store.size(), MetricStore::kMaxSources);
}

// Public captures: what their counter records say, read field by field.
TEST(MetricStore, AgreesWithTheRecordsOfTheCaptures) {
  std::size_t compared = 0;
  for (int n = 1; n <= 13; ++n) {
    const auto octets = sflow::capture("gopacket_" + std::to_string(n));
    MetricStore store;
    const auto datagram = sflow::Datagram::open(octets).value();
    store.receive(datagram, kCountingAgent, seconds(1));
    for (const sflow::Item& item : sflow::samples_of(octets)) {
      if (!sflow::is_counter_sample(item.tag)) continue;
      const auto sample = sflow::read_counter_sample(item).value();
      const MetricMap* const metrics = store.find({datagram.header().agent, sample.source});
      for (const sflow::Item& record : sflow::all(sample.records())) {
        if (record.tag != sflow::Tag::of(0, 1)) continue;
        ASSERT_NE(metrics, nullptr);
        const auto& schema = *sflow::find_counter_schema(record.tag);
        const auto speed = sflow::number(schema, record.body, "ifSpeed").value();
        EXPECT_EQ(std::get<double>(metrics->find("ifspeed")->second.value),
                  static_cast<double>(speed));
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 0U);
}

}  // namespace
}  // namespace fabrix::telemetry
