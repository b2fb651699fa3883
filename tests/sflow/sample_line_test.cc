// Expectations were made with tshark 4.0.17 and the rules of sflowtool -l.
#include "sflow/sample_line.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sflow/datagram_writer.h"
#include "sflow/flow_records.h"
#include "tests/sflow/captures.h"
#include "tests/sflow/frames.h"

namespace fabrix::sflow {
namespace {

std::string line(Bytes datagram, std::size_t sample) {
  const auto opened = Datagram::open(datagram).value();
  const auto item = all(opened.samples())[sample];
  std::string out;
  if (is_flow_sample(item.tag)) {
    append_flow_line(opened.header().agent, read_flow_sample(item).value(), out);
  } else {
    append_counter_line(opened.header().agent, read_counter_sample(item).value(), out);
  }
  return out;
}

std::string line_of_frame(const Octets& frame) {
  DatagramWriter out({.agent = net::IpAddress::v4({192, 0, 2, 9})});
  out.begin(FlowSample{.sampling_rate = 100}, SampleForm::kCompact);
  out.record(SampledHeader{.protocol = 1,
                           .frame_length = static_cast<std::uint32_t>(frame.size()) + 4,
                           .stripped = 4,
                           .header = frame});
  return line(out.take(), 0);
}

TEST(SampleLine, HasTwentyColumnsOfAFlowSample) {
  const auto bytes = capture("goflow2_flows");
  EXPECT_EQ(line(bytes, 0),
            "FLOW,1.2.3.4,1000100,1000018,7483ef3065b7,08ecf52a8fbe,0x0800,30,30,"
            "185.59.220.147,88.238.78.19,6,0x00,63,443,53206,0x10,1514,1492,16383\n");
  const auto icmp = capture("goflow2_icmp");
  EXPECT_EQ(line(icmp, 0),
            "FLOW,172.16.0.17,1194,1043,ffabcdefab64,00ff1234351b,0x0800,32,0,"
            "172.16.32.254,172.16.32.241,1,0x00,124,8,0,0x00,82,60,2048\n");
}

TEST(SampleLine, HasTwentyOneColumnsOfACounterSample) {
  const auto bytes = capture("gopacket_1");
  EXPECT_EQ(line(bytes, 3),
            "CNTR,10.1.248.22,522,6,10000000000,1,3,327115139476491,3406683542,436422,123,0,0,0,"
            "57184089570462,1449403761,7363268,592113,0,0,0\n");
  const auto none = capture("gopacket_10");
  EXPECT_EQ(line(none, 0), "CNTR,10.20.4.0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n");
}

TEST(SampleLine, ReadsIpv6AndTheOutermostHeaders) {
  EXPECT_EQ(line_of_frame(ethernet(0x86dd) + ipv6(58, 8) + octets({128, 0, 0, 0, 0, 0, 0, 0})),
            "FLOW,192.0.2.9,0,0,020000000001,020000000002,0x86dd,0,0,2001:db8::1,2001:db8::2,58,"
            "0x00,64,128,0,0x00,66,48,100\n");
  EXPECT_EQ(line_of_frame(vxlan(7, frame("tcp 198.51.100.1:1 -> 198.51.100.2:2"))),
            "FLOW,192.0.2.9,0,0,020000000001,020000000002,0x0800,0,0,192.0.2.1,192.0.2.2,17,"
            "0x00,64,50000,4789,0x00,114,96,100\n");
}

TEST(SampleLine, TakesWhatAgentsHaveLookedAtThemselves) {
  const auto bytes = capture("gopacket_ethernet");
  EXPECT_EQ(line(bytes, 0),
            "FLOW,185.120.22.246,1073741823,3,002590a25358,001db5a25fc0,0x0003,0,0,-,-,0,0x00,0,0,"
            "0,0x00,16,16,1000\n");
}

TEST(SampleLine, HasItsColumnsWhateverIsMissing) {
  const Octets whole = frame("tcp 192.0.2.1:1 -> 192.0.2.2:80");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto text = line_of_frame({whole.begin(), whole.begin() + static_cast<long>(size)});
    EXPECT_EQ(std::ranges::count(text, ','), 19) << text;
  }
}

}  // namespace
}  // namespace fabrix::sflow
