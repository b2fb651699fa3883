#include "telemetry/key_expression.h"

#include <gtest/gtest.h>

#include "telemetry/name_table.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

class KeyExpressionTest : public ::testing::Test {
 protected:
  const Sampled tcp_{sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80")};
  const Sampled six_{sflow::frame("udp [2001:db8::1]:1 -> [2001:db8:1::2]:9")};
};

// The examples of sFlow-RT's articles.
TEST_F(KeyExpressionTest, HasTheFunctionsOfSflowRt) {
  EXPECT_EQ(tcp_["mask:ipsource:24"], "10.4.3.0/24");
  EXPECT_EQ(six_["mask:ip6destination:48"], "2001:db8:1::/48");
  EXPECT_EQ(tcp_["prefix:stack:.:2"], "eth.ip");
  EXPECT_EQ(tcp_["prefix:stack:.:9"], "eth.ip.tcp");
  EXPECT_EQ(tcp_["suffix:stack:.:1"], "tcp");
  EXPECT_EQ(tcp_["or:ipsource:ip6source"], "10.4.3.9");
  EXPECT_EQ(six_["or:ipsource:ip6source"], "2001:db8::1");
  EXPECT_EQ(six_["or:ipsource:tcpsourceport"], "(none)");
  EXPECT_EQ(tcp_["null:vlan"], "null");
  EXPECT_EQ(tcp_["null:vlan:untagged"], "untagged");
  EXPECT_EQ(tcp_["null:ipprotocol:none"], "6");
  EXPECT_EQ(tcp_["first:stack:.:ip:ip6"], "ip");
  EXPECT_EQ(six_["first:stack:.:ip:ip6"], "ip6");
  EXPECT_EQ(six_["first:stack:.:arp"], "(none)");
  EXPECT_EQ(tcp_["range:tcpsourceport:0:999"], "false");
  EXPECT_EQ(tcp_["range:tcpdestinationport:0:1023"], "true");
  EXPECT_EQ(tcp_["range:tcpsourceport:1000"], "true");
  EXPECT_EQ(tcp_["range:tcpsourceport::999"], "false");
  EXPECT_EQ(tcp_["range:stack:1:2"], "(none)");
  EXPECT_EQ(tcp_["eq:ipsource:ipdestination"], "false");
  EXPECT_EQ(tcp_["eq:ipsource:10.4.3.9"], "true");
  EXPECT_EQ(tcp_["if:ipprotocol:6:tcpsourceport:udpsourceport"], "1000");
}

TEST_F(KeyExpressionTest, ConcatHasAllValuesOrNone) {
  EXPECT_EQ(tcp_["concat:-:ipsource:tcpsourceport"], "10.4.3.9-1000");
  EXPECT_EQ(tcp_["concat:\\::ipprotocol:tcpdestinationport"], "6:80");
  EXPECT_EQ(tcp_["concat::stack:[mask:ipsource:8]:ipttl"], "eth.ip.tcp10.0.0.0/864");
  EXPECT_EQ(tcp_["concat:-:ipsource:vlan"], "(none)");
  EXPECT_EQ(tcp_["concat:-:ipsource:[null:vlan:0]"], "10.4.3.9-0");
  EXPECT_EQ(tcp_["suffix:[concat:\\::ipprotocol:ipttl]:\\::1"], "64");
  EXPECT_EQ(parse_keys("concat:\\,:ipsource:ipttl,agent").value().size(), 2U);
}

// The nine bits of the experiment and the six of the activity in a flow label (scitags.org), as
// sFlow-RT's application dtn asks for them.
TEST_F(KeyExpressionTest, BitsAreThoseOfTheMask) {
  Octets header(40);
  header[0] = std::byte{0x60};
  header[1] = std::byte{0x0b};
  header[2] = header[3] = std::byte{0xff};
  header[6] = std::byte{59};  // nothing follows
  const Sampled tagged(sflow::ethernet(0x86dd) + header);
  EXPECT_EQ(tagged["ip6flowlabel"], std::to_string(0xbffff));
  EXPECT_EQ(tagged["bits:ip6flowlabel:261884"], std::to_string(0x3fefc & 0xbffff));
  EXPECT_EQ(tagged["bits:ip6flowlabel:524288"], std::to_string(0x80000));
  EXPECT_EQ(tagged["bits:ip6flowlabel:262144"], "0");
  EXPECT_EQ(tcp_["bits:ip6flowlabel:1"], "(none)");
  EXPECT_EQ(tcp_["bits:stack:1"], "(none)");
}

TEST_F(KeyExpressionTest, FunctionsNestInBrackets) {
  const char* const either = "if:[first:stack:.:ip:ip6]:ip:[mask:ipsource:8]:[mask:ip6source:32]";
  EXPECT_EQ(tcp_[either], "10.0.0.0/8");
  EXPECT_EQ(six_[either], "2001:db8::/32");
  EXPECT_EQ(tcp_["prefix:[or:httpurl:stack]:.:1"], "eth");
}

TEST_F(KeyExpressionTest, MaskWithoutBitsIsTheRouters) {
  const Sampled routed(
      sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"),
      {{sflow::kExtendedRouter,
        record(1002, {net::IpAddress::v4({192, 0, 2, 1}), std::uint64_t{24}, std::uint64_t{16}})}});
  EXPECT_EQ(routed["mask:ipsource"], "10.4.3.0/24");
  EXPECT_EQ(routed["mask:ipdestination"], "10.1.0.0/16");
  EXPECT_EQ(tcp_["mask:ipdestination"], "(none)");
}

TEST_F(KeyExpressionTest, SaysWhatIsWrong) {
  const auto error = [](const std::string& text) {
    const auto parsed = KeyExpression::parse(text);
    return parsed ? "(fine)" : parsed.error().message;
  };
  EXPECT_EQ(error("ipsorce"), "no flow key is called 'ipsorce'; did you mean ipsource?");
  EXPECT_EQ(error("frob:ipsource"), "unknown function 'frob'");
  EXPECT_EQ(error("prefix:stack:."), "prefix has 3 arguments, not 2");
  EXPECT_EQ(error("or:ipsource"), "or has 2 or more arguments, not 1");
  EXPECT_EQ(error("mask:ipsource:200"), "'200' is no prefix length");
  EXPECT_EQ(error("mask:ipsource:33"), "'33' is no prefix length");
  EXPECT_EQ(error("mask:ip6source:128"), "(fine)");
  EXPECT_EQ(error("mask:agent"), "mask without bits is of ipsource or ipdestination");
  EXPECT_EQ(error("range:ipttl:a:3"), "'a' is no number");
  EXPECT_EQ(error("prefix:stack:.:0"), "'0' is no number of parts");
  EXPECT_EQ(error("prefix:stack::2"), "a delimiter has a character at least");
  EXPECT_EQ(error("bits:ipttl:0"), "'0' is no mask of bits, a number above 0");
  EXPECT_EQ(error("bits:ipttl:0xff"), "'0xff' is no mask of bits, a number above 0");
  EXPECT_EQ(error("concat:-"), "concat has 2 or more arguments, not 1");
  EXPECT_EQ(error("null:[ipsource"), "brackets do not match in 'null:[ipsource'");
  std::string deep = "ipsource";
  for (int i = 0; i < 9; ++i) deep = "null:[" + deep + "]";
  EXPECT_EQ(error(deep), "functions are nested too deeply");
}

TEST_F(KeyExpressionTest, KeysAreSeparatedByCommasOutsideBrackets) {
  EXPECT_EQ(parse_keys("").value().size(), 0U);
  EXPECT_EQ(parse_keys("ipsource,mask:ipdestination:24").value().size(), 2U);
  EXPECT_FALSE(parse_keys("ipsource,"));
  EXPECT_FALSE(parse_keys("ipsource,x"));
}

TEST(KeyExpression, NamesAddressesAndValues) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  NameTable names;
  const Lookups lookups{.names = &names};
  ASSERT_TRUE(names.set_groups("inner", {{"four", {"10.4.0.0/16"}}}));
  ASSERT_TRUE(names.set_groups("outer", {{"all", {"0.0.0.0/0"}}, {"ten", {"10.0.0.0/8"}}}));
  ASSERT_TRUE(names.set_map("port", {{"web", {"80", "443"}}}));
  const auto key = [&](const char* text) {
    std::string out;
    const auto parsed = KeyExpression::parse(text, &lookups).value();
    return parsed.append(sampled.sample(), out) ? out : "(none)";
  };
  EXPECT_EQ(key("group:ipsource:inner:outer"), "four");
  EXPECT_EQ(key("group:ipdestination:inner:outer"), "ten");
  EXPECT_EQ(key("group:ipdestination:inner"), "(none)");
  EXPECT_EQ(key("group:ipdestination:unknown"), "(none)");
  EXPECT_EQ(key("group:ipprotocol:outer"), "(none)");
  EXPECT_EQ(key("map:tcpdestinationport:port"), "web");
  EXPECT_EQ(key("map:tcpsourceport:port"), "(none)");
  EXPECT_EQ(key("null:[map:tcpsourceport:port]:other"), "other");
  // They are looked up when the sample comes.
  ASSERT_TRUE(names.set_map("port", {{"high", {"1000"}}}));
  EXPECT_EQ(key("map:tcpsourceport:port"), "high");
  EXPECT_FALSE(KeyExpression::parse("map:tcpsourceport:port"));
  EXPECT_FALSE(KeyExpression::parse("map:tcpsourceport", &lookups));
}

}  // namespace
}  // namespace fabrix::telemetry
