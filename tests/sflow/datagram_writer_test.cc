#include "sflow/datagram_writer.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"

namespace fabrix::sflow {
namespace {

template <typename Sample>
void copy_records(const Sample& sample, DatagramWriter& out) {
  for (const Item& record : all(sample.records())) out.record(record.tag, record.body);
}

// What is read of a datagram, written again.
std::vector<std::byte> rewritten(Bytes bytes) {
  const auto datagram = Datagram::open(bytes).value();
  DatagramWriter out(datagram.header());
  for (const Item& sample : all(datagram.samples())) {
    const auto form = sample.tag == kExpandedFlowSample || sample.tag == kExpandedCounterSample
                          ? SampleForm::kExpanded
                          : SampleForm::kCompact;
    if (is_flow_sample(sample.tag)) {
      const auto flow = read_flow_sample(sample).value();
      out.begin(flow, form);
      copy_records(flow, out);
    } else if (is_counter_sample(sample.tag)) {
      const auto counters = read_counter_sample(sample).value();
      out.begin(counters, form);
      copy_records(counters, out);
    } else {
      const auto drop = read_drop_sample(sample).value();
      out.begin(drop);
      copy_records(drop, out);
    }
  }
  return out.take();
}

// Octet for octet; goflow2_flows has padding at its end.
TEST(DatagramWriter, WritesPublicCapturesAsTheirAgentsDid) {
  for (const auto* name : {"gopacket_3", "gopacket_4", "gopacket_6", "gopacket_9", "gopacket_10",
                           "gopacket_12", "gopacket_13", "goflow2_drop_queue", "goflow2_drop_acl",
                           "goflow2_flows", "gopacket_ethernet"}) {
    SCOPED_TRACE(name);
    const auto bytes = capture(name);
    const auto again = rewritten(bytes);
    ASSERT_LE(again.size(), bytes.size());
    EXPECT_EQ(again, std::vector(bytes.begin(), bytes.begin() + static_cast<long>(again.size())));
  }
}

TEST(DatagramWriter, WritesHeadersThatAreNoWholeWords) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same every time
  for (std::size_t size = 0; size < 9; ++size) {
    std::vector<std::byte> frame(size);
    for (auto& octet : frame) octet = static_cast<std::byte>(random() & 0xffU);
    DatagramWriter out({.agent = net::IpAddress::parse("2001:db8::1").value(), .sequence = 7});
    out.begin(FlowSample{.sequence = 1, .sampling_rate = 1000}, SampleForm::kExpanded);
    out.record(SampledHeader{.protocol = 1, .frame_length = 64, .stripped = 4, .header = frame});
    out.record(SampledHeader{.protocol = 1, .frame_length = 65, .stripped = 4, .header = frame});
    const auto bytes = out.take();
    EXPECT_EQ(bytes.size() % 4, 0U);
    const auto datagram = Datagram::open(bytes).value();
    EXPECT_EQ(datagram.header().agent.to_string(), "2001:db8::1");
    const auto records = all(read_flow_sample(all(datagram.samples())[0]).value().records());
    ASSERT_EQ(records.size(), 2U);
    const auto header = read_sampled_header(records[1].body).value();
    EXPECT_EQ(header.frame_length, 65U);
    EXPECT_EQ(as_text(header.header), as_text(frame));
  }
}

}  // namespace
}  // namespace fabrix::sflow
