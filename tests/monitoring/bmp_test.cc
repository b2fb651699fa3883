#include "monitoring/bmp.h"

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::session;

Bytes encoded(const BmpMessage& message) {
  ByteWriter out;
  encode_bmp(message, out);
  return out.take();
}

Bytes header(int type, std::size_t body_size) {
  return bytes({3, 0, 0, 0, static_cast<int>(6 + body_size), type});
}

// The per-peer header of session(1) with these flags, at testing::time(250'000).
Bytes peer_header(int flags) {
  return bytes({0,    flags, 0,    0,  0, 0, 0,    0,    0,  0,        // type, flags, distinguisher
                0,    0,     0,    0,  0, 0, 0,    0,    0,  0, 0, 0,  // padding
                192,  0,     2,    11, 0, 0, 0xfb, 0xf5, 10, 0, 0, 1,  // address, AS, identifier
                0x65, 0x53,  0xf1, 0,  0, 3, 0xd0, 0x90});             // seconds, microseconds
}

TEST(Bmp, Rfc7854_4_3_Initiation) {
  EXPECT_EQ(encoded(Initiation{.description = "Fabrix", .name = "rs1", .text = {"hi"}}),
            join({header(4, 23), bytes({0, 1, 0, 6, 'F', 'a', 'b', 'r', 'i', 'x',  //
                                        0, 2, 0, 3, 'r', 's', '1', 0,   0,   0,   2, 'h', 'i'})}));
}

TEST(Bmp, Rfc7854_4_5_Termination) {
  EXPECT_EQ(encoded(Termination{.reason = TerminationReason::kOutOfResources, .text = {}}),
            join({header(5, 6), bytes({0, 1, 0, 2, 0, 2})}));
}

TEST(Bmp, Rfc7854_4_6_RouteMonitoring) {
  const Bytes end_of_rib = bgp::encode_message(bgp::MessageType::kUpdate, bytes({0, 0, 0, 0}));
  RouteMonitoring message{.peer = bmp_peer(session(1)), .update = end_of_rib};
  EXPECT_EQ(encoded(message), join({header(0, 65), peer_header(0), end_of_rib}));
  message.peer.view = RibView::kAdjRibInPostPolicy;
  EXPECT_EQ(encoded(message), join({header(0, 65), peer_header(0x40), end_of_rib}));
  message.peer.width = bgp::AsnWidth::kTwoOctets;
  EXPECT_EQ(encoded(message), join({header(0, 65), peer_header(0x60), end_of_rib}));
}

TEST(Bmp, Rfc8671_4_AdjRibOutHasAFlagOfItsOwn) {
  PeerDown message{.peer = bmp_peer(session(1)), .reason = RemoteClosed{}};
  message.peer.view = RibView::kAdjRibOut;
  EXPECT_EQ(encoded(message), join({header(2, 43), peer_header(0x10), bytes({4})}));
  message.peer.view = RibView::kAdjRibOutPostPolicy;
  EXPECT_EQ(encoded(message), join({header(2, 43), peer_header(0x50), bytes({4})}));
}

TEST(Bmp, Rfc7854_4_2_AnIpv6PeerHasTheFlagVAndAllOctets) {
  const Bytes octets =
      encoded(PeerDown{.peer = bmp_peer(session(1, net::Family::kIpv6)), .reason = RemoteClosed{}});
  EXPECT_EQ(octets.at(7), std::byte{0x80});
  const Bytes ipv6(octets.begin() + 16, octets.begin() + 32);
  EXPECT_EQ(ipv6, testing::copy(std::as_bytes(address("2001:db8::b").octets())));
}

TEST(Bmp, Rfc7854_4_8_Statistics) {
  const StatisticsReport report{
      .peer = bmp_peer(session(1)),
      .statistics = {
          {.type = StatisticType::kRejectedByInboundPolicy, .value = 5},
          {.type = StatisticType::kAdjRibIn, .value = 0x100000002},
          {.type = StatisticType::kAdjRibInOfFamily, .family = net::Family::kIpv6, .value = 7}}};
  EXPECT_EQ(encoded(report), join({header(1, 81), peer_header(0),
                                   bytes({0, 0, 0, 3,                           // count
                                          0, 0, 0, 4,  0, 0, 0, 5,              // counter
                                          0, 7, 0, 8,  0, 0, 0, 1, 0, 0, 0, 2,  // gauge
                                          0, 9, 0, 11, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 7})}));
}

TEST(Bmp, Rfc7854_4_9_PeerDownForEveryReason) {
  const auto cease = bgp::cease(bgp::Cease::kAdministrativeReset);
  const Bytes pdu = bgp::encode_message(bgp::MessageType::kNotification, bytes({6, 4}));
  const std::pair<DownReason, Bytes> cases[] = {
      {LocalNotification{cease}, join({bytes({1}), pdu})},
      {LocalEvent{18}, bytes({2, 0, 18})},
      {RemoteNotification{cease}, join({bytes({3}), pdu})},
      {RemoteClosed{}, bytes({4})},
      {PeerDeconfigured{}, bytes({5})}};
  for (const auto& [reason, data] : cases) {
    EXPECT_EQ(encoded(PeerDown{.peer = bmp_peer(session(1)), .reason = reason}),
              join({header(2, 42 + data.size()), peer_header(0), data}));
  }
}

TEST(Bmp, Rfc7854_4_10_PeerUp) {
  PeerSession plain = session(1);
  plain.received_open.capabilities.clear();
  plain.sent_open.capabilities.clear();
  plain.sent_open.four_octet_as = false;
  plain.received_open.four_octet_as = false;
  const auto open = [](int high, int low, int id) {
    return bgp::encode_message(bgp::MessageType::kOpen,
                               bytes({4, high, low, 0, 90, 10, 0, 0, id, 0}));
  };
  EXPECT_EQ(encoded(peer_up_message(plain)),
            join({header(3, 42 + 20 + 58), peer_header(0),
                  bytes({0, 0,   0,    0,   0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1,  // local address
                         0, 179, 0x80, 0xe8}),                                     // 179, 33000
                  open(0xfd, 0xe8, 0xff), open(0xfb, 0xf5, 1)}));
}

TEST(Bmp, RouteMonitoringIsWrittenWithoutACopyAlike) {
  const Bytes update = bgp::encode_message(bgp::MessageType::kUpdate, bytes({0, 0, 0, 0}));
  ByteWriter out;
  encode_route_monitoring(bmp_peer(session(1)), update, out);
  EXPECT_EQ(testing::copy(out.view()),
            encoded(RouteMonitoring{.peer = bmp_peer(session(1)), .update = update}));
}

TEST(Bmp, EveryStatisticHasASize) {
  for (std::uint16_t type = 0; type <= 17; ++type) {
    EXPECT_NE(statistic_size(static_cast<StatisticType>(type)), 0U) << type;
  }
  EXPECT_EQ(statistic_size(static_cast<StatisticType>(18)), 0U);
}

TEST(Bmp, CutsTextThatIsTooLong) {
  EXPECT_EQ(
      encoded(Initiation{.description = std::string(70'000, 'x'), .name = "", .text = {}}).size(),
      6U + 4 + 65'535 + 4);
}

}  // namespace
}  // namespace fabrix::monitoring
