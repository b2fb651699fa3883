#include "telemetry/headerless_field.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "telemetry/attribute.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using sflow::Tag;

TEST(HeaderlessField, NamesAttributesAndFieldsThatThereAre) {
  for (const auto& row : headerless_fields()) {
    EXPECT_TRUE(Attribute::find(row.name)) << row.name;
    const auto* schema = sflow::find_flow_schema(row.tag);
    ASSERT_NE(schema, nullptr) << row.name;
    EXPECT_TRUE(std::ranges::any_of(schema->fields, [&](const sflow::FieldSchema& field) {
      return field.name == row.field;
    })) << row.name;
  }
}

TEST(HeaderlessField, IsReadWhereTheAgentSendsNoHeader) {
  const Octets ip =
      record(3, {std::uint64_t{1500}, std::uint64_t{6}, net::IpAddress::v4({192, 0, 2, 1}),
                 net::IpAddress::v4({192, 0, 2, 2}), std::uint64_t{1000}, std::uint64_t{80},
                 std::uint64_t{0x12}, std::uint64_t{184}});
  const Octets ethernet = record(2, {std::uint64_t{1514}, net::MacAddress({2, 0, 0, 0, 0, 1}),
                                     net::MacAddress({2, 0, 0, 0, 0, 2}), std::uint64_t{0x0800}});
  const Sampled sampled({}, {{Tag::of(0, 2), ethernet}, {Tag::of(0, 3), ip}});
  EXPECT_EQ(sampled["macsource"], "020000000001");
  EXPECT_EQ(sampled["ethernetprotocol"], "2048");
  EXPECT_EQ(sampled["ipsource"], "192.0.2.1");
  EXPECT_EQ(sampled["ipprotocol"], "6");
  EXPECT_EQ(sampled["iptos"], "184");
  EXPECT_EQ(sampled["tcpsourceport"], "1000");
  EXPECT_EQ(sampled["tcpdestinationport"], "80");
  EXPECT_EQ(sampled["tcpflags"], "000010010");
  EXPECT_EQ(sampled["udpsourceport"], "(none)");
  EXPECT_EQ(sampled["ipsource.1"], "(none)");
  EXPECT_EQ(sampled["bytes"], "1514");
  // The header says it where there is one.
  const Sampled both(sflow::frame("udp 10.0.0.1:1 -> 10.0.0.2:2"), {{Tag::of(0, 3), ip}});
  EXPECT_EQ(both["ipsource"], "10.0.0.1");
  EXPECT_EQ(both["tcpsourceport"], "(none)");
}

TEST(HeaderlessField, ReadsIpv6AndThePublicCapture) {
  const Octets ip = record(
      4, {std::uint64_t{1500}, std::uint64_t{17}, net::IpAddress::parse("2001:db8::1").value(),
          net::IpAddress::parse("2001:db8::2").value(), std::uint64_t{53}, std::uint64_t{5000},
          std::uint64_t{0}, std::uint64_t{0}});
  const Sampled sampled({}, {{Tag::of(0, 4), ip}});
  EXPECT_EQ(sampled["ip6source"], "2001:db8::1");
  EXPECT_EQ(sampled["ip6nexthdr"], "17");
  EXPECT_EQ(sampled["udpsourceport"], "53");
  EXPECT_EQ(sampled["tcpsourceport"], "(none)");
  const auto bytes = sflow::capture("gopacket_ethernet");
  const auto flow = sflow::read_flow_sample(sflow::samples_of(bytes)[0]).value();
  std::string out;
  EXPECT_TRUE(append_headerless_field("macdestination", sflow::SampledPacket(flow.records()), out));
  EXPECT_EQ(out, "001DB5A25FC0");
}

}  // namespace
}  // namespace fabrix::telemetry
