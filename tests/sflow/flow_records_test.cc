// Expectations of captures are those of gopacket's tests (see fuzz/sflow/README.md).
#include "sflow/flow_records.h"

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"
#include "tests/sflow/frames.h"

namespace fabrix::sflow {
namespace {

std::vector<Item> records_of(Bytes datagram, std::size_t sample) {
  return all(read_flow_sample(samples_of(datagram)[sample]).value().records());
}

TEST(FlowRecords, ReadsTheSampledHeader) {
  const auto bytes = capture("gopacket_1");
  const auto header = read_sampled_header(records_of(bytes, 1)[0].body).value();
  EXPECT_EQ(header.protocol, static_cast<std::uint32_t>(HeaderProtocol::kEthernet));
  EXPECT_EQ(header.frame_length, 0x5eeU);
  EXPECT_EQ(header.stripped, 4U);
  EXPECT_EQ(header.header.size(), 128U);
  EXPECT_EQ(header.header.front(), std::byte{0x3c});
}

TEST(FlowRecords, ReadsTheGatewayWithItsSegments) {
  const auto bytes = capture("gopacket_2");
  const auto gateway = read_extended_gateway(records_of(bytes, 0)[2].body).value();
  EXPECT_EQ(gateway.next_hop.to_string(), "13.12.11.10");
  EXPECT_EQ(gateway.as, 65001U);
  EXPECT_EQ(gateway.source_as, 123U);
  EXPECT_EQ(gateway.source_peer_as, 999U);
  EXPECT_EQ(as_path_text(gateway.as_path), "123-456-789-(11111-22222-33333)-777-888-999");
  EXPECT_EQ(as_path_ends(gateway.as_path), (AsPathEnds{.peer_as = 123, .as = 999}));
  ASSERT_EQ(gateway.communities.size(), 8U);
  EXPECT_EQ(load_u32(gateway.communities.data()), 12U);
  EXPECT_EQ(gateway.local_preference, 432U);
}

TEST(FlowRecords, ReadsSwitchRouterEthernetAndIp) {
  const auto switched = capture("gopacket_4");
  const auto vlans = read_extended_switch(records_of(switched, 0)[0].body).value();
  EXPECT_EQ(vlans.source_vlan, 3U);
  EXPECT_EQ(vlans.source_priority, 2U);
  EXPECT_EQ(vlans.destination_vlan, 5U);
  EXPECT_EQ(vlans.destination_priority, 0xffffffffU);

  const auto routed = capture("gopacket_8");
  const auto router = read_extended_router(Bytes(routed).subspan(76)).value();
  EXPECT_EQ(router.next_hop.to_string(), "2001:db8::");
  EXPECT_EQ(router.destination_mask_length, 0xffffff80U);

  const auto frames = capture("gopacket_ethernet");
  const auto ethernet = read_sampled_ethernet(records_of(frames, 0)[0].body).value();
  EXPECT_EQ(ethernet.length, 16U);
  EXPECT_EQ(ethernet.source.to_string(), "00:25:90:a2:53:58");
  EXPECT_EQ(ethernet.destination.to_string(), "00:1d:b5:a2:5f:c0");
  EXPECT_EQ(ethernet.type, 3U);

  const auto tunnel = capture("gopacket_6");
  const auto ip = read_sampled_ipv4(records_of(tunnel, 0)[0].body).value();
  EXPECT_EQ(ip.protocol, 0x2fU);
  EXPECT_EQ(ip.source.to_string(), "192.168.0.84");
  EXPECT_EQ(ip.destination.to_string(), "192.168.0.83");
}

TEST(FlowRecords, RefusesEveryTruncation) {
  const auto bytes = capture("gopacket_2");
  const Bytes gateway = records_of(bytes, 0)[2].body;
  for (std::size_t size = 0; size < gateway.size(); ++size) {
    EXPECT_FALSE(read_extended_gateway(gateway.first(size))) << size;
  }
  const Bytes header = records_of(bytes, 0)[3].body;
  for (std::size_t size = 0; size < header.size() - 2; ++size) {  // two octets of padding
    EXPECT_FALSE(read_sampled_header(header.first(size))) << size;
  }
  for (std::size_t size = 0; size < 24; ++size) {
    EXPECT_FALSE(read_sampled_ethernet(header.first(size))) << size;
  }
}

TEST(FlowRecords, AnEmptyPathHasNoEnds) {
  const std::vector<std::byte> none(4);
  EXPECT_EQ(as_path_ends(none), AsPathEnds{});
  EXPECT_EQ(as_path_text(none), "");
}

// sFlow version 5, sampled_ipv6: length, protocol, addresses, ports, TCP flags, priority.
TEST(FlowRecords, ReadsIpv6AndNothingThatIsCutOff) {
  Octets record = octets({0, 0, 0, 72, 0, 0, 0, 6});
  for (const int last : {1, 2}) {
    record = record + octets({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
  }
  record = record + octets({0, 0, 0, 80, 0, 0, 0x13, 0x88, 0, 0, 0, 2, 0, 0, 0, 7});
  const auto ip = read_sampled_ipv6(record).value();
  EXPECT_EQ(ip.length, 72U);
  EXPECT_EQ(ip.protocol, 6U);
  EXPECT_EQ(ip.source.to_string(), "2001:db8::1");
  EXPECT_EQ(ip.destination.to_string(), "2001:db8::2");
  EXPECT_EQ(ip.source_port, 80U);
  EXPECT_EQ(ip.destination_port, 5000U);
  EXPECT_EQ(ip.tcp_flags, 2U);
  EXPECT_EQ(ip.tos, 7U);
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(read_sampled_ipv6(Bytes(record).first(size))) << size;
  }
}

TEST(FlowRecords, ReadsOfAnAsPathTheSegmentsThatAreThere) {
  const Octets path = octets({0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0,              // of none
                              0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 9,  // 7 9
                              0, 0, 0, 2, 0, 0, 0, 5});                        // of five, cut off
  EXPECT_EQ(as_path_text(path), "7-9");
  EXPECT_EQ(as_path_ends(path), (AsPathEnds{.peer_as = 7, .as = 9}));
  EXPECT_EQ(as_path_text(octets({0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 7,  //
                                 0, 0, 0, 2, 0, 0, 0, 0})),
            "7");
}

}  // namespace
}  // namespace fabrix::sflow
