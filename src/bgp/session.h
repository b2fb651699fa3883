// Session: one BGP connection as a pure state machine: bytes and time in, bytes and events out.
//
//   RFC 4271 §8, §6    the FSM from OpenSent on; Idle stands for all that comes before (and after)
//   a
//                      transport connection: Connect and Active belong to whoever dials and listens
//   RFC 6608           FSM errors 5/1 to 5/3
//   RFC 9687           send hold timer
//   RFC 9234           roles: 2/11 when the peer's does not fit
//   RFC 2918, 7313     route refresh and its demarcations; 7/1 for one of another length
//   RFC 8654           messages of up to 65,535 octets
//   RFC 4724, 8538     whether a connection that ends leaves stale routes; hard reset
//   RFC 9003           shutdown text
//
// It does not matter which side opened the connection. Two sessions with one peer are told apart by
// prefer_local_connection(); the loser is stopped with Cease::kCollisionResolution.
//
// The caller feeds it everything that happens and obeys each Output: append `bytes` to what it
// writes, handle `events` in order, and if `close`, drain its input, shut down its sending side
// after the last byte, linger for at most 2 s and close. It calls timer() no earlier than
// deadline(). Invariants: at most one message is buffered; a Session that is down
// ignores all input until connected() again; Down is the last event of a connection and comes
// exactly once.
//
// Not thread-safe; never blocks; a peer's input cannot make it fail except by ending the session.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bgp/bad_update.h"
#include "bgp/capability.h"
#include "bgp/family_set.h"
#include "bgp/message_splitter.h"
#include "bgp/notification_message.h"
#include "bgp/open_message.h"
#include "bgp/refresh_tracker.h"
#include "bgp/route_refresh_message.h"
#include "bgp/session_fsm.h"
#include "bgp/update_message.h"
#include "net/asn.h"

namespace fabrix::bgp {

using TimePoint = std::chrono::steady_clock::time_point;

// What a peer that names no role is (RFC 9234 §4.2).
enum class RoleMode : std::uint8_t {
  kLenient,  // welcome
  kStrict,   // rejected with 2/11
};

// We take part in graceful restart: as the restarting speaker, and as the helper of a peer that
// does. The F bit is set for every family: the fabric forwards on its own.
struct GracefulRestartOffer {
  std::chrono::seconds restart_time{120};  // 0 .. 4095: how long the peer keeps our routes
  bool restarted = false;                  // the R bit: our process began anew since the last OPEN
  bool notification = true;                // the N bit (RFC 8538)

  friend bool operator==(const GracefulRestartOffer&, const GracefulRestartOffer&) = default;
};

// RFC 9494, for these families only (its §5: never by default). Needs a GracefulRestartOffer.
struct LongLivedOffer {
  FamilySet families;
  std::chrono::seconds stale_time{0};  // 0 .. 2^24 - 1

  friend bool operator==(const LongLivedOffer&, const LongLivedOffer&) = default;
};

struct SessionConfig {
  net::Asn local_as;
  std::uint32_t bgp_identifier = 0;                // not 0
  std::optional<net::Asn> peer_as = std::nullopt;  // none: any
  FamilySet families{.ipv4 = true, .ipv6 = true};
  std::chrono::seconds hold_time{90};  // offered; 0 or 3 .. 65535
  std::optional<std::chrono::seconds> send_hold_time =
      std::nullopt;                         // none: twice the negotiated hold time
  std::optional<Role> role = std::nullopt;  // offered to the peer when set (RFC 9234)
  RoleMode role_mode = RoleMode::kLenient;  // counts only with a role

  // What else we offer.
  FamilySet flowspec = {};         // FlowSpec (RFC 8955, 8956) of these families
  FamilySet add_path = {};         // to send several paths for a prefix (RFC 7911)
  bool enhanced_refresh = true;    // RFC 7313
  bool extended_messages = true;   // RFC 8654
  bool extended_next_hop = false;  // IPv4 routes with IPv6 next hops (RFC 8950)
  bool internal_peers = false;     // a peer of our own AS is internal: its LOCAL_PREF is kept
  std::optional<GracefulRestartOffer> graceful_restart = std::nullopt;
  std::optional<LongLivedOffer> long_lived = std::nullopt;
};

// What the peer said of graceful restart. Its families are among those negotiated.
struct PeerRestart {
  std::chrono::seconds restart_time{0};
  bool restarted = false;     // the R bit: do not wait for its End-of-RIB before sending routes
  bool notification = false;  // both sides set the N bit
  FamilySet families;         // whose routes to keep when the connection ends
  FamilySet forwarding_kept;  // the F bit; a family without it: drop its stale routes now

  friend bool operator==(const PeerRestart&, const PeerRestart&) = default;
};

struct LongLivedFamily {
  net::Family family = net::Family::kIpv4;
  std::chrono::seconds stale_time{0};
  bool forwarding_kept = false;

  friend bool operator==(const LongLivedFamily&, const LongLivedFamily&) = default;
};

// What both sides can do.
struct Negotiated {
  FamilySet families;  // unicast; empty only if there is FlowSpec
  AsnWidth asn_width = AsnWidth::kFourOctets;
  bool route_refresh = false;          // the peer answers ROUTE-REFRESH
  std::chrono::seconds hold_time{90};  // 0: neither hold timer nor keepalives

  FamilySet flowspec = {};
  FamilySet add_path = {};         // families of which the peer takes several paths per prefix
  bool enhanced_refresh = false;   // demarcations, both ways
  bool extended_messages = false;  // the peer takes more than 4096 octets
  bool extended_next_hop = false;  // IPv4 routes may have IPv6 next hops, both ways
  bool internal = false;           // SessionConfig::internal_peers, and the peer is one
  std::optional<PeerRestart> graceful_restart = std::nullopt;  // none: nobody is anybody's helper
  std::vector<LongLivedFamily> long_lived = {};                // empty without graceful restart
  std::optional<Role> peer_role = std::nullopt;

  friend bool operator==(const Negotiated&, const Negotiated&) = default;
};

struct Established {
  OpenMessage open;  // the peer's
  Negotiated negotiated;
};

struct UpdateReceived {
  UpdateMessage update;
};

// The peer wants all routes of a negotiated family again.
struct RouteRefreshReceived {
  net::Family family = net::Family::kIpv4;
  Safi safi = Safi::kUnicast;  // or kFlowSpec
};

// The peer begins to send all its routes of a negotiated family again: mark those it has sent as
// stale (RFC 7313 §4). A family's routes may begin again before they ended.
struct RefreshBegan {
  net::Family family = net::Family::kIpv4;
  Safi safi = Safi::kUnicast;
};

// It has sent them: drop what is still stale. Only after RefreshBegan.
struct RefreshEnded {
  net::Family family = net::Family::kIpv4;
  Safi safi = Safi::kUnicast;
};

// The connection is over. At most one of the two NOTIFICATIONs is set.
struct Down {
  std::string reason;  // for people
  std::optional<NotificationMessage> sent = std::nullopt;
  std::optional<NotificationMessage> received = std::nullopt;

  // The session was established and may restart gracefully: keep the routes of
  // Negotiated::graceful_restart as stale (RFC 4724 §4.2, RFC 8538 §4). Else drop them.
  bool graceful = false;
};

using SessionEvent = std::variant<Established, UpdateReceived, RouteRefreshReceived, RefreshBegan,
                                  RefreshEnded, Down>;

struct SessionOutput {
  std::vector<std::byte> bytes;
  std::vector<SessionEvent> events;
  std::vector<BadUpdate> bad_updates;  // to be shown to people: what follows from them is events
  bool close = false;
};

// Messages by direction, since connected().
struct SessionCounters {
  std::uint64_t messages_in = 0;
  std::uint64_t updates_in = 0;
  std::uint64_t keepalives_in = 0;
  std::uint64_t keepalives_out = 0;

  friend bool operator==(const SessionCounters&, const SessionCounters&) = default;
};

class Session {
 public:
  // `config` must hold what is stated at its fields.
  explicit Session(const SessionConfig& config);

  // A transport connection is there: sends OPEN. Nothing happens unless idle.
  SessionOutput connected(TimePoint now);

  // Octets from the peer, in any portions. They are consumed whole.
  SessionOutput received(std::span<const std::byte> bytes, TimePoint now);

  // The transport connection ended: by the peer, or by an error.
  SessionOutput closed(std::string_view reason);

  // Time has passed; harmless before deadline().
  SessionOutput timer(TimePoint now);

  // Ends the session with `notification`, such as cease(). Nothing happens when idle. Where the
  // peer would keep our routes after it and should not (RFC 8538 §5), it goes as a hard reset.
  SessionOutput stop(const NotificationMessage& notification);

  // Asks the peer for all its routes of `family`; nothing happens unless established, negotiated
  // and offered by the peer.
  SessionOutput send_route_refresh(net::Family family, Safi safi = Safi::kUnicast);

  // What goes before and after all our routes of `family`, in answer to a request
  // (RFC 7313 §4). Nothing unless established, negotiated and understood by the peer. With graceful
  // restart, not before the family's End-of-RIB.
  SessionOutput begin_refresh(net::Family family, Safi safi = Safi::kUnicast);
  SessionOutput end_refresh(net::Family family, Safi safi = Safi::kUnicast);

  // The caller has put whole UPDATEs on the wire, which stand for a KEEPALIVE. Only when
  // established.
  void updates_sent(TimePoint now);

  // Since when written bytes have been waiting without any progress; none: they are not. When that
  // lasts for the send hold time, timer() ends the session (RFC 9687).
  void set_output_stalled(std::optional<TimePoint> since);

  // When timer() has something to do, if ever.
  std::optional<TimePoint> deadline() const;

  // Whether an OPEN on another connection of this peer means that this one is dead and is to be
  // closed(): it is established, and the peer restarts gracefully (RFC 4724 §4.2). Else RFC 4271
  // §6.8 holds: what is established stays.
  bool yields_to_new_connection() const;

  SessionState state() const { return state_; }
  const SessionConfig& config() const { return config_; }
  const SessionCounters& counters() const { return counters_; }

  // Valid from OpenConfirm on, until the session is idle.
  const std::optional<Established>& peer() const { return peer_; }

 private:
  void handle(SessionInput input, const Message& message, TimePoint now, SessionOutput& out);
  void send_open(TimePoint now, SessionOutput& out);
  void judge_open(const Message& message, TimePoint now, SessionOutput& out);
  void judge_update(const Message& message, TimePoint now, SessionOutput& out);
  void judge_refresh(const Message& message, SessionOutput& out);
  bool exchanges(Multiprotocol family) const;
  SessionOutput demarcate(Multiprotocol family, RouteRefreshMessage::Subtype subtype) const;
  bool keeps_routes(const std::optional<NotificationCode>& code) const;
  void send_keepalive(TimePoint now, SessionOutput& out);
  void restart_hold_timer(TimePoint now);
  void restart_keepalive_timer(TimePoint now);
  void notify(const NotificationMessage& notification, std::string_view reason, SessionOutput& out);
  void go_down(Down down, SessionOutput& out);
  std::optional<TimePoint> send_hold_deadline() const;

  SessionConfig config_;
  SessionState state_ = SessionState::kIdle;
  MessageSplitter splitter_;
  std::optional<Established> peer_;
  std::optional<TimePoint> hold_deadline_;
  std::optional<TimePoint> keepalive_deadline_;
  std::optional<TimePoint> stalled_since_;
  RefreshTracker refresh_;
  SessionCounters counters_;
};

// RFC 4271 §6.8: of two connections between the same two speakers the one that the speaker with the
// higher identifier opened survives; on equal identifiers, the higher AS decides (RFC 6286 §2.3).
// True if that is us.
bool prefer_local_connection(const SessionConfig& local, const OpenMessage& peer);

}  // namespace fabrix::bgp
