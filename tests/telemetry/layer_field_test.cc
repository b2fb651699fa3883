#include "telemetry/layer_field.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using sflow::ethernet;
using sflow::ipv4;
using sflow::ipv6;
using sflow::octets;
using sflow::udp;

TEST(LayerField, ReadsTheFieldsOfTcpAndIp) {
  auto ip = ipv4(6, 20);
  ip[1] = std::byte{0xb9};  // DSCP 46, ECN 1
  ip[6] = std::byte{0x40};
  const Sampled sampled(
      ethernet(0x8100) + octets({0xa0, 7, 8, 0}) + ip +
      octets({1, 187, 0, 80, 0, 0, 1, 0, 0, 0, 2, 0, 0x50, 0x12, 0x10, 0, 0, 0, 0, 0}));
  EXPECT_EQ(sampled["priority"], "5");
  EXPECT_EQ(sampled["ipprotocol"], "6");
  EXPECT_EQ(sampled["ipttl"], "64");
  EXPECT_EQ(sampled["iptos"], "185");
  EXPECT_EQ(sampled["ipdscp"], "46");
  EXPECT_EQ(sampled["ipecn"], "01");
  EXPECT_EQ(sampled["ipbytes"], "40");
  EXPECT_EQ(sampled["ipid"], "1");
  EXPECT_EQ(sampled["ipfragoffset"], "0");
  EXPECT_EQ(sampled["tcpsourceport"], "443");
  EXPECT_EQ(sampled["tcpdestinationport"], "80");
  EXPECT_EQ(sampled["tcpseqno"], "256");
  EXPECT_EQ(sampled["tcpackno"], "512");
  EXPECT_EQ(sampled["tcpoffset"], "5");
  EXPECT_EQ(sampled["tcpwindow"], "4096");
  EXPECT_EQ(sampled["udpsourceport"], "(none)");
}

TEST(LayerField, ReadsTheFieldsOfIpv6DnsAndTunnels) {
  const Octets dns = octets({0x12, 0x34, 0x85, 0x83, 0, 1, 0, 2, 0, 3, 0, 4});
  const Octets query = udp(5000, 53, dns);
  const Sampled sampled(sflow::vxlan(0x10203, ethernet(0x86dd) + ipv6(17, query.size()) + query));
  EXPECT_EQ(sampled["vxlanvni"], "66051");
  EXPECT_EQ(sampled["ip6bytes"], "20");
  EXPECT_EQ(sampled["ip6ttl"], "64");
  EXPECT_EQ(sampled["udpdestinationport"], "4789");
  EXPECT_EQ(sampled["udpdestinationport.1"], "53");
  EXPECT_EQ(sampled["dnsid"], "4660");
  EXPECT_EQ(sampled["dnsqr"], "true");
  EXPECT_EQ(sampled["dnsopcode"], "0");
  EXPECT_EQ(sampled["dnsaa"], "true");
  EXPECT_EQ(sampled["dnstc"], "false");
  EXPECT_EQ(sampled["dnsrd"], "true");
  EXPECT_EQ(sampled["dnsra"], "true");
  EXPECT_EQ(sampled["dnsrcode"], "3");
  EXPECT_EQ(sampled["dnsqdcount"], "1");
  EXPECT_EQ(sampled["dnsancount"], "2");
  EXPECT_EQ(sampled["dnsnscount"], "3");
  EXPECT_EQ(sampled["dnsarcount"], "4");
}

// However short the header, a field is whole or not there.
TEST(LayerField, HasNoPartOfAField) {
  const Octets whole = sflow::frame("tcp 192.0.2.1:1 -> 192.0.2.2:80");
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    const Octets part(whole.begin(), whole.begin() + static_cast<long>(size));
    const Sampled sampled(part);
    for (const auto& field : layer_fields()) {
      std::array<char, kMostOctets> octets{};
      const bool there = put_layer_field(field, *Sampled(part).sample().packet, 0, octets.data());
      EXPECT_EQ(there, sampled[std::string(field.name)] != "(none)") << field.name;
    }
    EXPECT_EQ(sampled["tcpwindow"] == "(none)", size < 50) << size;
  }
}

}  // namespace
}  // namespace fabrix::telemetry
