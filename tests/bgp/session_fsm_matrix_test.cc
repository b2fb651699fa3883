// The finite state machine as a peer sees it: every event of RFC 4271 §8.1 that a transport
// connection brings, in every state, with what §8.2.2 prescribes.
//
// Events 1, 3 to 7 (starts, damping), 9 (ConnectRetry), 12, 13 (DelayOpen, idle hold: not
// implemented, optional), 14 to 17 (connections that come and go before there is one) and 20
// (DelayOpen) belong to Connect and Active, hence to whoever dials and listens.
#include <gtest/gtest.h>

#include "tests/bgp/scripted_session.h"

namespace fabrix::bgp {
namespace {

using std::chrono::seconds;
using enum SessionState;

enum class Event : std::uint8_t {
  kManualStop,           // 2, 8
  kHoldTimerExpires,     // 10
  kKeepaliveTimer,       // 11
  kConnectionConfirmed,  // 17: another one
  kConnectionFails,      // 18
  kOpen,                 // 19
  kHeaderError,          // 21
  kOpenError,            // 22
  kOpenCollisionDump,    // 23
  kNotificationVersion,  // 24
  kNotification,         // 25
  kKeepalive,            // 26
  kUpdate,               // 27
  kUpdateError,          // 28
  kRouteRefresh,         // RFC 2918
  kSendHoldTimer,        // RFC 9687: 29
};
constexpr std::size_t kEventCount = 16;

OpenMessage peer_open() {
  return client_open({RouteRefresh{}});
}

Bytes notification_of(NotificationCode code) {
  return encode_message(MessageType::kNotification, bytes({code.code, code.subcode}));
}

SessionOutput happens(Event event, ScriptedSession& peer) {
  switch (event) {
    case Event::kManualStop:
      return peer.session.stop(cease(Cease::kAdministrativeShutdown));
    case Event::kHoldTimerExpires:
      return peer.tick(seconds(240));
    case Event::kKeepaliveTimer:
      return peer.tick(seconds(30));
    case Event::kConnectionConfirmed:
      return peer.session.connected(peer.now);
    case Event::kConnectionFails:
      return peer.session.closed("reset by peer");
    case Event::kOpen:
      return peer.feed(open_message(peer_open()));
    case Event::kHeaderError:
      return peer.feed(Bytes(19));
    case Event::kOpenError:
      return peer.feed(encode_message(MessageType::kOpen, Bytes(10)));
    case Event::kOpenCollisionDump:
      return peer.session.stop(cease(Cease::kCollisionResolution));
    case Event::kNotificationVersion:
      return peer.feed(notification_of({2, 1}));
    case Event::kNotification:
      return peer.feed(notification_of({6, 4}));
    case Event::kKeepalive:
      return peer.feed(keepalive_message());
    case Event::kUpdate:
      return peer.feed(encode_message(MessageType::kUpdate, update_body({}, mandatory(), nlri())));
    case Event::kUpdateError:
      return peer.feed(encode_message(MessageType::kUpdate, bytes({0, 9, 0, 0})));
    case Event::kRouteRefresh:
      return peer.feed(encode_message(MessageType::kRouteRefresh, bytes({0, 1, 0, 1})));
    case Event::kSendHoldTimer:
      peer.session.set_output_stalled(peer.now - seconds(180));
      return peer.session.timer(peer.now);
  }
  return {};
}

// In OpenSent, a hold time of 240 s; later 90 s, of which 30 s are the keepalive time.
void reach(SessionState state, ScriptedSession& peer) {
  if (state == kIdle) return;
  peer.session.connected(peer.now);
  if (state == kOpenSent) return;
  peer.feed(open_message(peer_open()));
  if (state == kEstablished) peer.feed(keepalive_message());
}

struct Cell {
  SessionState next = kIdle;
  NotificationCode sent = {};  // {0, 0}: none
};

struct Row {
  Event event = Event::kManualStop;
  Cell idle;
  Cell open_sent;
  Cell open_confirm;
  Cell established;
};

constexpr Cell kStaysIdle{kIdle};
constexpr Cell kGone{kIdle};
constexpr Cell kStaysOpenSent{kOpenSent};
constexpr Cell kStaysOpenConfirm{kOpenConfirm};
constexpr Cell kStaysEstablished{kEstablished};

constexpr Cell notified(std::uint8_t code, std::uint8_t subcode) {
  return {kIdle, {code, subcode}};
}

// 5/n: RFC 6608 §3.
constexpr Row kRows[] = {
    {Event::kManualStop, kStaysIdle, notified(6, 2), notified(6, 2), notified(6, 2)},
    {Event::kHoldTimerExpires, kStaysIdle, notified(4, 0), notified(4, 0), notified(4, 0)},
    {Event::kKeepaliveTimer, kStaysIdle, kStaysOpenSent, kStaysOpenConfirm, kStaysEstablished},
    {Event::kConnectionConfirmed,
     {kOpenSent},
     kStaysOpenSent,
     kStaysOpenConfirm,
     kStaysEstablished},
    {Event::kConnectionFails, kStaysIdle, kGone, kGone, kGone},
    {Event::kOpen, kStaysIdle, {kOpenConfirm}, notified(5, 2), notified(5, 3)},
    {Event::kHeaderError, kStaysIdle, notified(1, 1), notified(1, 1), notified(1, 1)},
    {Event::kOpenError, kStaysIdle, notified(2, 1), notified(5, 2), notified(5, 3)},
    {Event::kOpenCollisionDump, kStaysIdle, notified(6, 7), notified(6, 7), notified(6, 7)},
    {Event::kNotificationVersion, kStaysIdle, kGone, kGone, kGone},
    {Event::kNotification, kStaysIdle, kGone, kGone, kGone},
    {Event::kKeepalive, kStaysIdle, notified(5, 1), {kEstablished}, kStaysEstablished},
    {Event::kUpdate, kStaysIdle, notified(5, 1), notified(5, 2), kStaysEstablished},
    {Event::kUpdateError, kStaysIdle, notified(5, 1), notified(5, 2), notified(3, 1)},
    {Event::kRouteRefresh, kStaysIdle, notified(5, 1), notified(5, 2), kStaysEstablished},
    {Event::kSendHoldTimer, kStaysIdle, kStaysOpenSent, kStaysOpenConfirm, notified(8, 0)},
};

// Whether the session says anything: a NOTIFICATION, its OPEN, or a KEEPALIVE.
bool speaks(SessionState state, Event event, const Cell& expected) {
  if (expected.sent != NotificationCode{}) return true;
  const bool opens = state == kIdle && expected.next == kOpenSent;
  const bool confirms = state == kOpenSent && expected.next == kOpenConfirm;
  const bool keeps_alive = event == Event::kKeepaliveTimer && state >= kOpenConfirm;
  return opens || confirms || keeps_alive;
}

void expect_cell(SessionState state, Event event, const Cell& expected) {
  SCOPED_TRACE(testing::Message() << name_of(state) << ", event " << static_cast<int>(event));
  ScriptedSession peer(route_server_config());
  reach(state, peer);
  ASSERT_EQ(peer.session.state(), state);
  const SessionOutput output = happens(event, peer);
  EXPECT_EQ(peer.session.state(), expected.next);
  EXPECT_EQ(code_sent(output), expected.sent);
  // A connection that ends is closed, and reported once.
  const bool ended = state != kIdle && expected.next == kIdle;
  EXPECT_EQ(output.close, ended);
  EXPECT_EQ(only_event<Down>(output) != nullptr, ended);
  EXPECT_EQ(output.bytes.empty(), !speaks(state, event, expected));
}

TEST(SessionFsmMatrixTest, Rfc4271_8_2_2_EveryEventInEveryState) {
  static_assert(std::size(kRows) == kEventCount);
  for (const auto& [event, idle, open_sent, open_confirm, established] : kRows) {
    expect_cell(kIdle, event, idle);
    expect_cell(kOpenSent, event, open_sent);
    expect_cell(kOpenConfirm, event, open_confirm);
    expect_cell(kEstablished, event, established);
  }
}

}  // namespace
}  // namespace fabrix::bgp
