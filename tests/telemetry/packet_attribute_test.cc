#include "telemetry/packet_attribute.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using sflow::ethernet;
using sflow::frame;
using sflow::ipv4;
using sflow::octets;

TEST(PacketAttribute, SaysWhereThePacketWent) {
  Sampled sampled(frame("tcp 192.0.2.1:1 -> 192.0.2.2:80"));
  EXPECT_EQ(sampled["agent"], "192.0.2.9");
  EXPECT_EQ(sampled["direction"], "ingress");
  EXPECT_EQ(sampled["inputifindex"], "7");
  EXPECT_EQ(sampled["outputifindex"], "9");
  EXPECT_EQ(sampled["stripped"], "4");
  EXPECT_EQ(sampled["frames"], "1");
  sampled.sample().source = {0, 9};
  EXPECT_EQ(sampled["direction"], "egress");
  sampled.sample().source = {0, 1};
  EXPECT_EQ(sampled["direction"], "(none)");
  sampled.sample().output = {1, 258};
  EXPECT_EQ(sampled["outputifindex"], "discard");
  sampled.sample().output = {2, 7};
  EXPECT_EQ(sampled["outputifindex"], "multiple");
  sampled.sample().output = {0, sflow::Interface::kInternal};
  EXPECT_EQ(sampled["outputifindex"], "internal");
  sampled.sample().output = {0, 0};
  EXPECT_EQ(sampled["outputifindex"], "0");  // sFlow-RT's sflow-test: it is not told
  EXPECT_EQ(sampled["reason"], "(none)");
  sampled.sample().drop_reason = 258;
  EXPECT_EQ(sampled["reason"], "acl");
  sampled.sample().drop_reason = 9999;
  EXPECT_EQ(sampled["reason"], "9999");
}

TEST(PacketAttribute, ReadsAddressesAndLengths) {
  const Sampled sampled(frame("tcp 192.0.2.1:1 -> 192.0.2.2:80"));
  EXPECT_EQ(sampled["macsource"], "020000000001");
  EXPECT_EQ(sampled["macdestination"], "020000000002");
  EXPECT_EQ(sampled["ethernetprotocol"], "2048");
  EXPECT_EQ(sampled["isunicast"], "true");
  EXPECT_EQ(sampled["ismulticast"], "false");
  EXPECT_EQ(sampled["isbroadcast"], "false");
  EXPECT_EQ(sampled["ipsource"], "192.0.2.1");
  EXPECT_EQ(sampled["ipdestination"], "192.0.2.2");
  EXPECT_EQ(sampled["ip_offset"], "14");
  EXPECT_EQ(sampled["stack"], "eth.ip.tcp");
  EXPECT_EQ(sampled["bytes"], "64");
  EXPECT_EQ(sampled["ip6source"], "(none)");
  EXPECT_EQ(sampled["vlan"], "(none)");
  const Sampled six(frame("udp [2001:db8::1]:1 -> [2001:db8::2]:9"));
  EXPECT_EQ(six["ip6source"], "2001:db8::1");
  EXPECT_EQ(six["ip6destination"], "2001:db8::2");
  EXPECT_EQ(six["ip6nexthdr"], "17");
}

TEST(PacketAttribute, ReadsTheVlanOfTheTagOrOfTheSwitch) {
  const Octets inside = ipv4(6, 20) + Octets(20);
  const Records records{
      {sflow::kExtendedSwitch, octets({0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0})}};
  EXPECT_EQ(Sampled(ethernet(0x8100) + octets({0x20, 7, 8, 0}) + inside, records)["vlan"], "7");
  EXPECT_EQ(Sampled(ethernet(0x0800) + inside, records)["vlan"], "9");
}

TEST(PacketAttribute, ReadsFlagsAndNamesOfClasses) {
  auto ip = ipv4(6, 20);
  ip[6] = std::byte{0x40};
  const auto tcp = [&](int flags) {
    return Sampled(ethernet(0x0800) + ip +
                   octets({0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x51, flags, 0, 0, 0, 0, 0, 0}));
  };
  EXPECT_EQ(tcp(0x02)["tcpflags"], "100000010");  // NS and SYN
  EXPECT_EQ(tcp(0x12)["tcpflags"], "100010010");
  EXPECT_EQ(tcp(0x02)["ipflags"], "010");
  EXPECT_EQ(tcp(0x02)["tcppayloadbytes"], "0");
  for (const auto& [dscp, name] : std::vector<std::pair<int, std::string>>{
           {0, "cs0"}, {8, "cs1"}, {10, "af11"}, {38, "af43"}, {46, "ef"}, {1, "le"}, {3, "3"}}) {
    ip[1] = static_cast<std::byte>(dscp << 2U);
    EXPECT_EQ(tcp(0)["ipdscpname"], name);
  }
}

// RFC 8200 §3: class 0xbb is EF, with congestion (RFC 3168).
TEST(PacketAttribute, ReadsTheClassOfIpv6) {
  auto ip = sflow::ipv6(17, 0);
  ip[0] = std::byte{0x6b};
  ip[1] = std::byte{0xb0};
  const Sampled sampled(sflow::ethernet(0x86dd) + ip);
  EXPECT_EQ(sampled["ip6tos"], "187");
  EXPECT_EQ(sampled["ip6dscp"], "46");
  EXPECT_EQ(sampled["ip6dscpname"], "ef");
  EXPECT_EQ(sampled["ip6ecn"], "11");
  EXPECT_EQ(sampled["ip6flowlabel"], "0");
  EXPECT_EQ(sampled["ipecn"], "(none)");
}

// RFC 8200 §4.5: the offset is 185 times eight octets.
TEST(PacketAttribute, ReadsFragmentsOfIpv6) {
  const auto fragment = [](int more) {
    return Sampled(sflow::ethernet(0x86dd) + sflow::ipv6(44, 8) +
                   sflow::octets({17, 0, 5, 0xc8 + more, 0, 0, 0, 99}));
  };
  EXPECT_EQ(fragment(1)["ip6fragm"], "yes");
  EXPECT_EQ(fragment(1)["ip6fragoffset"], "185");
  EXPECT_EQ(fragment(0)["ip6fragm"], "no");
  EXPECT_EQ(fragment(0)["range:ip6fragoffset:1"], "true");
  EXPECT_EQ(Sampled(sflow::ethernet(0x86dd) + sflow::ipv6(17, 0))["ip6fragm"], "(none)");
}

TEST(PacketAttribute, ReadsWhatIsInTunnels) {
  const Sampled sampled(sflow::vxlan(5, frame("tcp 198.51.100.1:7 -> 198.51.100.2:80")));
  EXPECT_EQ(sampled["ipsource"], "192.0.2.1");
  EXPECT_EQ(sampled["ipsource.1"], "198.51.100.1");
  EXPECT_EQ(sampled["macdestination.1"], "020000000002");
  EXPECT_EQ(sampled["isunicast.1"], "true");
  EXPECT_EQ(sampled["tcpflags"], "000000010");
  EXPECT_EQ(sampled["ipsource.2"], "(none)");
  const Octets gre = octets({0x20, 0, 0x65, 0x58, 0, 1, 0, 9});
  EXPECT_EQ(Sampled(ethernet(0x0800) + ipv4(47, 8) + gre)["grevsid"], "256");
}

TEST(PacketAttribute, ReadsArpIcmpAndDns) {
  const Sampled arp(net::build_arp_request(net::MacAddress({2, 0, 0, 0, 0, 1}),
                                           net::IpAddress::v4({192, 0, 2, 1}),
                                           net::IpAddress::v4({192, 0, 2, 2})));
  EXPECT_EQ(arp["arpmacsender"], "020000000001");
  EXPECT_EQ(arp["arpipsender"], "192.0.2.1");
  EXPECT_EQ(arp["arpiptarget"], "192.0.2.2");
  EXPECT_EQ(arp["isbroadcast"], "true");
  EXPECT_EQ(arp["isunicast"], "false");
  const Octets inner = ipv4(17, 8) + sflow::udp(1000, 53, {});
  const auto unreachable = [&](int code) {
    return Sampled(ethernet(0x0800) + ipv4(1, 8 + inner.size()) +
                   octets({3, code, 0, 0, 0, 0, 0, 0}) + inner);
  };
  EXPECT_EQ(unreachable(3)["icmpunreachableport"], "53");
  EXPECT_EQ(unreachable(2)["icmpunreachableprotocol"], "17");
  EXPECT_EQ(unreachable(1)["icmpunreachablehost"], "192.0.2.2");
  EXPECT_EQ(unreachable(0)["icmpunreachablenet"], "192.0.2.2");
  EXPECT_EQ(unreachable(3)["icmpunreachablehost"], "(none)");
  const Octets question = octets({0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'd', 'e', 0, 0, 2, 0, 1});
  const Sampled dns(frame("udp 192.0.2.1:1000 -> 192.0.2.2:53", question));
  EXPECT_EQ(dns["dnsqname"], "de.");
  EXPECT_EQ(dns["dnsqtype"], "2");
  EXPECT_EQ(dns["dnsqtypename"], "NS");
  EXPECT_EQ(dns["dnsqclass"], "1");
}

TEST(PacketAttribute, ReadsRoutes) {
  const auto bytes = sflow::capture("gopacket_2");
  const auto flow = sflow::read_flow_sample(sflow::samples_of(bytes)[0]).value();
  const sflow::SampledPacket packet(flow.records());
  const Sample sample = sample_of(net::IpAddress::v4({192, 0, 2, 9}), flow, packet);
  const auto value = [&](const char* key) {
    std::string out;
    return KeyExpression::parse(key).value().append(sample, out) ? out : "(none)";
  };
  EXPECT_EQ(value("bgpnexthop"), "13.12.11.10");
  EXPECT_EQ(value("bgpnexthop6"), "(none)");
  EXPECT_EQ(value("bgpas"), "65001");
  EXPECT_EQ(value("bgpsourceas"), "123");
  EXPECT_EQ(value("bgpdestinationas"), "999");
  EXPECT_EQ(value("bgpdestinationpeeras"), "123");
  EXPECT_EQ(value("bgpdestinationaspath"), "123-456-789-(11111-22222-33333)-777-888-999");
  EXPECT_EQ(value("bgpcommunities"), "0:12-0:13");
  EXPECT_EQ(value("bgplocalpref"), "432");
}

// Every attribute of every beginning of packets.
TEST(PacketAttribute, IsWholeOrNotThere) {
  const Octets question = octets({0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'd', 'e', 0, 0, 2, 0, 1});
  for (const Octets& whole :
       {sflow::vxlan(5, frame("udp 192.0.2.1:1000 -> 192.0.2.2:53", question)),
        frame("icmp 192.0.2.1 -> 192.0.2.2"), frame("tcp [2001:db8::1]:1 -> [2001:db8::2]:2")}) {
    for (std::size_t size = 1; size <= whole.size(); ++size) {
      Sampled sampled({whole.begin(), whole.begin() + static_cast<long>(size)});
      for (const auto& attribute : packet_attributes()) {
        for (unsigned nth = 0; nth < 3; ++nth) {
          const std::string name(attribute.name);
          EXPECT_NE(sampled[nth == 0 ? name : name + '.' + std::to_string(nth)], "") << name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::telemetry
