#include "sflow/header_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sflow/frames.h"
#include "tests/sflow/recorded_description.h"

namespace fabrix::sflow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

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

TEST(HeaderDescription, SaysOfPortsAndFlagsWhatIsThere) {
  const auto cut = [](int protocol, const Octets& rest) {
    return described(ethernet(0x0800) + ipv4(protocol, 20) + rest);
  };
  EXPECT_THAT(cut(6, octets({0, 80, 1, 0})), ::testing::Contains("TCPDstPort=256"));
  EXPECT_THAT(cut(6, octets({0, 80, 1, 0})), Not(::testing::Contains(StartsWith("TCPFlags"))));
  EXPECT_THAT(cut(17, octets({0, 80, 1, 0})), Not(::testing::Contains(StartsWith("UDPBytes"))));
  EXPECT_EQ(cut(132, Octets(4)).back(), "IPID=1");
  EXPECT_THAT(described(ethernet(0x86dd) + ipv6(58, 8) + octets({128, 0, 0, 0, 0, 0, 0, 0})),
              IsSupersetOf({"ICMPType=128", "ICMPCode=0"}));
  const Octets fragment = octets({17, 0, 0, 1, 0, 0, 0, 9}) + udp(53, 5000, {});
  EXPECT_THAT(described(ethernet(0x86dd) + ipv6(44, fragment.size()) + fragment),
              ::testing::Contains("UDPSrcPort=53"));
}

// Without Ethernet, with one only in a tunnel, and of nothing.
TEST(HeaderDescription, SaysNoAddressesOfLinksThatAreNotThere) {
  const auto described_as = [](std::uint32_t protocol, const Octets& header) {
    RecordedDescription sink;
    describe_header({.protocol = protocol, .frame_length = 100, .header = header}, sink);
    return sink.events;
  };
  const Octets tunnel = vxlan(5, frame("udp 192.0.2.1:1 -> 192.0.2.2:2"));
  const Octets from_ip(tunnel.begin() + 14, tunnel.end());
  EXPECT_THAT(described_as(11, from_ip), Not(::testing::Contains(StartsWith("dstMAC"))));
  EXPECT_THAT(described_as(12, ipv6(17, 8) + udp(1, 2, {})),
              Not(::testing::Contains(StartsWith("dstMAC"))));
  EXPECT_TRUE(described_as(15, from_ip).empty());
}

}  // namespace
}  // namespace fabrix::sflow
