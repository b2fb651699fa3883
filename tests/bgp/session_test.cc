#include "bgp/session.h"

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/update_encoder.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

using std::chrono::seconds;

SessionConfig server_config() {
  return {.local_as = net::Asn{65000}, .bgp_identifier = 0x0a000001, .peer_as = net::Asn{64500}};
}
SessionConfig client_config() {
  return {.local_as = net::Asn{64500}, .bgp_identifier = 0x0a000002, .peer_as = net::Asn{65000}};
}

Bytes keepalive() {
  return encode_message(MessageType::kKeepalive, {});
}
Bytes open_message(seconds hold_time = seconds(90)) {
  ByteWriter body;
  encode_open({.my_as = net::Asn{64500},
               .four_octet_as = true,
               .hold_time = hold_time,
               .bgp_identifier = 2,
               .capabilities = {Multiprotocol{.afi = 1, .safi = Safi::kUnicast}, RouteRefresh{}}},
              body);
  return encode_message(MessageType::kOpen, body.view());
}
Bytes update_message() {
  return encode_message(MessageType::kUpdate, update_body({}, mandatory(), nlri()));
}
Bytes refresh_message(int subtype = 0, int afi = 1) {
  return encode_message(MessageType::kRouteRefresh, bytes({0, afi, subtype, 1}));
}
Bytes notification_bytes(const NotificationMessage& notification) {
  ByteWriter body;
  encode_notification(notification, body);
  return encode_message(MessageType::kNotification, body.view());
}

template <typename Event>
const Event* only(const SessionOutput& output) {
  return output.events.size() == 1 ? std::get_if<Event>(output.events.data()) : nullptr;
}

// A session of the route server and a clock; the peer is written by hand.
class SessionTest : public testing::Test {
 protected:
  SessionOutput feed(const Bytes& octets) { return session_.received(octets, now_); }
  SessionOutput tick(seconds passed) {
    now_ += passed;
    return session_.timer(now_);
  }
  void establish(seconds hold_time = seconds(90)) {
    session_.connected(now_);
    feed(open_message(hold_time));
    feed(keepalive());
    ASSERT_EQ(session_.state(), SessionState::kEstablished);
  }
  void reach(SessionState state) {
    if (state == SessionState::kIdle) return;
    session_.connected(now_);
    if (state == SessionState::kOpenSent) return;
    feed(open_message());
    if (state == SessionState::kEstablished) feed(keepalive());
    ASSERT_EQ(session_.state(), state);
  }
  // The session ended by its own NOTIFICATION, which is the last thing it said.
  void expect_notified(const SessionOutput& output, NotificationCode code) {
    EXPECT_EQ(session_.state(), SessionState::kIdle);
    EXPECT_TRUE(output.close);
    const Down* const down = only<Down>(output);
    ASSERT_NE(down, nullptr);
    ASSERT_TRUE(down->sent);
    EXPECT_EQ(down->sent->code, code) << down->reason;
    EXPECT_FALSE(down->received);
    EXPECT_EQ(output.bytes, notification_bytes(*down->sent));
    EXPECT_EQ(session_.deadline(), std::nullopt);
  }

  Session session_{server_config()};
  TimePoint now_{};
};

TEST_F(SessionTest, OpensConfirmsAndEstablishes) {
  const SessionOutput opened = session_.connected(now_);
  EXPECT_EQ(session_.state(), SessionState::kOpenSent);
  EXPECT_EQ(decode_open(std::span(opened.bytes).subspan(kHeaderSize))->my_as, net::Asn{65000});

  const SessionOutput confirmed = feed(open_message());
  EXPECT_EQ(session_.state(), SessionState::kOpenConfirm);
  EXPECT_EQ(confirmed.bytes, keepalive());
  EXPECT_TRUE(confirmed.events.empty());

  const SessionOutput up = feed(keepalive());
  EXPECT_EQ(session_.state(), SessionState::kEstablished);
  const auto* const established = only<Established>(up);
  ASSERT_NE(established, nullptr);
  EXPECT_EQ(established->open.my_as, net::Asn{64500});
  EXPECT_EQ(established->negotiated.families, (FamilySet{.ipv4 = true, .ipv6 = false}));
  EXPECT_TRUE(established->negotiated.route_refresh);
}

TEST_F(SessionTest, Rfc6608_3_UnexpectedMessagesAreFsmErrorsThatNameThem) {
  const struct {
    SessionState state;
    Bytes message;
    NotificationCode code;
    int type;
  } rows[] = {
      {SessionState::kOpenSent, update_message(), {5, 1}, 2},
      {SessionState::kOpenSent, keepalive(), {5, 1}, 4},
      {SessionState::kOpenSent, refresh_message(), {5, 1}, 5},
      {SessionState::kOpenConfirm, open_message(), {5, 2}, 1},
      {SessionState::kOpenConfirm, update_message(), {5, 2}, 2},
      {SessionState::kOpenConfirm, refresh_message(), {5, 2}, 5},
      {SessionState::kEstablished, open_message(), {5, 3}, 1},
  };
  for (const auto& [state, message, code, type] : rows) {
    SCOPED_TRACE(name_of(state));
    session_ = Session(server_config());
    reach(state);
    const SessionOutput output = feed(message);
    expect_notified(output, code);
    EXPECT_EQ(only<Down>(output)->sent->data, bytes({type}));
  }
}

TEST_F(SessionTest, Rfc4271_6_1_BadHeadersAreAnsweredInEveryState) {
  const Bytes marker(16, std::byte{0xff});
  const struct {
    const char* what;
    Bytes header;
    NotificationCode code;
  } rows[] = {
      {"marker", Bytes(19), {1, 1}},
      {"length", join({marker, bytes({0, 20, 4})}), {1, 2}},
      {"type", join({marker, bytes({0, 19, 9})}), {1, 3}},
  };
  for (const auto state :
       {SessionState::kOpenSent, SessionState::kOpenConfirm, SessionState::kEstablished}) {
    for (const auto& [what, header, code] : rows) {
      SCOPED_TRACE(what);
      session_ = Session(server_config());
      reach(state);
      expect_notified(feed(join({header, update_message()})), code);
    }
  }
}

TEST_F(SessionTest, Rfc4271_6_2_RejectsAnOpenItCannotAccept) {
  const struct {
    const char* what;
    Bytes body;
    NotificationCode code;
    Bytes data;
  } rows[] = {
      {"version 3", bytes({3, 0xfb, 0xf4, 0, 90, 1, 1, 1, 1, 0}), {2, 1}, bytes({0, 4})},
      {"another AS", bytes({4, 0xfb, 0xf5, 0, 90, 1, 1, 1, 1, 0}), {2, 2}, {}},
      {"identifier 0", bytes({4, 0xfb, 0xf4, 0, 90, 0, 0, 0, 0, 0}), {2, 3}, {}},
      {"hold time 1", bytes({4, 0xfb, 0xf4, 0, 1, 1, 1, 1, 1, 0}), {2, 6}, {}},
      {"capability overrun", bytes({4, 0xfb, 0xf4, 0, 90, 1, 1, 1, 1, 4, 2, 2, 2, 9}), {2, 0}, {}},
  };
  for (const auto& [what, body, code, data] : rows) {
    SCOPED_TRACE(what);
    session_ = Session(server_config());
    session_.connected(now_);
    const SessionOutput output = feed(encode_message(MessageType::kOpen, body));
    expect_notified(output, code);
    EXPECT_EQ(only<Down>(output)->sent->data, data);
  }
}

TEST_F(SessionTest, Rfc4271_6_3_ReportsUpdatesAndResetsOnFatalOnes) {
  establish();
  const SessionOutput output = feed(update_message());
  const auto* const received = only<UpdateReceived>(output);
  ASSERT_NE(received, nullptr);
  EXPECT_EQ(received->update.announced.size(), 1U);

  const Bytes fatal = encode_message(MessageType::kUpdate, bytes({0, 0, 0, 0, 33}));
  const SessionOutput reset = feed(join({fatal, update_message()}));
  expect_notified(reset, {3, 10});
}

TEST_F(SessionTest, WhatAPortionSaidBeforeItsErrorStillHappened) {
  establish();
  const SessionOutput output = feed(join({update_message(), Bytes(19), update_message()}));
  ASSERT_EQ(output.events.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<UpdateReceived>(output.events[0]));
  EXPECT_TRUE(std::holds_alternative<Down>(output.events[1]));
}

TEST_F(SessionTest, Rfc2918_4_AnswersRequestsForNegotiatedFamiliesOnly) {
  establish();
  EXPECT_NE(only<RouteRefreshReceived>(feed(refresh_message())), nullptr);
  EXPECT_TRUE(feed(refresh_message(0, 2)).events.empty());  // IPv6 was not negotiated
  EXPECT_TRUE(feed(refresh_message(1)).events.empty());     // RFC 7313: begin
  EXPECT_TRUE(feed(refresh_message(2)).events.empty());     // RFC 7313: end
  EXPECT_EQ(session_.state(), SessionState::kEstablished);
}

TEST_F(SessionTest, Rfc2918_4_AsksForARefreshWhereThePeerOffersIt) {
  EXPECT_TRUE(session_.send_route_refresh(net::Family::kIpv4).bytes.empty());
  establish();
  EXPECT_EQ(session_.send_route_refresh(net::Family::kIpv4).bytes, refresh_message());
  EXPECT_TRUE(session_.send_route_refresh(net::Family::kIpv6).bytes.empty());
}

TEST_F(SessionTest, Rfc4271_6_4_APeersNotificationEndsTheSessionWithoutAnAnswer) {
  for (const auto state :
       {SessionState::kOpenSent, SessionState::kOpenConfirm, SessionState::kEstablished}) {
    session_ = Session(server_config());
    reach(state);
    const NotificationMessage bye = cease(Cease::kAdministrativeShutdown, "see \x1byou");
    const SessionOutput output = feed(notification_bytes(bye));
    EXPECT_TRUE(output.bytes.empty());
    EXPECT_TRUE(output.close);
    const Down* const down = only<Down>(output);
    ASSERT_NE(down, nullptr);
    EXPECT_EQ(down->received, bye);
    EXPECT_EQ(down->reason, "peer sent 6/2 administrative shutdown: see \uFFFDyou");
  }
}

TEST_F(SessionTest, StopsWithTheGivenReason) {
  for (const auto state :
       {SessionState::kOpenSent, SessionState::kOpenConfirm, SessionState::kEstablished}) {
    session_ = Session(server_config());
    reach(state);
    expect_notified(session_.stop(cease(Cease::kAdministrativeShutdown, "maintenance")), {6, 2});
  }
  EXPECT_TRUE(session_.stop(cease(Cease::kHardReset)).events.empty());
}

TEST_F(SessionTest, ALostConnectionIsReportedOnce) {
  establish();
  const SessionOutput output = session_.closed("connection reset by peer");
  ASSERT_NE(only<Down>(output), nullptr);
  EXPECT_EQ(only<Down>(output)->reason, "connection reset by peer");
  EXPECT_TRUE(session_.closed("again").events.empty());
  EXPECT_TRUE(feed(update_message()).events.empty());
  EXPECT_TRUE(tick(seconds(1000)).events.empty());
}

TEST_F(SessionTest, Rfc4271_8_2_2_WaitsFourMinutesForAnOpen) {
  session_.connected(now_);
  EXPECT_EQ(session_.deadline(), now_ + seconds(240));
  EXPECT_TRUE(tick(seconds(239)).events.empty());
  expect_notified(tick(seconds(1)), kHoldTimerExpired);
}

TEST_F(SessionTest, Rfc4271_6_5_HoldTimerRunsFromTheLastWholeMessage) {
  establish(seconds(30));
  tick(seconds(29));
  feed(keepalive());
  tick(seconds(29));
  feed(update_message());
  tick(seconds(29));
  // Neither half a message nor a ROUTE-REFRESH proves the peer alive (RFC 4271 §8.2.2).
  const Bytes update = update_message();
  feed(refresh_message());
  feed(Bytes(update.begin(), update.end() - 1));
  EXPECT_EQ(session_.state(), SessionState::kEstablished);
  now_ += seconds(1);
  expect_notified(session_.timer(now_), kHoldTimerExpired);
}

TEST_F(SessionTest, Rfc4271_4_4_KeepalivesGoOutEveryThirdOfTheHoldTime) {
  establish(seconds(30));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(tick(seconds(9)).bytes.empty());
    EXPECT_EQ(tick(seconds(1)).bytes, keepalive());
    feed(keepalive());
  }
  tick(seconds(9));
  session_.updates_sent(now_);  // an UPDATE is as good
  EXPECT_TRUE(tick(seconds(9)).bytes.empty());
  EXPECT_EQ(tick(seconds(1)).bytes, keepalive());
}

TEST_F(SessionTest, Rfc4271_4_4_AHoldTimeOfZeroMeansNoTimers) {
  establish(seconds(0));
  EXPECT_EQ(session_.deadline(), std::nullopt);
  EXPECT_TRUE(tick(seconds(1'000'000)).bytes.empty());
  session_.set_output_stalled(now_);
  EXPECT_EQ(session_.deadline(), std::nullopt);
}

TEST_F(SessionTest, Rfc9687_3_2_APeerThatStopsReadingIsDropped) {
  establish(seconds(30));
  session_.set_output_stalled(now_);
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(tick(seconds(9)).events.empty());
    feed(keepalive());
  }
  EXPECT_TRUE(tick(seconds(5)).events.empty());
  expect_notified(tick(seconds(1)), kSendHoldTimerExpired);
}

TEST_F(SessionTest, Rfc9687_3_2_ProgressEndsTheStall) {
  establish(seconds(30));
  session_.set_output_stalled(now_);
  session_.set_output_stalled(std::nullopt);
  tick(seconds(20));
  feed(keepalive());
  EXPECT_EQ(session_.deadline(), now_ + seconds(10));
}

TEST_F(SessionTest, TheSendHoldTimeCanBeConfigured) {
  SessionConfig config = server_config();
  config.send_hold_time = seconds(5);
  session_ = Session(config);
  establish(seconds(90));
  session_.set_output_stalled(now_);
  EXPECT_EQ(session_.deadline(), now_ + seconds(5));
  expect_notified(tick(seconds(5)), kSendHoldTimerExpired);
}

TEST_F(SessionTest, ASessionCanConnectAgain) {
  establish();
  session_.closed("gone");
  establish();
  EXPECT_EQ(session_.counters().messages_in, 2U);
  EXPECT_EQ(session_.counters().keepalives_in, 1U);
}

TEST_F(SessionTest, ASecondConnectionIsNotThisSessionsBusiness) {
  establish();
  EXPECT_TRUE(session_.connected(now_).bytes.empty());
  EXPECT_EQ(session_.state(), SessionState::kEstablished);
  EXPECT_EQ(session_.config().local_as, net::Asn{65000});
}

TEST_F(SessionTest, CountsMessages) {
  establish(seconds(30));
  feed(join({update_message(), keepalive(), refresh_message()}));
  tick(seconds(10));
  const SessionCounters expected{
      .messages_in = 5, .updates_in = 1, .keepalives_in = 2, .keepalives_out = 2};
  EXPECT_EQ(session_.counters(), expected);
}

TEST(SessionCollisionTest, Rfc4271_6_8_TheHigherIdentifierKeepsItsConnection) {
  OpenMessage peer{.my_as = net::Asn{64500}, .bgp_identifier = 5};
  EXPECT_TRUE(prefer_local_connection({.local_as = net::Asn{1}, .bgp_identifier = 6}, peer));
  EXPECT_FALSE(prefer_local_connection({.local_as = net::Asn{1}, .bgp_identifier = 4}, peer));
  // RFC 6286 §2.3: equal identifiers.
  EXPECT_FALSE(prefer_local_connection({.local_as = net::Asn{1}, .bgp_identifier = 5}, peer));
  EXPECT_TRUE(prefer_local_connection({.local_as = net::Asn{64501}, .bgp_identifier = 5}, peer));
}

// Two sessions, joined by two queues of octets that pass them on in portions.
struct Conversation {
  explicit Conversation(std::size_t octets) : portion(octets) {}

  void run() {
    note(server.connected(now), to_client);
    note(client.connected(now), to_server);
    while (!to_server.empty() || !to_client.empty()) {
      note(server.received(take(to_server), now), to_client);
      note(client.received(take(to_client), now), to_server);
    }
  }
  Bytes take(Bytes& queue) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(portion, queue.size()));
    Bytes taken(queue.begin(), queue.begin() + count);
    queue.erase(queue.begin(), queue.begin() + count);
    return taken;
  }
  void note(const SessionOutput& output, Bytes& queue) {
    queue = join({queue, output.bytes});
    for (const SessionEvent& event : output.events) {
      if (const auto* const update = std::get_if<UpdateReceived>(&event)) {
        updates.push_back(update->update);
      }
      if (std::holds_alternative<Established>(event)) ++established;
    }
  }

  std::size_t portion;
  TimePoint now{};
  Session server{server_config()};
  Session client{client_config()};
  Bytes to_server;
  Bytes to_client;
  int established = 0;
  std::vector<UpdateMessage> updates;
};

TEST(SessionPairTest, TwoSessionsTalkWhateverThePortions) {
  for (std::size_t portion = 1; portion < 150; ++portion) {
    SCOPED_TRACE(portion);
    Conversation talk(portion);
    talk.run();
    ASSERT_EQ(talk.established, 2);
    EXPECT_EQ(talk.server.peer()->negotiated.families, (FamilySet{.ipv4 = true, .ipv6 = true}));

    UpdateMessage sent{.announced = {{net::Family::kIpv6,
                                      address("2001:db8::1"),
                                      {prefix("2001:db8:1::/48"), prefix("2001:db8:2::/48")}}}};
    PathAttributes attributes;
    attributes.as_path.prepend(net::Asn{64500}, 3);
    sent.attributes = std::make_shared<const PathAttributes>(attributes);
    ByteWriter out;
    ASSERT_TRUE(encode_update(sent, AsnWidth::kFourOctets, out));
    talk.to_server = out.take();
    talk.client.updates_sent(talk.now);
    while (!talk.to_server.empty()) {
      talk.note(talk.server.received(talk.take(talk.to_server), talk.now), talk.to_client);
    }
    ASSERT_EQ(talk.updates.size(), 1U);
    EXPECT_EQ(talk.updates[0], sent);

    talk.note(talk.server.stop(cease(Cease::kAdministrativeReset)), talk.to_client);
    while (!talk.to_client.empty()) {
      talk.note(talk.client.received(talk.take(talk.to_client), talk.now), talk.to_server);
    }
    EXPECT_EQ(talk.client.state(), SessionState::kIdle);
  }
}

}  // namespace
}  // namespace fabrix::bgp
