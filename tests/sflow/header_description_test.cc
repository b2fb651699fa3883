#include "sflow/header_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sflow/frames.h"
#include "tests/sflow/recorded_description.h"

namespace fabrix::sflow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

std::vector<std::string> described(const Octets& frame, std::uint32_t stripped = 4) {
  RecordedDescription sink;
  const auto length = static_cast<std::uint32_t>(frame.size()) + 4;
  describe_header({.protocol = 1, .frame_length = length, .stripped = stripped, .header = frame},
                  sink);
  return sink.events;
}

TEST(HeaderDescription, HasSflowtoolsNamesInItsOrder) {
  EXPECT_THAT(
      described(ethernet(0x8100) + octets({0x60, 30, 8, 0}) + ipv4(6, 20) +
                octets({0, 80, 1, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x12, 0, 9, 0, 0, 0, 0})),
      ElementsAre("stack=eth.8021q.ip.tcp", "dstMAC=020000000002", "srcMAC=020000000001",
                  "decodedVLAN=30", "decodedPriority=3", "IPSize=40", "ip.tot_len=40",
                  "srcIP=192.0.2.1", "dstIP=192.0.2.2", "IPProtocol=6", "IPTOS=0", "IPTTL=64",
                  "IPID=1", "TCPSrcPort=80", "TCPDstPort=256", "TCPFlags=18"));
}

TEST(HeaderDescription, ReadsIpv6UdpAndIcmp) {
  EXPECT_THAT(described(ethernet(0x86dd) + ipv6(17, 8) + udp(53, 5000, {})),
              IsSupersetOf({"IPSize=48", "IPV6_payloadLen=8", "IP6_label=0x0", "IPTTL=64",
                            "srcIP6=2001:db8::1", "dstIP6=2001:db8::2", "IPProtocol=17",
                            "UDPSrcPort=53", "UDPDstPort=5000", "UDPBytes=8"}));
  EXPECT_THAT(described(ethernet(0x0800) + ipv4(1, 8) + octets({3, 1, 0, 0, 0, 0, 0, 0})),
              IsSupersetOf({"ICMPType=3", "ICMPCode=1"}));
}

TEST(HeaderDescription, IsOfTheOutermostHeaders) {
  const auto events = described(vxlan(5, frame("tcp 198.51.100.1:1 -> 198.51.100.2:2")));
  EXPECT_THAT(events, IsSupersetOf({"stack=eth.ip.udp.vxlan.eth.ip.tcp", "srcIP=192.0.2.1",
                                    "UDPDstPort=4789"}));
  EXPECT_EQ(std::ranges::count(events, "TCPDstPort=2"), 0);
}

TEST(HeaderDescription, ClampsWhatWasStrippedAndStopsAtFragments) {
  EXPECT_THAT(described(ethernet(0x0800) + ipv4(6, 0), 4000), IsSupersetOf({"IPSize=0"}));
  auto later = ethernet(0x0800) + ipv4(17, 8) + udp(1, 2, {});
  later[14 + 7] = std::byte{5};
  const auto events = described(later);
  EXPECT_EQ(events.back(), "IPFragmentOffset=5");
  EXPECT_TRUE(described(octets({1, 2})).empty());
}

}  // namespace
}  // namespace fabrix::sflow
