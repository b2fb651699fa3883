// Names and their order are those of sflowtool's output (github.com/sflow/sflowtool, README.md).
#include "sflow/description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sflow/datagram_writer.h"
#include "tests/sflow/captures.h"
#include "tests/sflow/frames.h"
#include "tests/sflow/recorded_description.h"

namespace fabrix::sflow {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

std::vector<std::string> described(Bytes datagram) {
  RecordedDescription sink;
  describe(datagram, {.source = net::IpAddress::v4({192, 0, 2, 9}), .unix_seconds = 1'700'000'000},
           sink);
  return sink.events;
}

TEST(Description, SaysAllOfACounterSample) {
  EXPECT_THAT(
      described(capture("gopacket_3")),
      ElementsAre("begin datagram", "datagramSourceIP=192.0.2.9", "datagramSize=88",
                  "unixSecondsUTC=1700000000", "datagramVersion=5", "agentSubId=100",
                  "agent=10.20.4.0", "packetSequenceNo=96480", "sysUpTime=1929595000",
                  "samplesInPacket=1", "begin sample", "sampleType_tag=0:4",
                  "sampleType=COUNTERSSAMPLE", "sampleSequenceNo=96480", "sourceId=2:1",
                  "begin element", "counterBlock_tag=0:1001", "5s_cpu=14.50", "1m_cpu=13.70",
                  "5m_cpu=13.30", "total_memory_bytes=3884806144", "free_memory_bytes=1441230848",
                  "end element", "end sample", "end datagram"));
}

TEST(Description, SaysAllOfAFlowSample) {
  EXPECT_THAT(described(capture("gopacket_2")),
              IsSupersetOf({"sampleType=FLOWSAMPLE",
                            "sourceId=0:3",
                            "meanSkipCount=1",
                            "inputPort=3",
                            "outputPort=1073741823",
                            "flowBlock_tag=0:1003",
                            "extendedType=GATEWAY",
                            "bgp_nexthop=13.12.11.10",
                            "my_as=65001",
                            "dst_as_path=123-456-789-(11111-22222-33333)-777-888-999",
                            "dst_as=999",
                            "dst_peer_as=123",
                            "BGP_communities=12-13",
                            "BGP_localpref=432",
                            "flowSampleType=HEADER",
                            "headerLen=66",
                            "stack=eth.ip.tcp",
                            "srcIP=192.168.91.1",
                            "TCPDstPort=22",
                            "extendedType=URL",
                            "url=http://www.sflow.org"}));
}

TEST(Description, NamesFormsOfInterfacesPortsAndRepetitions) {
  EXPECT_THAT(described(capture("gopacket_6")),
              IsSupersetOf({"outputPort=multiple 1", "flowSampleType=tunnel_ipv4_in_IPV4",
                            "tunnel_ipv4_in_IPProtocol=47", "tunnel_ipv4_in_srcIP=192.168.0.84"}));
  DatagramWriter out({});
  out.begin(FlowSample{.input = {.format = 1, .value = 258}}, SampleForm::kCompact);
  const std::vector<FieldValue> ip{std::uint64_t{60},
                                   std::uint64_t{17},
                                   net::IpAddress::v4({192, 0, 2, 1}),
                                   net::IpAddress::v4({192, 0, 2, 2}),
                                   std::uint64_t{53},
                                   std::uint64_t{5000},
                                   std::uint64_t{0},
                                   std::uint64_t{0}};
  out.record(Tag::of(0, 3), encode_record(*find_flow_schema(Tag::of(0, 3)), ip));
  out.begin(CounterSample{}, SampleForm::kCompact);
  const Octets macs = octets({2, 0, 0, 0, 0, 1, 0, 0});
  const std::vector<FieldValue> adaptors{std::uint64_t{1}, std::uint64_t{4}, Bytes(macs)};
  out.record(Tag::of(0, 2001), encode_record(*find_counter_schema(Tag::of(0, 2001)), adaptors));
  EXPECT_THAT(
      described(out.take()),
      IsSupersetOf({"inputPort=dropCode 258", "UDPSrcPort=53", "UDPDstPort=5000",
                    "adaptor_0_ifIndex=4", "adaptor_0_MACs=1", "adaptor_0_MAC_0=020000000001"}));
}

TEST(Description, NamesReasonsOfDropsAndNumbersOfApplications) {
  EXPECT_THAT(described(capture("goflow2_drop_acl")),
              IsSupersetOf({"sampleType=DROPPED_PACKET", "dropReason=host_unreachable",
                            "extendedType=acl", "acl_name=foo!"}));
  DatagramWriter out({});
  out.begin(FlowSample{}, SampleForm::kCompact);
  std::vector<FieldValue> tcp(12, std::uint64_t{2});
  out.record(Tag::of(0, 2209), encode_record(*find_flow_schema(Tag::of(0, 2209)), tcp));
  const std::vector<FieldValue> operation{Bytes{},          Bytes{},          Bytes{},
                                          Bytes{},          std::uint64_t{1}, std::uint64_t{2},
                                          std::uint64_t{3}, std::uint64_t{8}};
  out.record(Tag::of(0, 2202), encode_record(*find_flow_schema(Tag::of(0, 2202)), operation));
  EXPECT_THAT(described(out.take()),
              IsSupersetOf({"tcpinfo_direction=sent", "tcpinfo_rtt_uS=2", "status=NOT_FOUND"}));
}

TEST(Description, GoesOnWhereSomethingIsWrong) {
  const auto late = described(capture("gopacket_11"));
  EXPECT_THAT(
      late, IsSupersetOf({"actorSystemID=7e6069738f42", "actorOperPortState=117", "LACPDUsTx=1173",
                          "fault sample 0:2 at octet 36: 116 octets are announced, "
                          "76 are left"}));
  EXPECT_EQ(late.back(), "end datagram");
  DatagramWriter out({});
  out.begin(FlowSample{}, SampleForm::kCompact);
  out.record(Tag::of(99, 7), octets({1, 2, 3, 4}));
  out.record(kExtendedSwitch, octets({0, 0, 0, 1}));
  EXPECT_THAT(described(out.take()),
              IsSupersetOf({"flowBlock_tag=99:7", "unknownLength=4", "in_vlan=1",
                            "fault record 0:1001 at octet 88: 4 octets do not hold its "
                            "structure"}));
  EXPECT_THAT(described(octets({0, 0, 0, 4})),
              Contains("fault datagram at octet 0: version 4, not 5"));
}

// Of a public datagram that is cut off anywhere, all is told up to there, and that it is cut off.
TEST(Description, SaysWhereADatagramIsCutOff) {
  for (const char* const name : {"gopacket_1", "gopacket_2", "gopacket_3", "gopacket_4",
                                 "gopacket_8", "gopacket_ethernet"}) {
    const auto whole = capture(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto events = described(Bytes(whole).first(size));
      EXPECT_THAT(events, Contains(::testing::StartsWith("fault "))) << name << " " << size;
      EXPECT_EQ(events.back(), "end datagram");
    }
  }
}

// A datagram with one sample.
Octets with_sample(Tag tag, const Octets& body) {
  const auto word = [](std::uint32_t value) {
    return octets({static_cast<int>(value >> 24U), static_cast<int>(value >> 16U & 255U),
                   static_cast<int>(value >> 8U & 255U), static_cast<int>(value & 255U)});
  };
  return word(5) + word(1) + octets({192, 0, 2, 1}) + Octets(12) + word(1) + word(tag.value) +
         word(static_cast<std::uint32_t>(body.size())) + body;
}

TEST(Description, SaysThatASampleIsTooShort) {
  for (const Tag tag :
       {kFlowSample, kExpandedFlowSample, kCounterSample, kExpandedCounterSample, kDropSample}) {
    EXPECT_THAT(described(with_sample(tag, octets({0, 0, 0, 1}))),
                Contains(::testing::HasSubstr("4 octets do not hold its structure")));
  }
}

TEST(Description, SaysHowLongWhatItDoesNotKnowIs) {
  EXPECT_THAT(described(with_sample(Tag::of(9, 9), octets({0, 0, 0, 1}))),
              IsSupersetOf({"sampleType_tag=9:9", "unknownSampleLength=4"}));
}

TEST(Description, SaysWhichFormatAnInterfaceHas) {
  DatagramWriter out({});
  out.begin(FlowSample{.input = {2, 3}, .output = {3, 7}}, SampleForm::kExpanded);
  EXPECT_THAT(described(out.take()),
              IsSupersetOf({"inputPort=multiple 3", "outputPort=format==3 7"}));
}

}  // namespace
}  // namespace fabrix::sflow
