#include "bgp/session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "bgp/session_negotiation.h"

namespace fabrix::bgp {
namespace {

// RFC 4271 §8.2.2 suggests 4 minutes while the peer's OPEN is awaited.
constexpr std::chrono::seconds kOpenHoldTime{240};

constexpr std::uint8_t kFsmErrorCode = 5;

void append(MessageType type, std::span<const std::byte> body, SessionOutput& out) {
  const std::vector<std::byte> message = encode_message(type, body);
  out.bytes.insert(out.bytes.end(), message.begin(), message.end());
}

SessionInput input_for(MessageType type) {
  switch (type) {
    case MessageType::kOpen:
      return SessionInput::kOpen;
    case MessageType::kUpdate:
      return SessionInput::kUpdate;
    case MessageType::kNotification:
      return SessionInput::kNotification;
    case MessageType::kKeepalive:
      return SessionInput::kKeepalive;
    case MessageType::kRouteRefresh:
      return SessionInput::kRouteRefresh;
  }
  FABRIX_ASSERT(false);
  return SessionInput::kBadHeader;
}

// RFC 6608 §3: the subcode names the state, the data the message.
NotificationMessage unexpected(SessionState state, MessageType type) {
  const auto subcode = static_cast<std::uint8_t>(state);
  return {.code = {kFsmErrorCode, subcode}, .data = {static_cast<std::byte>(type)}};
}
static_assert(static_cast<int>(SessionState::kOpenSent) == 1);
static_assert(static_cast<int>(SessionState::kEstablished) == 3);

// RFC 4271 §6.2: with the version we speak, where that is the matter.
NotificationMessage rejection_of(OpenError error) {
  NotificationMessage rejection{.code = notification_for(error), .data = {}};
  if (error == OpenError::kUnsupportedVersion) rejection.data = {std::byte{0}, std::byte{4}};
  return rejection;
}

Down peer_gave_up(std::span<const std::byte> body) {
  const auto notification = decode_notification(body);
  FABRIX_ASSERT(notification);  // the splitter knows its smallest size
  return {.reason = fmt::format("peer sent {}", describe(*notification)), .received = notification};
}

bool restarts_gracefully(const OpenMessage& open) {
  return std::ranges::any_of(open.capabilities, [](const Capability& capability) {
    return std::holds_alternative<GracefulRestart>(capability);
  });
}

// The family that a message names; none if it is none of ours.
std::optional<net::Family> known_family(Multiprotocol family) {
  for (const net::Family known : {net::Family::kIpv4, net::Family::kIpv6}) {
    if (family.afi == static_cast<std::uint16_t>(known)) return known;
  }
  return std::nullopt;
}

Multiprotocol on_the_wire(net::Family family, Safi safi) {
  return {.afi = static_cast<std::uint16_t>(family), .safi = safi};
}

// RFC 7313 §5: with the whole message.
NotificationMessage bad_refresh_length(std::span<const std::byte> body) {
  return {.code = {7, 1}, .data = encode_message(MessageType::kRouteRefresh, body)};
}

}  // namespace

Session::Session(const SessionConfig& config) : config_(config) {
  FABRIX_ASSERT(config.bgp_identifier != 0);
  FABRIX_ASSERT(!config.families.empty() || !config.flowspec.empty());
  FABRIX_ASSERT(!config.long_lived || config.graceful_restart);  // RFC 9494 §4.1
  FABRIX_ASSERT(config.hold_time.count() == 0 || config.hold_time.count() >= 3);
}

SessionOutput Session::connected(TimePoint now) {
  SessionOutput out;
  handle(SessionInput::kConnected, {}, now, out);
  return out;
}

SessionOutput Session::received(std::span<const std::byte> bytes, TimePoint now) {
  SessionOutput out;
  while (state_ != SessionState::kIdle) {
    const auto message = splitter_.next(bytes);
    if (!message) {
      notify(message.error(), "", out);
      break;
    }
    if (!*message) break;
    ++counters_.messages_in;
    handle(input_for((*message)->type), **message, now, out);
  }
  return out;
}

SessionOutput Session::closed(std::string_view reason) {
  SessionOutput out;
  if (action_for(state_, SessionInput::kTransportClosed) == SessionAction::kGiveUp) {
    go_down({.reason = std::string(reason), .graceful = keeps_routes(std::nullopt)}, out);
  }
  return out;
}

SessionOutput Session::timer(TimePoint now) {
  SessionOutput out;
  const auto due = [now](const std::optional<TimePoint>& deadline) {
    return deadline && *deadline <= now;
  };
  if (due(hold_deadline_)) handle(SessionInput::kHoldTimer, {}, now, out);
  if (due(send_hold_deadline())) handle(SessionInput::kSendHoldTimer, {}, now, out);
  if (due(keepalive_deadline_)) handle(SessionInput::kKeepaliveTimer, {}, now, out);
  return out;
}

SessionOutput Session::stop(const NotificationMessage& notification) {
  SessionOutput out;
  if (action_for(state_, SessionInput::kStop) == SessionAction::kNotify) {
    const bool hard = keeps_routes(notification.code) && calls_for_hard_reset(notification.code);
    notify(hard ? hard_reset(notification) : notification, "", out);
  }
  return out;
}

SessionOutput Session::send_route_refresh(net::Family family, Safi safi) {
  SessionOutput out;
  const Multiprotocol wanted = on_the_wire(family, safi);
  if (!exchanges(wanted) || !peer_->negotiated.route_refresh) return out;
  ByteWriter message;
  encode_route_refresh_message({.family = wanted}, message);
  out.bytes = message.take();
  return out;
}

SessionOutput Session::begin_refresh(net::Family family, Safi safi) {
  return demarcate(on_the_wire(family, safi), RouteRefreshMessage::Subtype::kBegin);
}

SessionOutput Session::end_refresh(net::Family family, Safi safi) {
  return demarcate(on_the_wire(family, safi), RouteRefreshMessage::Subtype::kEnd);
}

SessionOutput Session::demarcate(Multiprotocol family, RouteRefreshMessage::Subtype subtype) const {
  SessionOutput out;
  if (!exchanges(family) || !peer_->negotiated.enhanced_refresh) return out;
  ByteWriter message;
  encode_route_refresh_message({.family = family, .subtype = subtype}, message);
  out.bytes = message.take();
  return out;
}

// Whether we are established and this family was negotiated.
bool Session::exchanges(Multiprotocol family) const {
  const auto known = known_family(family);
  if (!known || state_ != SessionState::kEstablished) return false;
  const Negotiated& agreed = peer_->negotiated;
  return (family.safi == Safi::kUnicast && agreed.families.contains(*known)) ||
         (family.safi == Safi::kFlowSpec && agreed.flowspec.contains(*known));
}

void Session::updates_sent(TimePoint now) {
  FABRIX_ASSERT(state_ == SessionState::kEstablished);
  restart_keepalive_timer(now);
}

void Session::set_output_stalled(std::optional<TimePoint> since) {
  stalled_since_ = since;
}

std::optional<TimePoint> Session::deadline() const {
  std::optional<TimePoint> first;
  for (const auto& deadline : {hold_deadline_, keepalive_deadline_, send_hold_deadline()}) {
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  return first;
}

bool Session::yields_to_new_connection() const {
  if (state_ != SessionState::kEstablished) return false;
  const auto& restart = peer_->negotiated.graceful_restart;
  return restart && !restart->families.empty();
}

void Session::handle(SessionInput input, const Message& message, TimePoint now,
                     SessionOutput& out) {
  switch (action_for(state_, input)) {
    case SessionAction::kIgnore:
      return;
    case SessionAction::kSendOpen:
      return send_open(now, out);
    case SessionAction::kJudgeOpen:
      return judge_open(message, now, out);
    case SessionAction::kEstablish:
      state_ = SessionState::kEstablished;
      refresh_ =
          RefreshTracker(restarts_gracefully(peer_->open) ? RefreshTracker::FirstRoutes::kMarked
                                                          : RefreshTracker::FirstRoutes::kUnmarked);
      ++counters_.keepalives_in;
      restart_hold_timer(now);
      out.events.emplace_back(*peer_);
      return;
    case SessionAction::kRestartHoldTimer:
      ++counters_.keepalives_in;
      return restart_hold_timer(now);
    case SessionAction::kJudgeUpdate:
      return judge_update(message, now, out);
    case SessionAction::kJudgeRefresh:
      return judge_refresh(message, out);
    case SessionAction::kSendKeepalive:
      return send_keepalive(now, out);
    case SessionAction::kNotify:
      return notify(
          {.code = input == SessionInput::kHoldTimer ? kHoldTimerExpired : kSendHoldTimerExpired,
           .data = {}},
          "", out);
    case SessionAction::kUnexpected:
      return notify(unexpected(state_, message.type), "", out);
    case SessionAction::kGiveUp:
      Down down = peer_gave_up(message.body);
      down.graceful = keeps_routes(down.received->code);
      return go_down(std::move(down), out);
  }
}

void Session::send_open(TimePoint now, SessionOutput& out) {
  state_ = SessionState::kOpenSent;
  splitter_.reset();
  counters_ = {};
  ByteWriter body;
  encode_open(open_for(config_), body);
  append(MessageType::kOpen, body.view(), out);
  hold_deadline_ = now + kOpenHoldTime;
}

void Session::judge_open(const Message& message, TimePoint now, SessionOutput& out) {
  auto open = decode_open(message.body);
  if (!open) return notify(rejection_of(open.error()), describe(open.error()), out);
  const auto negotiated = negotiate(config_, *open);
  if (!negotiated) {
    return notify(negotiated.error(), fmt::format("peer is AS {}", open->my_as.value), out);
  }
  peer_ = Established{.open = *std::move(open), .negotiated = *negotiated};
  // What we have offered to take may come, whatever the peer takes itself (RFC 8654 §4).
  if (config_.extended_messages) splitter_.set_max_size(kMaxExtendedMessageSize);
  state_ = SessionState::kOpenConfirm;
  send_keepalive(now, out);
  restart_hold_timer(now);
}

void Session::judge_update(const Message& message, TimePoint now, SessionOutput& out) {
  ++counters_.updates_in;
  auto update = decode_update(message.body, update_options(peer_->negotiated));
  if (auto bad = find_bad_update(update, message.body)) out.bad_updates.push_back(*std::move(bad));
  if (!update) return notify(update.error().notification, update.error().reason, out);
  for (const net::Family family : update->end_of_rib) refresh_.end_of_rib(family, Safi::kUnicast);
  for (const FlowSpecRoutes& rules : update->flowspec) {
    if (rules.end_of_rib) refresh_.end_of_rib(rules.family, Safi::kFlowSpec);
  }
  restart_hold_timer(now);
  out.events.emplace_back(UpdateReceived{*std::move(update)});
}

void Session::judge_refresh(const Message& message, SessionOutput& out) {
  const auto refresh = decode_route_refresh(message.body);
  if (!refresh) return notify(bad_refresh_length(message.body), "", out);
  if (!exchanges(refresh->family)) return;
  const net::Family family = *known_family(refresh->family);
  const Safi safi = refresh->family.safi;
  const bool demarcated = peer_->negotiated.enhanced_refresh;
  switch (refresh->subtype) {
    case RouteRefreshMessage::Subtype::kRequest:
      out.events.emplace_back(RouteRefreshReceived{family, safi});
      return;
    case RouteRefreshMessage::Subtype::kBegin:
      if (demarcated && refresh_.begins(family, safi)) {
        out.events.emplace_back(RefreshBegan{family, safi});
      }
      return;
    case RouteRefreshMessage::Subtype::kEnd:
      if (demarcated && refresh_.ends(family, safi)) {
        out.events.emplace_back(RefreshEnded{family, safi});
      }
      return;
  }
  // RFC 7313 §5: other subtypes are ignored.
}

void Session::send_keepalive(TimePoint now, SessionOutput& out) {
  append(MessageType::kKeepalive, {}, out);
  ++counters_.keepalives_out;
  restart_keepalive_timer(now);
}

void Session::restart_hold_timer(TimePoint now) {
  const std::chrono::seconds hold_time = peer_->negotiated.hold_time;
  hold_deadline_.reset();
  if (hold_time.count() != 0) hold_deadline_ = now + hold_time;
}

void Session::restart_keepalive_timer(TimePoint now) {
  const std::chrono::seconds hold_time = peer_->negotiated.hold_time;
  keepalive_deadline_.reset();
  if (hold_time.count() != 0) keepalive_deadline_ = now + hold_time / 3;
}

void Session::notify(const NotificationMessage& notification, std::string_view reason,
                     SessionOutput& out) {
  ByteWriter body;
  encode_notification(notification, body);
  append(MessageType::kNotification, body.view(), out);
  go_down({.reason = fmt::format("sent {}{}{}", describe(notification), reason.empty() ? "" : ": ",
                                 reason),
           .sent = notification,
           .graceful = keeps_routes(notification.code)},
          out);
}

// Whether the peer may restart gracefully after this end: a NOTIFICATION with `code`, or none.
bool Session::keeps_routes(const std::optional<NotificationCode>& code) const {
  if (state_ != SessionState::kEstablished || !peer_->negotiated.graceful_restart) return false;
  return !code || (peer_->negotiated.graceful_restart->notification && *code != kHardResetCode);
}

void Session::go_down(Down down, SessionOutput& out) {
  state_ = SessionState::kIdle;
  splitter_.reset();
  peer_.reset();
  hold_deadline_.reset();
  keepalive_deadline_.reset();
  stalled_since_.reset();
  out.events.emplace_back(std::move(down));
  out.close = true;
}

std::optional<TimePoint> Session::send_hold_deadline() const {
  if (!stalled_since_ || state_ != SessionState::kEstablished) return std::nullopt;
  const auto send_hold_time = config_.send_hold_time.value_or(2 * peer_->negotiated.hold_time);
  if (send_hold_time.count() == 0) return std::nullopt;
  return *stalled_since_ + send_hold_time;
}

bool prefer_local_connection(const SessionConfig& local, const OpenMessage& peer) {
  if (local.bgp_identifier != peer.bgp_identifier) {
    return local.bgp_identifier > peer.bgp_identifier;
  }
  return local.local_as > peer.my_as;
}

}  // namespace fabrix::bgp
