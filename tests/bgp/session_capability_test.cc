// What a session does differently because of what was negotiated.
#include <gtest/gtest.h>

#include "bgp/update_encoder.h"
#include "tests/bgp/scripted_session.h"

namespace fabrix::bgp {
namespace {

using std::chrono::seconds;

constexpr Multiprotocol kIpv4{.afi = 1, .safi = Safi::kUnicast};
constexpr Multiprotocol kFlow4{.afi = 1, .safi = Safi::kFlowSpec};

// A message of `size` octets with a body of zeros.
Bytes message_of(MessageType type, std::size_t size) {
  return encode_message(type, Bytes(size - kHeaderSize));
}

Bytes refresh_message(int subtype, int afi = 1, int safi = 1) {
  return encode_message(MessageType::kRouteRefresh, bytes({0, afi, subtype, safi}));
}

// An UPDATE that withdraws 0.0.0.0/0 as often as it takes.
Bytes withdrawal_of(std::size_t size) {
  return encode_message(MessageType::kUpdate, update_body(Bytes(size - kHeaderSize - 4), {}, {}));
}

TEST(SessionExtendedMessageTest, Rfc8654_4_WhatWeOfferedToTakeMayCome) {
  // Whether the peer takes large messages itself does not matter.
  for (const auto& capabilities : {std::vector<Capability>{}, {ExtendedMessage{}}}) {
    ScriptedSession peer(route_server_config());
    peer.establish(client_open(capabilities));
    for (const std::size_t size : {4096UL, 4097UL, 65535UL}) {
      const SessionOutput output = peer.feed(withdrawal_of(size));
      const auto* const received = only_event<UpdateReceived>(output);
      ASSERT_NE(received, nullptr) << size;
      EXPECT_EQ(received->update.withdrawn.size(), size - kHeaderSize - 4);
    }
  }
}

TEST(SessionExtendedMessageTest, Rfc8654_5_WhatWeDidNotOfferIsABadLength) {
  SessionConfig config = route_server_config();
  config.extended_messages = false;
  ScriptedSession peer(config);
  peer.establish(client_open({ExtendedMessage{}}));
  EXPECT_NE(only_event<UpdateReceived>(peer.feed(withdrawal_of(4096))), nullptr);
  EXPECT_EQ(code_sent(peer.feed(withdrawal_of(4097))), (NotificationCode{1, 2}));
}

TEST(SessionExtendedMessageTest, Rfc8654_4_OpenAndKeepaliveNeverExceed4096) {
  ScriptedSession before(route_server_config());
  before.session.connected(before.now);
  EXPECT_EQ(code_sent(before.feed(message_of(MessageType::kOpen, 4097))), (NotificationCode{1, 2}));

  for (const MessageType type : {MessageType::kOpen, MessageType::kKeepalive}) {
    ScriptedSession peer(route_server_config());
    peer.establish(client_open({ExtendedMessage{}}));
    EXPECT_EQ(code_sent(peer.feed(message_of(type, 4097))), (NotificationCode{1, 2}));
  }
}

TEST(SessionExtendedMessageTest, NothingIsLargeBeforeTheOpenIsAccepted) {
  ScriptedSession peer(route_server_config());
  peer.session.connected(peer.now);
  EXPECT_EQ(code_sent(peer.feed(message_of(MessageType::kNotification, 4097))),
            (NotificationCode{1, 2}));
}

TEST(SessionExtendedMessageTest, AnotherConnectionBeginsSmallAgain) {
  ScriptedSession peer(route_server_config());
  peer.establish();
  peer.session.closed("gone");
  peer.session.connected(peer.now);
  EXPECT_EQ(code_sent(peer.feed(message_of(MessageType::kUpdate, 4097))), (NotificationCode{1, 2}));
}

TEST(SessionExtendedMessageTest, Rfc8654_5_ANotificationStaysSmall) {
  ScriptedSession peer(route_server_config());
  peer.establish();
  // MP_REACH_NLRI with a next hop of 3 octets: 3/9, with as much of it as fits.
  const Bytes garbage = attribute(0x90, 14, join({bytes({0, 1, 1, 3}), Bytes(60000)}));
  const SessionOutput output = peer.feed(
      encode_message(MessageType::kUpdate, update_body({}, join({mandatory(), garbage}), {})));
  EXPECT_EQ(code_sent(output).code, 3);
  EXPECT_LE(output.bytes.size(), 4096U);
}

TEST(SessionRefreshTest, Rfc7313_4_DemarcationsBecomeEvents) {
  ScriptedSession peer(route_server_config());
  peer.establish(client_open({EnhancedRouteRefresh{}}));
  EXPECT_NE(only_event<RouteRefreshReceived>(peer.feed(refresh_message(0))), nullptr);
  const SessionOutput began = peer.feed(refresh_message(1, 2));
  ASSERT_NE(only_event<RefreshBegan>(began), nullptr);
  EXPECT_EQ(only_event<RefreshBegan>(began)->family, net::Family::kIpv6);
  EXPECT_NE(only_event<RefreshEnded>(peer.feed(refresh_message(2, 2))), nullptr);
  EXPECT_TRUE(peer.feed(refresh_message(2, 2)).events.empty());  // without a beginning
}

TEST(SessionRefreshTest, Rfc7313_4_BeforeEndOfRibARestartingPeersBeginningIsIgnored) {
  ScriptedSession peer(route_server_config());
  peer.establish(client_open({EnhancedRouteRefresh{}, GracefulRestart{}}));
  EXPECT_TRUE(peer.feed(refresh_message(1)).events.empty());
  peer.feed(encode_message(MessageType::kUpdate, Bytes(4)));  // End-of-RIB
  EXPECT_NE(only_event<RefreshBegan>(peer.feed(refresh_message(1))), nullptr);
}

TEST(SessionRefreshTest, Rfc7313_5_AnotherLengthIsAnErrorWithTheWholeMessage) {
  for (const Bytes& body : {bytes({0, 1, 1, 1, 0}), bytes({0, 1, 2, 1, 9, 9}), bytes({0, 1, 1}),
                            bytes({0, 1, 0, 1, 0, 1}), Bytes{}}) {
    ScriptedSession peer(route_server_config());
    peer.establish(client_open({EnhancedRouteRefresh{}}));
    const Bytes message = encode_message(MessageType::kRouteRefresh, body);
    const SessionOutput output = peer.feed(message);
    EXPECT_EQ(code_sent(output), (NotificationCode{7, 1}));
    EXPECT_EQ(only_event<Down>(output)->sent->data, message);
  }
}

TEST(SessionRefreshTest, Rfc7313_5_OtherSubtypesAreIgnored) {
  ScriptedSession peer(route_server_config());
  peer.establish(client_open({EnhancedRouteRefresh{}}));
  for (const int subtype : {3, 77, 255}) {
    EXPECT_TRUE(peer.feed(refresh_message(subtype)).events.empty());
  }
  EXPECT_EQ(peer.session.state(), SessionState::kEstablished);
}

TEST(SessionRefreshTest, Rfc7313_4_WeDemarcateForWhoUnderstandsIt) {
  ScriptedSession peer(route_server_config());
  EXPECT_TRUE(peer.session.begin_refresh(net::Family::kIpv4).bytes.empty());
  peer.establish(client_open({EnhancedRouteRefresh{}}));
  EXPECT_EQ(peer.session.begin_refresh(net::Family::kIpv6).bytes, refresh_message(1, 2));
  EXPECT_EQ(peer.session.end_refresh(net::Family::kIpv6).bytes, refresh_message(2, 2));
  EXPECT_TRUE(peer.session.end_refresh(net::Family::kIpv4, Safi::kFlowSpec).bytes.empty());

  ScriptedSession old(route_server_config());
  old.establish();
  EXPECT_TRUE(old.session.begin_refresh(net::Family::kIpv4).bytes.empty());
  EXPECT_TRUE(old.session.end_refresh(net::Family::kIpv4).bytes.empty());
}

TEST(SessionRefreshTest, FlowSpecIsRefreshedLikeAnyFamily) {
  SessionConfig config = route_server_config();
  config.flowspec.ipv4 = true;
  ScriptedSession peer(config);
  peer.establish(client_open({kFlow4, RouteRefresh{}}));
  const SessionOutput output = peer.feed(refresh_message(0, 1, 133));
  ASSERT_NE(only_event<RouteRefreshReceived>(output), nullptr);
  EXPECT_EQ(only_event<RouteRefreshReceived>(output)->safi, Safi::kFlowSpec);
  EXPECT_TRUE(peer.feed(refresh_message(0, 2, 133)).events.empty());
  EXPECT_EQ(peer.session.send_route_refresh(net::Family::kIpv4, Safi::kFlowSpec).bytes,
            refresh_message(0, 1, 133));
}

// A session with a peer that restarts gracefully; `notification`: with the N bit.
ScriptedSession graceful_peer(bool notification) {
  SessionConfig config = route_server_config();
  config.graceful_restart = GracefulRestartOffer{};
  ScriptedSession peer(config);
  peer.establish(client_open({GracefulRestart{
      .notification = notification, .restart_time = seconds(120), .families = {{kIpv4, true}}}}));
  return peer;
}

bool is_graceful(const SessionOutput& output) {
  return std::get<Down>(output.events.back()).graceful;
}

Bytes notification_bytes(const NotificationMessage& notification) {
  ByteWriter body;
  encode_notification(notification, body);
  return encode_message(MessageType::kNotification, body.view());
}

TEST(SessionRestartTest, Rfc4724_4_2_ALostConnectionIsGraceful) {
  EXPECT_TRUE(is_graceful(graceful_peer(false).session.closed("reset")));
  ScriptedSession plain(route_server_config());
  plain.establish(client_open({GracefulRestart{}}));  // we do not take part
  EXPECT_FALSE(is_graceful(plain.session.closed("reset")));
}

TEST(SessionRestartTest, Rfc4724_4_NotificationsAreNotGracefulWithoutTheNBit) {
  const NotificationMessage reset = cease(Cease::kAdministrativeReset);
  EXPECT_FALSE(is_graceful(graceful_peer(false).feed(notification_bytes(reset))));
  EXPECT_FALSE(is_graceful(graceful_peer(false).session.stop(reset)));
  EXPECT_FALSE(is_graceful(graceful_peer(false).tick(seconds(90))));
}

TEST(SessionRestartTest, Rfc8538_4_WithTheNBitNotificationsAndHoldTimeAreGraceful) {
  const NotificationMessage reset = cease(Cease::kAdministrativeReset);
  EXPECT_TRUE(is_graceful(graceful_peer(true).feed(notification_bytes(reset))));
  EXPECT_TRUE(is_graceful(graceful_peer(true).session.stop(reset)));
  const SessionOutput expired = graceful_peer(true).tick(seconds(90));
  EXPECT_EQ(code_sent(expired), kHoldTimerExpired);
  EXPECT_TRUE(is_graceful(expired));
}

TEST(SessionRestartTest, Rfc8538_3_AHardResetIsNotGraceful) {
  const NotificationMessage hard = hard_reset(cease(Cease::kAdministrativeShutdown, "bye"));
  const SessionOutput received = graceful_peer(true).feed(notification_bytes(hard));
  EXPECT_FALSE(is_graceful(received));
  EXPECT_EQ(std::get<Down>(received.events.back()).reason,
            "peer sent 6/9 hard reset: 6/2 administrative shutdown: bye");
}

TEST(SessionRestartTest, Rfc8538_5_1_ADecisionToEndGoesAsAHardReset) {
  const NotificationMessage shutdown = cease(Cease::kAdministrativeShutdown, "moved");
  const SessionOutput output = graceful_peer(true).session.stop(shutdown);
  EXPECT_FALSE(is_graceful(output));
  EXPECT_EQ(output.bytes, notification_bytes(hard_reset(shutdown)));
  // To a peer without the N bit, nothing but the shutdown.
  EXPECT_EQ(graceful_peer(false).session.stop(shutdown).bytes, notification_bytes(shutdown));
}

TEST(SessionRestartTest, Rfc4724_4_2_ANewConnectionReplacesThatOfARestartingPeer) {
  EXPECT_TRUE(graceful_peer(false).session.yields_to_new_connection());
  EXPECT_TRUE(graceful_peer(true).session.yields_to_new_connection());

  SessionConfig config = route_server_config();
  config.graceful_restart = GracefulRestartOffer{};
  ScriptedSession helper_only(config);  // it keeps our routes, and has no families to restart with
  helper_only.establish(client_open({GracefulRestart{}}));
  EXPECT_FALSE(helper_only.session.yields_to_new_connection());

  ScriptedSession early(config);
  early.session.connected(early.now);
  early.feed(open_message(client_open({GracefulRestart{.families = {{kIpv4, true}}}})));
  EXPECT_FALSE(early.session.yields_to_new_connection());  // RFC 4271 §6.8 decides
}

TEST(SessionRestartTest, BeforeItIsEstablishedNothingIsGraceful) {
  SessionConfig config = route_server_config();
  config.graceful_restart = GracefulRestartOffer{};
  ScriptedSession peer(config);
  peer.session.connected(peer.now);
  peer.feed(open_message(client_open({GracefulRestart{.families = {{kIpv4, true}}}})));
  EXPECT_FALSE(is_graceful(peer.session.closed("reset")));
}

TEST(SessionRoleTest, Rfc9234_4_2_AStrictSessionEndsWithoutARole) {
  SessionConfig config = route_server_config();
  config.role = Role::kRouteServer;
  config.role_mode = RoleMode::kStrict;
  ScriptedSession peer(config);
  peer.session.connected(peer.now);
  EXPECT_EQ(code_sent(peer.feed(open_message(client_open()))), (NotificationCode{2, 11}));
}

TEST(SessionFlowSpecTest, Rfc8955_4_RulesAndTheirEndOfRibArrive) {
  SessionConfig config = route_server_config();
  config.flowspec.ipv4 = true;
  ScriptedSession peer(config);
  peer.establish(client_open({kFlow4}));
  // Destination 198.51.100.0/24, no next hop.
  const Bytes reach = attribute(0x80, 14, bytes({0, 1, 133, 0, 0, 5, 1, 24, 198, 51, 100}));
  const SessionOutput output = peer.feed(encode_message(
      MessageType::kUpdate, update_body({}, join({reach, origin(), as_path()}), {})));
  const auto* const received = only_event<UpdateReceived>(output);
  ASSERT_NE(received, nullptr);
  ASSERT_EQ(received->update.flowspec.size(), 1U);
  EXPECT_EQ(received->update.flowspec[0].announced.size(), 1U);
  EXPECT_NE(received->update.attributes, nullptr);

  const SessionOutput end = peer.feed(encode_message(
      MessageType::kUpdate, update_body({}, attribute(0x80, 15, bytes({0, 1, 133})), {})));
  EXPECT_TRUE(only_event<UpdateReceived>(end)->update.flowspec.at(0).end_of_rib);

  const Bytes empty_rule = attribute(0x80, 14, bytes({0, 1, 133, 0, 0, 0}));
  EXPECT_EQ(
      code_sent(peer.feed(encode_message(
          MessageType::kUpdate, update_body({}, join({empty_rule, origin(), as_path()}), {})))),
      (NotificationCode{3, 9}));
}

}  // namespace
}  // namespace fabrix::bgp
