#include "policy/fields.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

std::string condition(std::string_view tests) {
  const std::string clauses = outbound("match(" + std::string(tests) + ") >> drop");
  return clauses.substr(0, clauses.find(" -> "));
}

TEST(FieldsTest, ReadsEveryKindOfValue) {
  EXPECT_EQ(condition("dstport=80/443"), "dstport={80, 443}");
  EXPECT_EQ(condition("dstport={80, 81-90, 100..110}"), "dstport={80..90, 100..110}");
  EXPECT_EQ(condition("dstport in [80, 443]"), "dstport={80, 443}");
  EXPECT_EQ(condition("dstport!=80"), "dstport={0..79, 81..65535}");
  EXPECT_EQ(condition("dstport<1024"), "dstport=0..1023");
  EXPECT_EQ(condition("dstport >= 1024"), "dstport=1024..65535");
  EXPECT_EQ(condition("dscp=8&0x38"), "dscp=8..15");
  EXPECT_EQ(condition("tcp_flags=2&2, tcp_flags<4"), "tcp_flags=2..3");
  EXPECT_EQ(condition("dstip=10.0.0.0..10.0.0.9"), "dstip=10.0.0.0..10.0.0.9");
  EXPECT_EQ(condition("srcIP='10.0.0.0/8'"), "srcip=10.0.0.0/8");
  EXPECT_EQ(condition("dstip!=0.0.0.0/1"), "dstip=128.0.0.0/1");
  EXPECT_EQ(condition("protocol=tcp/udp"), "protocol={tcp, udp}");
  EXPECT_EQ(condition("ethtype=0x0806"), "ethtype=arp");
  EXPECT_EQ(condition("inport=3"), "inport=3");
}

TEST(FieldsTest, AliasesMeanTheSame) {
  EXPECT_EQ(condition("tcp_dst=80"), condition("dstport=80"));
  EXPECT_EQ(condition("ipv4_src=10.0.0.0/8"), condition("srcip=10.0.0.0/8"));
  EXPECT_EQ(condition("nw_proto=6"), condition("ip_proto=tcp"));
}

TEST(FieldsTest, MixesFamiliesInOneSet) {
  EXPECT_EQ(condition("dstip={10.0.0.0/8, 2001:db8::/32}"),
            "dstip=10.0.0.0/8 | dstip=2001:db8::/32");
}

TEST(FieldsTest, NoFieldsIsEveryPacket) {
  EXPECT_EQ(condition(""), "any");
}

TEST(FieldsTest, SaysWhatAFieldTakes) {
  EXPECT_EQ(reported("outbound = match(srcip=80)").front().message,
            "'srcip' takes an IPv4 or IPv6 address or prefix, not the number 80");
  EXPECT_EQ(reported("outbound = match(dstport=70000)").front().message,
            "70000 does not fit 'dstport', which is at most 65535");
  EXPECT_EQ(reported("outbound = modify(inport=1) >> fwd(B)").front().message,
            "the exchange owns 'inport'");
  EXPECT_EQ(codes("outbound = modify(dstport={1, 3}) >> fwd(B)"), "P0208");
  EXPECT_EQ(codes("outbound = modify(dstip=10.0.0.1, dstip=10.0.0.2)"), "P0207");
  EXPECT_EQ(codes("outbound = match(dscp=9&0x38)"), "P0208");
  EXPECT_EQ(codes("outbound = match(srcmac=1&0x555555555555)"), "P0204");
}

}  // namespace
}  // namespace fabrix::policy
