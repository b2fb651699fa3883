#include "telemetry/agent_health.h"

#include <gtest/gtest.h>

#include "sflow/datagram_writer.h"
#include "tests/sflow/captures.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const net::IpAddress kAgent = net::IpAddress::v4({192, 0, 2, 1});
const net::IpAddress kSender = net::IpAddress::v4({198, 51, 100, 1});

struct Sent {
  std::uint32_t sequence = 1;
  std::uint32_t uptime_ms = 0;
  std::uint32_t sub_agent = 0;
  net::IpAddress agent = kAgent;
  std::vector<sflow::FlowSample> flows;
  std::vector<sflow::CounterSample> counters;
  std::vector<sflow::DropSample> drops;
};

void send(AgentHealth& health, const Sent& sent, Time now = seconds(1)) {
  sflow::DatagramWriter out({.agent = sent.agent,
                             .sub_agent = sent.sub_agent,
                             .sequence = sent.sequence,
                             .uptime_ms = sent.uptime_ms});
  for (const auto& sample : sent.flows) out.begin(sample, sflow::SampleForm::kExpanded);
  for (const auto& sample : sent.counters) out.begin(sample, sflow::SampleForm::kCompact);
  for (const auto& sample : sent.drops) out.begin(sample);
  const auto octets = out.take();
  health.add(sflow::Datagram::open(octets).value(), kSender, now);
}

AgentReport only(const AgentHealth& health) {
  const auto agents = health.agents();
  EXPECT_EQ(agents.size(), 1U);
  return agents.at(0);
}

TEST(AgentHealth, CountsDatagramsOfEachSubAgent) {
  AgentHealth health;
  send(health, {.sequence = 10}, seconds(1));
  send(health, {.sequence = 900, .sub_agent = 1}, seconds(2));
  send(health, {.sequence = 13, .uptime_ms = 77}, seconds(3));
  const AgentReport report = only(health);
  EXPECT_EQ(report.agent, kAgent);
  EXPECT_EQ(report.datagrams, (SequenceCount{.received = 3, .lost = 2}));
  EXPECT_EQ(report.first_seen, seconds(1));
  EXPECT_EQ(report.last_seen, seconds(3));
  EXPECT_EQ(report.uptime_ms, 77U);
  EXPECT_EQ(report.senders, std::vector{kSender});
}

TEST(AgentHealth, CountsSamplesOfEachDataSource) {
  AgentHealth health;
  send(health, {.sequence = 1,
                .flows = {{.sequence = 5, .source = {0, 1}, .drops = 100},
                          {.sequence = 8, .source = {0, 2}, .drops = 7}},
                .counters = {{.sequence = 3, .source = {0, 1}}}});
  send(health, {.sequence = 2,
                .flows = {{.sequence = 7, .source = {0, 1}, .drops = 103}},
                .counters = {{.sequence = 3, .source = {0, 1}}},
                .drops = {{.sequence = 1, .source = {0, 1}}}});
  const AgentReport report = only(health);
  EXPECT_EQ(report.flows,
            (SampleHealth{.samples = {.received = 3, .lost = 1}, .drops = 3, .data_sources = 2}));
  EXPECT_EQ(
      report.counters,
      (SampleHealth{.samples = {.received = 2, .duplicates = 1}, .drops = 0, .data_sources = 1}));
  EXPECT_EQ(report.discards.data_sources, 1U);
}

// Two samples of a pool that grew by 3,000, of which one was lost; the pool wraps.
TEST(AgentHealth, KnowsHowADataSourceSamplesAndPolls) {
  AgentHealth health;
  const std::uint32_t pool = 0U - 1000U;
  send(health,
       {.sequence = 1,
        .flows = {{.sequence = 1, .source = {0, 7}, .sampling_rate = 1000, .sample_pool = pool}},
        .counters = {{.sequence = 1, .source = {0, 7}}}},
       seconds(10));
  EXPECT_EQ(health.source(kAgent, {0, 7}),
            (SourceReport{.flow_samples = 1, .sampling_rate = 1000, .counter_samples = 1}));
  send(health,
       {.sequence = 2,
        .flows = {{.sequence = 3, .source = {0, 7}, .sampling_rate = 1000, .sample_pool = 2000},
                  {.sequence = 3, .source = {0, 7}, .sampling_rate = 1000, .sample_pool = 2000}},
        .counters = {{.sequence = 2, .source = {0, 7}}}},
       seconds(30));
  EXPECT_EQ(health.source(kAgent, {0, 7}), (SourceReport{.flow_samples = 3,
                                                         .sampling_rate = 1000,
                                                         .effective_sampling_rate = 3000,
                                                         .counter_samples = 2,
                                                         .effective_polling_seconds = 20}));
  EXPECT_FALSE(health.source(kAgent, {0, 8}));
  EXPECT_FALSE(health.source(kSender, {0, 7}));
}

// As Open vSwitch has it: a sub-agent for each bridge, which samples as a whole, and of its ports
// tells the counters.
TEST(AgentHealth, APortIsSampledAsItsSwitchIs) {
  AgentHealth health;
  const auto sampled = [](std::uint32_t sequence, std::uint32_t rate) {
    return sflow::FlowSample{.sequence = sequence,
                             .source = {2, 1000},
                             .sampling_rate = rate,
                             .sample_pool = sequence * rate * 2};
  };
  for (std::uint32_t i = 1; i <= 2; ++i) {
    send(health,
         {.sequence = i,
          .sub_agent = 7,
          .flows = {sampled(i, 400)},
          .counters = {{.sequence = i, .source = {0, 3}}}},
         seconds(10 * i));
  }
  const SourceReport of_port{.sampling_rate = 400,
                             .effective_sampling_rate = 800,
                             .counter_samples = 2,
                             .effective_polling_seconds = 10};
  EXPECT_EQ(health.source(kAgent, {0, 3}), of_port);
  EXPECT_EQ(health.source(kAgent, {2, 1000})->flow_samples, 2U);
  // Of the only bridge also ports that it does not tell of.
  EXPECT_EQ(health.source(kAgent, {0, 4}),
            (SourceReport{.sampling_rate = 400, .effective_sampling_rate = 800}));

  // Another bridge: whose ports are whose, counters say.
  send(health, {.sequence = 1,
                .sub_agent = 8,
                .flows = {sampled(1, 100)},
                .counters = {{.sequence = 1, .source = {0, 5}}}});
  EXPECT_EQ(health.source(kAgent, {0, 3}), of_port);
  EXPECT_EQ(health.source(kAgent, {0, 5}),
            (SourceReport{.sampling_rate = 100, .counter_samples = 1}));
  EXPECT_FALSE(health.source(kAgent, {0, 4}));
  EXPECT_FALSE(health.source(kAgent, {2, 1001}));
}

// The numbers are a little behind, so that only the uptime tells.
TEST(AgentHealth, AnAgentThatBeginsAgainLosesNothing) {
  AgentHealth health;
  send(health, {.sequence = 20, .uptime_ms = 60'000, .flows = {{.sequence = 30, .drops = 5}}});
  send(health, {.sequence = 4, .uptime_ms = 900, .flows = {{.sequence = 9, .drops = 2}}});
  send(health, {.sequence = 5, .uptime_ms = 1900, .flows = {{.sequence = 10, .drops = 3}}});
  const AgentReport report = only(health);
  EXPECT_EQ(report.datagrams, (SequenceCount{.received = 3}));
  EXPECT_EQ(report.flows.samples, (SequenceCount{.received = 3}));
  EXPECT_EQ(report.flows.drops, 3U);
  EXPECT_EQ(report.restarts, 1U);
}

TEST(AgentHealth, AnAgentWithoutUptimeIsJudgedByItsNumbers) {
  AgentHealth health;
  send(health, {.sequence = 5000, .flows = {{.sequence = 30}}});
  send(health, {.sequence = 1, .flows = {{.sequence = 20}}});
  EXPECT_EQ(only(health).datagrams, (SequenceCount{.received = 2}));
  EXPECT_EQ(only(health).flows.samples, (SequenceCount{.received = 2}));
  EXPECT_EQ(only(health).restarts, 1U);
}

TEST(AgentHealth, AnOvertakenDatagramIsNoRestart) {
  AgentHealth health;
  send(health, {.sequence = 5, .uptime_ms = 60'000});
  send(health, {.sequence = 7, .uptime_ms = 60'900});
  send(health, {.sequence = 6, .uptime_ms = 60'400});
  EXPECT_EQ(only(health).datagrams, (SequenceCount{.received = 3, .out_of_order = 1}));
  EXPECT_EQ(only(health).restarts, 0U);
}

TEST(AgentHealth, TheUptimeWraps) {
  AgentHealth health;
  send(health, {.sequence = 5, .uptime_ms = 0xffffff00});
  send(health, {.sequence = 6, .uptime_ms = 200});
  EXPECT_EQ(only(health).restarts, 0U);
  send(health, {.sequence = 7, .uptime_ms = 0xfffff000});
  send(health, {.sequence = 1, .uptime_ms = 2'000'000'000});
  EXPECT_EQ(only(health).restarts, 1U);
}

TEST(AgentHealth, ForgetsAgentsThatAreSilent) {
  AgentHealth health;
  const auto other = net::IpAddress::v4({192, 0, 2, 2});
  send(health, {.flows = {{.sequence = 1}}}, seconds(10));
  send(health, {.agent = other, .flows = {{.sequence = 1}}}, seconds(20));
  EXPECT_EQ(health.expire(seconds(10)), 0U);
  EXPECT_EQ(health.expire(seconds(11)), 1U);
  EXPECT_EQ(only(health).agent, other);
  EXPECT_EQ(only(health).flows.data_sources, 1U);
}

TEST(AgentHealth, TakesNoMoreAgentsThanItMay) {
  AgentHealth health;
  for (std::uint32_t n = 0; n < AgentHealth::kMaxAgents + 3; ++n) {
    const auto high = static_cast<std::uint8_t>(n >> 8U);
    const auto low = static_cast<std::uint8_t>(n);
    send(health, {.agent = net::IpAddress::v4({10, 0, high, low}), .flows = {{.sequence = 1}}});
  }
  EXPECT_EQ(health.size(), AgentHealth::kMaxAgents);
  EXPECT_EQ(health.not_counted(), 3U);
}

TEST(AgentHealth, TakesNoMoreDataSourcesThanItMay) {
  AgentHealth health;
  sflow::DatagramHeader header{.agent = kAgent};
  health.begin(header, kSender, {});
  for (std::uint32_t n = 0; n < AgentHealth::kMaxTrackers + 5; ++n) {
    health.flow({.sequence = 1, .source = {0, n}});
  }
  health.finish();
  EXPECT_EQ(health.not_counted(), 6U);  // the sub-agent is one of them
  EXPECT_EQ(only(health).flows.data_sources, AgentHealth::kMaxTrackers - 1);
}

// Of public captures: every sample that their headers announce.
TEST(AgentHealth, ReadsTheCaptures) {
  for (const std::string name : {"goflow2_flows", "goflow2_drop_acl", "gopacket_1", "gopacket_8"}) {
    SCOPED_TRACE(name);
    const auto octets = sflow::capture(name);
    AgentHealth health;
    const auto datagram = sflow::Datagram::open(octets).value();
    health.add(datagram, kSender, seconds(1));
    const AgentReport report = only(health);
    EXPECT_EQ(report.agent, datagram.header().agent);
    EXPECT_EQ(report.flows.samples.received + report.counters.samples.received +
                  report.discards.samples.received,
              datagram.header().sample_count);
  }
}

}  // namespace
}  // namespace fabrix::telemetry
