#include "lab/abuse_frames.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "net/frame.h"

namespace fabrix::lab {
namespace {

net::IpAddress ip(const char* text) {
  return *net::IpAddress::parse(text);
}

AbuseParty party(std::uint64_t mac, const char* ip4, const char* ip6) {
  return {.mac = net::MacAddress::from_u64(mac), .ip4 = ip(ip4), .ip6 = ip(ip6)};
}

AbuseParties parties() {
  return {.offender = party(0x080027893b9f, "172.0.0.1", "2001:db8::1"),
          .victim = party(0x08002792181f, "172.0.0.11", "2001:db8::11"),
          .server = party(0x0800270000fe, "172.0.255.254", "2001:db8::fe"),
          .nobody = party(0x0200deadbeef, "172.0.0.237", "2001:db8::ed"),
          .virtual_ip = ip("172.0.1.237")};
}

net::Packet read(std::string_view name) {
  const auto frame = abuse_frame(name, parties());
  EXPECT_TRUE(frame) << name;
  return net::parse_frame(frame.value()).value();
}

TEST(AbuseFramesTest, EachHasANameOfItsOwnAndIsAWholeFrame) {
  const auto names = abuse_names();
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
  for (const auto name : names) {
    const auto frame = abuse_frame(name, parties());
    ASSERT_TRUE(frame) << name;
    EXPECT_GE(frame->size(), 60U) << name;
    EXPECT_LE(frame->size(), 1500U) << name;
  }
  EXPECT_FALSE(abuse_frame("stpp", parties()));
}

// Else it would be dropped for that, and show nothing else.
TEST(AbuseFramesTest, OnlyThoseOfForeignMacsHaveOne) {
  const std::set<std::string_view> foreign{"foreign-mac", "stolen-mac", "group-mac"};
  for (const auto name : abuse_names()) {
    EXPECT_EQ(read(name).src_mac == parties().offender.mac, !foreign.contains(name)) << name;
  }
}

TEST(AbuseFramesTest, TheyAreWhatTheirStandardsSay) {
  EXPECT_EQ(read("stp").dst_mac.to_string(), "01:80:c2:00:00:00");
  EXPECT_LT(read("stp").eth_type, 0x600);  // a length: 802.2
  EXPECT_EQ(read("lacp").dst_mac.to_string(), "01:80:c2:00:00:02");
  EXPECT_EQ(read("lacp").eth_type, 0x8809);
  EXPECT_EQ(read("lldp").eth_type, 0x88cc);
  EXPECT_EQ(read("cdp").dst_mac.to_string(), "01:00:0c:cc:cc:cc");
  EXPECT_EQ(read("ospf").dst_mac.to_string(), "01:00:5e:00:00:05");
  EXPECT_EQ(read("ospf").protocol, 89);
  EXPECT_EQ(read("multicast").dst_mac.to_string(), "01:00:5e:01:02:03");
  EXPECT_EQ(read("mldv2").dst_mac.to_string(), "33:33:00:00:00:16");
  EXPECT_EQ(read("router-advertisement").icmp_type, 134);
  EXPECT_EQ(read("vlan").vlan_id, 7);
  EXPECT_EQ(read("hidden-tag").eth_type, 0x8100);
  EXPECT_EQ(read("dhcp-offer").src_port, 67);
  EXPECT_EQ(read("dhcp-offer").dst_port, 68);
  EXPECT_EQ(read("dhcpv6-solicit").dst_port, 547);
}

// RFC 7113: who looks at the first header alone does not see it.
TEST(AbuseFramesTest, TheHiddenAdvertisementIsBehindOptions) {
  const auto frame = abuse_frame("hidden-advertisement", parties()).value();
  EXPECT_EQ(frame.at(14 + 6), std::byte{60});
  EXPECT_EQ(read("hidden-advertisement").protocol, 58);
  EXPECT_EQ(read("hidden-advertisement").icmp_type, 134);
}

TEST(AbuseFramesTest, ClaimsAreMadeWithTheOffendersMac) {
  for (const char* const name : {"arp-as-victim", "arp-reply-as-server", "gratuitous-arp"}) {
    EXPECT_EQ(read(name).arp_sender_mac, parties().offender.mac) << name;
    EXPECT_NE(read(name).src_ip, parties().offender.ip4) << name;
  }
  EXPECT_EQ(read("arp-of-other-mac").arp_sender_mac, parties().victim.mac);
  EXPECT_EQ(read("gratuitous-arp").dst_mac, net::MacAddress::broadcast());
  EXPECT_EQ(read("nd-as-victim").src_ip, parties().victim.ip6);
  EXPECT_EQ(read("nd-answer-as-server").nd_target, parties().server.ip6);
}

TEST(AbuseFramesTest, TheHarmlessOneIsABgpSegmentOfTheSendersOwn) {
  const auto read = net::parse_frame(harmless_frame(parties().offender, parties().victim)).value();
  EXPECT_EQ(read.src_mac, parties().offender.mac);
  EXPECT_EQ(read.dst_mac, parties().victim.mac);
  EXPECT_EQ(read.src_ip, parties().offender.ip4);
  EXPECT_EQ(read.dst_port, 179);
}

}  // namespace
}  // namespace fabrix::lab
