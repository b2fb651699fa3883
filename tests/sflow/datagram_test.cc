// Expectations of captures are those of goflow2's and gopacket's tests (see fuzz/sflow/README.md).
#include "sflow/datagram.h"

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"

namespace fabrix::sflow {
namespace {

net::IpAddress ip(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

void set_u32(std::vector<std::byte>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<std::byte>(value >> (24 - 8 * i) & 0xffU);
  }
}

TEST(Datagram, ReadsTheHeaderAndCompactSamples) {
  const auto bytes = capture("gopacket_1");
  const auto datagram = Datagram::open(bytes);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->header(), (DatagramHeader{.agent = ip("10.1.248.22"),
                                                .sub_agent = 17,
                                                .sequence = 40443,
                                                .uptime_ms = 0x4049c6cd,
                                                .sample_count = 7}));
  const auto samples = all(datagram->samples());
  ASSERT_EQ(samples.size(), 7U);
  const auto flow = read_flow_sample(samples[1]).value();
  EXPECT_EQ(flow.sequence, 0x15e5c1eU);
  EXPECT_EQ(flow.source, (SourceId{.type = 0, .index = 0x257}));
  EXPECT_EQ(flow.sampling_rate, 2000U);
  EXPECT_EQ(flow.sample_pool, 0xb12fa290U);
  EXPECT_EQ(flow.input, (Interface{.format = 0, .value = 0x257}));
  EXPECT_FALSE(flow.output.is_port());
  const auto records = all(flow.records());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].tag, Tag::of(0, 1));
  EXPECT_EQ(records[1].tag, Tag::of(0, 1001));

  const auto counters = read_counter_sample(samples[3]).value();
  EXPECT_EQ(counters.sequence, 0x20f2U);
  EXPECT_EQ(counters.source.index, 0x20aU);
  EXPECT_EQ(all(counters.records()).size(), 2U);
}

TEST(Datagram, ReadsExpandedSamplesAndIgnoresPaddingAfterTheLast) {
  const auto bytes = capture("goflow2_flows");
  ItemCursor cursor = Datagram::open(bytes).value().samples();
  std::vector<FlowSample> flows;
  while (const auto sample = cursor.next()) flows.push_back(read_flow_sample(*sample).value());
  EXPECT_EQ(cursor.fault(), std::nullopt);  // though 300 octets follow
  ASSERT_EQ(flows.size(), 5U);
  EXPECT_EQ(flows[0].sequence, 546345766U);
  EXPECT_EQ(flows[0].source, (SourceId{.type = 0, .index = 1000100}));
  EXPECT_EQ(flows[0].sampling_rate, 16383U);
  EXPECT_EQ(flows[0].sample_pool, 70839514U);
  EXPECT_EQ(flows[0].output, (Interface{.format = 0, .value = 1000018}));
}

TEST(Datagram, ReadsFormsOfInterfaces) {
  const auto multiple = capture("gopacket_6");
  const auto flow = read_flow_sample(samples_of(multiple)[0]).value();
  EXPECT_EQ(flow.source, (SourceId{.type = 2, .index = 1000}));
  EXPECT_TRUE(flow.output.is(Interface::Format::kMultiple));
  EXPECT_EQ(flow.output.value, 1U);

  const auto internal = capture("gopacket_ethernet");
  const auto samples = samples_of(internal);
  ASSERT_EQ(samples.size(), 7U);
  const auto own = read_flow_sample(samples[0]).value();
  EXPECT_EQ(own.input.value, Interface::kInternal);
  EXPECT_FALSE(own.input.is_port());
  EXPECT_TRUE(own.output.is_port());
}

TEST(Datagram, ReadsDropNotifications) {
  const auto bytes = capture("goflow2_drop_queue");
  const auto drop = read_drop_sample(samples_of(bytes)[0]).value();
  EXPECT_EQ(drop.sequence, 2U);
  EXPECT_EQ(drop.source, (SourceId{.type = 0, .index = 1}));
  EXPECT_EQ(drop.drops, 256U);
  EXPECT_EQ(drop.input, 1U);
  EXPECT_EQ(drop.output, 2U);
  EXPECT_EQ(drop.reason, 1U);
  const auto records = all(drop.records());
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].tag, Tag::of(0, 1036));
}

// The agent has announced 116 octets where 76 are: what its record says is right.
TEST(Datagram, ReadsTheRecordsOfASampleThatAnnouncesTooMuchAndSaysSo) {
  const auto bytes = capture("gopacket_11");
  ItemCursor samples = Datagram::open(bytes).value().samples();
  const auto sample = samples.next();
  ASSERT_TRUE(sample);
  EXPECT_EQ(all(read_counter_sample(*sample).value().records()).size(), 1U);
  EXPECT_FALSE(samples.next());
  ASSERT_TRUE(samples.fault());
  EXPECT_EQ(to_string(*samples.fault()),
            "sample 0:2 at octet 36: 116 octets are announced, 76 are left");
}

// These agents have announced samples four octets too short, in which the last record cannot be.
TEST(Datagram, ARecordEndsWithItsSample) {
  for (const auto* name : {"gopacket_5", "gopacket_8"}) {
    const auto bytes = capture(name);
    ItemCursor records = read_flow_sample(samples_of(bytes)[0]).value().records();
    EXPECT_FALSE(records.next());
    ASSERT_TRUE(records.fault());
    EXPECT_EQ(records.fault()->tag, Tag::of(0, 1002).value);
    EXPECT_EQ(records.fault()->left, 12U);
  }
}

TEST(Datagram, SkipsSamplesAndRecordsNobodyKnows) {
  auto bytes = capture("gopacket_1");
  const std::size_t first = 28;
  set_u32(bytes, first, Tag::of(4300, 1002).value);
  const auto samples = samples_of(bytes);
  ASSERT_EQ(samples.size(), 7U);
  EXPECT_EQ(to_string(samples[0].tag), "4300:1002");
  EXPECT_TRUE(is_flow_sample(samples[1].tag));
}

TEST(Datagram, SaysWhatIsWrongWhereAndWhy) {
  auto bytes = capture("gopacket_4");
  auto old = bytes;
  set_u32(old, 0, 4);
  EXPECT_EQ(to_string(Datagram::open(old).error()), "datagram at octet 0: version 4, not 5");
  auto strange = bytes;
  set_u32(strange, 4, 9);
  EXPECT_EQ(to_string(Datagram::open(strange).error()),
            "datagram at octet 4: address type 9, not 1 (IPv4) or 2 (IPv6)");
  EXPECT_EQ(to_string(Datagram::open(Bytes(bytes).first(27)).error()),
            "datagram at octet 0: 28 octets are announced, 27 are left");
  auto record = bytes;
  set_u32(record, 28 + 8 + 32 + 4, 99);
  ItemCursor records = read_flow_sample(samples_of(record)[0]).value().records();
  EXPECT_FALSE(records.next());
  EXPECT_EQ(to_string(*records.fault()),
            "record 0:1001 at octet 76: 99 octets are announced, 16 are left");
  auto small = bytes;
  set_u32(small, 32, 20);
  EXPECT_EQ(to_string(read_flow_sample(samples_of(small)[0]).error()),
            "sample 0:1 at octet 36: 20 octets do not hold its structure");
}

// However little is there, what is read lies within it, and a count of 2^32 ends with the octets.
TEST(Datagram, EndsWithTheOctetsWhereverTheyEnd) {
  auto bytes = capture("gopacket_2");
  set_u32(bytes, 24, 0xffffffff);
  for (std::size_t size = 28; size <= bytes.size(); ++size) {
    SCOPED_TRACE(size);
    const Bytes part = Bytes(bytes).first(size);
    ItemCursor cursor = Datagram::open(part).value().samples();
    std::size_t samples = 0;
    while (const auto sample = cursor.next()) {
      ++samples;
      EXPECT_LE(sample->offset + sample->body.size(), size);
      if (const auto flow = read_flow_sample(*sample)) all(flow->records());
    }
    EXPECT_TRUE(cursor.fault());
    EXPECT_LE(samples, 3U);
  }
}

TEST(Datagram, AcceptsEveryValueOfEveryOctet) {
  const auto original = capture("gopacket_9");
  for (std::size_t at = 0; at < original.size(); ++at) {
    auto bytes = original;
    for (unsigned value = 0; value < 256; value += 5) {
      bytes[at] = static_cast<std::byte>(value);
      const auto datagram = Datagram::open(bytes);
      if (!datagram) continue;
      for (const Item& sample : all(datagram->samples())) {
        const auto counters = read_counter_sample(sample);
        if (counters) all(counters->records());
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::sflow
