#include "sflow/sampled_packet.h"

#include <gtest/gtest.h>

#include "sflow/datagram_writer.h"
#include "sflow/record.h"
#include "tests/sflow/captures.h"
#include "tests/sflow/frames.h"

namespace fabrix::sflow {
namespace {

TEST(SampledPacket, FindsRecordsByTheirTags) {
  const auto bytes = capture("gopacket_2");
  const SampledPacket packet(read_flow_sample(samples_of(bytes)[0]).value().records());
  ASSERT_TRUE(packet.record(kExtendedGateway));
  EXPECT_EQ(packet.record(kExtendedGateway)->size(), 100U);
  EXPECT_FALSE(packet.record(kExtendedSwitch));
  EXPECT_EQ(packet.frame_length(), 70U);
  EXPECT_EQ(packet.layers().stack(), "eth.ip.tcp");
}

TEST(SampledPacket, HasALengthWithoutAHeader) {
  const auto bytes = capture("gopacket_ethernet");
  const SampledPacket packet(read_flow_sample(samples_of(bytes)[0]).value().records());
  EXPECT_FALSE(packet.header());
  EXPECT_EQ(packet.frame_length(), 16U);
  EXPECT_EQ(packet.layers().stack(), "");
}

TEST(SampledPacket, TakesTheFirstOfSeveralAndASixteenthAtMost) {
  DatagramWriter out({});
  out.begin(FlowSample{}, SampleForm::kCompact);
  const Octets first = octets({0, 0, 0, 1});
  const Octets other = octets({0, 0, 0, 2});
  for (std::uint32_t i = 0; i < 20; ++i) out.record(Tag::of(1, i / 2), i % 2 == 0 ? first : other);
  const auto bytes = out.take();
  const SampledPacket packet(read_flow_sample(samples_of(bytes)[0]).value().records());
  EXPECT_EQ(as_text(*packet.record(Tag::of(1, 7))), as_text(first));
  EXPECT_FALSE(packet.record(Tag::of(1, 8)));
}

TEST(SampledPacket, HasTheLengthOfATransaction) {
  const auto length = [](std::uint32_t format, const std::vector<FieldValue>& values) {
    DatagramWriter out({});
    out.begin(FlowSample{}, SampleForm::kCompact);
    const Tag tag = Tag::of(0, format);
    out.record(tag, encode_record(*find_flow_schema(tag), values));
    const auto bytes = out.take();
    return SampledPacket(read_flow_sample(samples_of(bytes)[0]).value().records()).frame_length();
  };
  const auto http = [](std::uint64_t asked, std::uint64_t answered) {
    const std::uint64_t number = 1;
    const Bytes text;
    return std::vector<FieldValue>{number, number, text,  text,     text,   text,  text,
                                   text,   text,   asked, answered, number, number};
  };
  EXPECT_EQ(length(2206, http(100, 2000)), 2100U);
  EXPECT_EQ(length(2206, http(1, 0xffffffffffff)), 0xffffffff);
  const std::uint64_t one = 1;
  EXPECT_EQ(length(2200, {one, one, Bytes{}, one, std::uint64_t{300}, one, one}), 300U);
}

TEST(SampledPacket, HasNoLengthIfNobodySaysIt) {
  DatagramWriter out({});
  out.begin(FlowSample{}, SampleForm::kCompact);
  out.record(kSampledEthernet, {});
  const auto bytes = out.take();
  const SampledPacket packet(read_flow_sample(samples_of(bytes)[0]).value().records());
  EXPECT_EQ(packet.frame_length(), 0U);
  EXPECT_EQ(packet.layers().stack(), "");
  EXPECT_EQ(packet.layers().stack(), "");
}

}  // namespace
}  // namespace fabrix::sflow
