#include "exports/ipfix_template.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "telemetry/attribute.h"
#include "tests/exports/ipfix.h"

namespace fabrix::exports {
namespace {

std::string complaint(const telemetry::FlowSpec& spec) {
  const auto form = IpfixTemplate::of(spec, net::Family::kIpv4);
  return form ? "" : form.error().message;
}

TEST(IpfixTemplate, KeysAreSortedAndThere) {
  const auto keys = ipfix_keys();
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  for (const auto key : keys) EXPECT_TRUE(telemetry::Attribute::find(key)) << key;
}

// RFC 7011 §3.4.1; numbers of IANA's registry.
TEST(IpfixTemplate, Rfc7011_3_4_1_IsATemplateRecord) {
  const auto form = IpfixTemplate::of(five_tuple_spec(), net::Family::kIpv4).value();
  EXPECT_EQ(hex(form.record(256)),
            "0100000a"
            "00980008"
            "00990008"
            "00820004"  // from, to, agent
            "00080004"
            "000c0004"
            "00040001"
            "00070002"
            "000b0002"
            "00010008"
            "00020008");
}

TEST(IpfixTemplate, Rfc7011_3_4_3_WritesDataRecords) {
  const auto form = IpfixTemplate::of(five_tuple_spec(), net::Family::kIpv4).value();
  EXPECT_EQ(hex(form.data(five_tuple_record()).value()),
            "0000018bcfe56800"
            "0000018bcfe59839"
            "c0000201"
            "0a000001"
            "0a000002"
            "11"
            "0035"
            "04d2"
            "00000000000ab248"
            "00000000000003e8");
}

TEST(IpfixTemplate, WritesEveryType) {
  const telemetry::FlowSpec spec{
      .keys = "ip6source,macsource,tcpflags,inputifindex,outputifindex,vlan", .value = "frames"};
  const auto form = IpfixTemplate::of(spec, net::Family::kIpv6).value();
  telemetry::FlowRecord record = five_tuple_record();
  record.source.agent = net::IpAddress::parse("2001:db8::9").value();
  record.key = "2001:db8::1,0200000000A1,000010010,discard,7,100";
  record.octets = 1e300;
  record.frames = 2.5;
  EXPECT_EQ(hex(form.data(record).value()).substr(32),
            "20010db8000000000000000000000009"
            "20010db8000000000000000000000001"
            "0200000000a1"
            "0012"
            "00000000"
            "00000007"
            "0064"
            "0de0b6b3a7640000"
            "0000000000000003");
}

TEST(IpfixTemplate, LeavesOutWhatElementsDoNotHold) {
  const auto form = IpfixTemplate::of(five_tuple_spec(), net::Family::kIpv4).value();
  telemetry::FlowRecord record = five_tuple_record();
  for (const char* key : {"", "10.0.0.1", "2001:db8::1,10.0.0.2,17,53,1234",
                          "10.0.0.1,10.0.0.2,256,53,1234", "10.0.0.1,10.0.0.2,17,53,70000",
                          "10.0.0.1,10.0.0.2,17,53,-1", "10.0.0.1,10.0.0.2,17,53,"}) {
    record.key = key;
    EXPECT_FALSE(form.data(record)) << key;
  }
  record = five_tuple_record();
  record.source.agent = net::IpAddress::parse("2001:db8::9").value();
  EXPECT_FALSE(form.data(record));
}

TEST(IpfixTemplate, SaysWhatIpfixDoesNotHave) {
  EXPECT_EQ(complaint({.keys = "", .value = "bytes"}), "");
  EXPECT_EQ(complaint({.keys = "ipsource,dnsqname", .value = "bytes"}), "IPFIX has no 'dnsqname'");
  EXPECT_EQ(complaint({.keys = "or:ipsource:ip6source", .value = "bytes"}),
            "IPFIX has no 'or:ipsource:ip6source'");
  EXPECT_EQ(complaint({.keys = "ipsource", .value = "avg:bytes"}),
            "IPFIX has no 'avg:bytes': its values are bytes and frames");
  EXPECT_EQ(complaint({.keys = "ipsource,ipttl", .value = "bytes", .separator = ""}),
            "IPFIX needs an 'fs' between the keys");
}

}  // namespace
}  // namespace fabrix::exports
