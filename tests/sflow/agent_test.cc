#include "sflow/agent.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "sflow/flow_records.h"
#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

const net::IpAddress kAgent = net::IpAddress::parse("192.0.2.1").value();

std::vector<std::byte> frame_of(std::size_t size, std::uint16_t type = 0x0800) {
  std::vector<std::byte> frame(size);
  for (std::size_t i = 0; i < size; ++i) frame[i] = static_cast<std::byte>(i);
  frame[12] = static_cast<std::byte>(type >> 8U);
  frame[13] = static_cast<std::byte>(type & 0xffU);
  return frame;
}

// The items of a datagram's samples.
std::vector<Item> samples_of(const std::vector<std::byte>& octets) {
  const auto datagram = Datagram::open(octets);
  EXPECT_TRUE(datagram);
  std::vector<Item> items;
  auto cursor = datagram->samples();
  while (const auto item = cursor.next()) items.push_back(*item);
  EXPECT_FALSE(cursor.fault());
  EXPECT_EQ(items.size(), datagram->header().sample_count);
  return items;
}

TEST(SflowAgentTest, ACollectorReadsWhatWasSampled) {
  Agent agent(kAgent);
  const auto header = frame_of(128);
  agent.add(PacketSample{.source = 7,
                         .input = {.format = 0, .value = 7},
                         .output = {.format = 0, .value = 9},
                         .rate = 1000,
                         .pool = 123456,
                         .drops = 3,
                         .frame_length = 1514,
                         .header = header},
            5000);
  EXPECT_TRUE(agent.has_begun());
  EXPECT_TRUE(agent.take().empty());
  agent.flush();
  EXPECT_FALSE(agent.has_begun());
  const auto done = agent.take();
  ASSERT_EQ(done.size(), 1U);
  const auto datagram = Datagram::open(done[0]).value();
  EXPECT_EQ(
      datagram.header(),
      (DatagramHeader{
          .agent = kAgent, .sub_agent = 0, .sequence = 1, .uptime_ms = 5000, .sample_count = 1}));
  const auto items = samples_of(done[0]);
  const auto sample = read_flow_sample(items.at(0)).value();
  EXPECT_EQ(sample.sequence, 1U);
  EXPECT_EQ(sample.source, (SourceId{.type = 0, .index = 7}));
  EXPECT_EQ(sample.sampling_rate, 1000U);
  EXPECT_EQ(sample.sample_pool, 123456U);
  EXPECT_EQ(sample.drops, 3U);
  EXPECT_EQ(sample.input, (Interface{.format = 0, .value = 7}));
  EXPECT_EQ(sample.output, (Interface{.format = 0, .value = 9}));
  auto records = sample.records();
  const auto first = records.next().value();
  ASSERT_EQ(first.tag, kSampledHeader);
  const auto sampled = read_sampled_header(first.body).value();
  EXPECT_EQ(sampled.frame_length, 1518U);  // with the frame check sequence
  EXPECT_EQ(sampled.stripped, 4U);
  EXPECT_EQ(std::vector(sampled.header.begin(), sampled.header.end()), header);
  const auto second = records.next().value();
  ASSERT_EQ(second.tag, kExtendedSwitch);
  EXPECT_EQ(read_extended_switch(second.body)->source_vlan, 0U);
  EXPECT_FALSE(records.next());
  EXPECT_FALSE(records.fault());
}

TEST(SflowAgentTest, SaysTheVlanOfATaggedFrame) {
  Agent agent(kAgent);
  auto header = frame_of(60, 0x8100);
  header[14] = std::byte{0xa1};  // priority 5, VLAN 0x123
  header[15] = std::byte{0x23};
  agent.add(PacketSample{.source = 1, .input = {}, .output = {}, .rate = 1, .header = header}, 0);
  agent.flush();
  const auto done = agent.take();
  auto records = read_flow_sample(samples_of(done.at(0)).at(0)).value().records();
  (void)records.next();
  const auto vlan = read_extended_switch(records.next().value().body).value();
  EXPECT_EQ(vlan.source_vlan, 0x123U);
  EXPECT_EQ(vlan.source_priority, 5U);
  EXPECT_EQ(vlan.destination_vlan, 0x123U);
  EXPECT_EQ(vlan.destination_priority, 5U);
}

TEST(SflowAgentTest, ACollectorReadsWhatWasCounted) {
  Agent agent(kAgent);
  agent.add(InterfaceCounters{.index = 4,
                              .is_up = true,
                              .in_octets = std::uint64_t{1} << 40U,
                              .in_packets = 11,
                              .in_discards = 2,
                              .out_octets = 3000,
                              .out_packets = 30},
            1);
  agent.flush();
  const auto done = agent.take();
  const auto sample = read_counter_sample(samples_of(done.at(0)).at(0)).value();
  EXPECT_EQ(sample.source, (SourceId{.type = 0, .index = 4}));
  auto records = sample.records();
  const auto record = records.next().value();
  const auto& schema = *find_counter_schema(record.tag);
  EXPECT_EQ(record.body.size(), 88U);  // sFlow version 5 5.3.3: if_counters
  const auto value = [&](std::string_view name) {
    return std::get<std::uint64_t>(find_field(schema, record.body, name).value());
  };
  EXPECT_EQ(value("ifIndex"), 4U);
  EXPECT_EQ(value("ifStatus"), 3U);
  EXPECT_EQ(value("ifInOctets"), std::uint64_t{1} << 40U);
  EXPECT_EQ(value("ifInUcastPkts"), 11U);
  EXPECT_EQ(value("ifInMulticastPkts"), 0xffffffffU);
  EXPECT_EQ(value("ifInDiscards"), 2U);
  EXPECT_EQ(value("ifOutOctets"), 3000U);
  EXPECT_EQ(value("ifOutUcastPkts"), 30U);
  EXPECT_FALSE(records.next());
}

TEST(SflowAgentTest, KeepsDatagramsShortAndNumbersThem) {
  Agent agent(kAgent);
  const auto header = frame_of(128);
  for (std::uint32_t i = 0; i < 100; ++i) {
    agent.add(
        PacketSample{.source = i % 2 + 1, .input = {}, .output = {}, .rate = 1, .header = header},
        i);
    agent.add(InterfaceCounters{.index = 1}, i);
  }
  agent.flush();
  std::uint32_t datagrams = 0;
  std::array<std::uint32_t, 3> flows{};
  std::uint32_t counts = 0;
  for (const auto& octets : agent.take()) {
    EXPECT_LE(octets.size(), Agent::kLargest);
    EXPECT_EQ(Datagram::open(octets)->header().sequence, ++datagrams);
    for (const Item& item : samples_of(octets)) {
      if (is_flow_sample(item.tag)) {
        const auto sample = read_flow_sample(item).value();
        EXPECT_EQ(sample.sequence, ++flows.at(sample.source.index));
      } else {
        EXPECT_EQ(read_counter_sample(item)->sequence, ++counts);
      }
    }
  }
  EXPECT_EQ(flows[1] + flows[2], 100U);
  EXPECT_EQ(counts, 100U);
  EXPECT_LT(datagrams, 40U);
}

TEST(SflowAgentTest, SaysAllThatIsKnownOfAnInterface) {
  const Record record = interface_record({.index = 4,
                                          .is_up = true,
                                          .is_wanted_up = true,
                                          .type = 24,
                                          .speed = 10'000'000'000,
                                          .direction = 2,
                                          .in_multicast = 5,
                                          .in_errors = 6,
                                          .out_discards = 7,
                                          .out_errors = 8,
                                          .is_promiscuous = true});
  const auto& schema = *find_counter_schema(record.tag);
  const auto value = [&](std::string_view name) {
    return std::get<std::uint64_t>(find_field(schema, record.octets, name).value());
  };
  EXPECT_EQ(value("networkType"), 24U);
  EXPECT_EQ(value("ifSpeed"), 10'000'000'000U);
  EXPECT_EQ(value("ifDirection"), 2U);
  EXPECT_EQ(value("ifInMulticastPkts"), 5U);
  EXPECT_EQ(value("ifInErrors"), 6U);
  EXPECT_EQ(value("ifOutDiscards"), 7U);
  EXPECT_EQ(value("ifOutErrors"), 8U);
  EXPECT_EQ(value("ifPromiscuousMode"), 1U);
}

TEST(SflowAgentTest, TakesRecordsOfTheCallersAndOtherSources) {
  Agent agent(kAgent, 400, 7);
  const Record record{.tag = Tag::of(0, 2002), .octets = std::vector<std::byte>(8)};
  const auto header = frame_of(20);
  agent.add(PacketSample{.source = 3,
                         .input = {},
                         .output = {},
                         .rate = 1,
                         .frame_length = 20,
                         .header = header,
                         .protocol = HeaderProtocol::kIpv4,
                         .records = std::span(&record, 1)},
            0);
  for (int i = 0; i < 20; ++i) agent.add({.type = 2, .index = 1}, std::span(&record, 1), 0);
  agent.flush();
  std::uint32_t counts = 0;
  const auto done = agent.take();
  EXPECT_GT(done.size(), 2U);
  for (const auto& octets : done) {
    EXPECT_LE(octets.size(), 400U);
    EXPECT_EQ(Datagram::open(octets)->header().sub_agent, 7U);
    for (const Item& item : samples_of(octets)) {
      if (is_flow_sample(item.tag)) {
        auto records = read_flow_sample(item).value().records();
        const auto sampled = read_sampled_header(records.next().value().body).value();
        EXPECT_EQ(sampled.protocol, 11U);
        EXPECT_EQ(sampled.frame_length, 20U);  // no frame check sequence
        EXPECT_EQ(records.next().value().tag, record.tag);
        EXPECT_FALSE(records.next());
        continue;
      }
      const auto sample = read_counter_sample(item).value();
      EXPECT_EQ(sample.source, (SourceId{.type = 2, .index = 1}));
      EXPECT_EQ(sample.sequence, ++counts);
    }
  }
  EXPECT_EQ(counts, 20U);
}

TEST(SflowAgentTest, SendsNothingThatIsEmpty) {
  Agent agent(kAgent);
  agent.flush();
  EXPECT_TRUE(agent.take().empty());
}

}  // namespace
}  // namespace fabrix::sflow
