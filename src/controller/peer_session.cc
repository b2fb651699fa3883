#include "controller/peer_session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/byte_writer.h"
#include "bgp/message_header.h"
#include "bgp/notification_message.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kComponent = "bgp";

// A session that lasted so long was a good one: the next dial does not wait longer than the first.
constexpr std::chrono::seconds kGoodSession{60};

// A whole NOTIFICATION, for a connection that never becomes a session.
std::vector<std::byte> notification(const bgp::NotificationMessage& message) {
  ByteWriter body;
  bgp::encode_notification(message, body);
  return bgp::encode_message(bgp::MessageType::kNotification, body.view());
}

// When the kernel gives up on octets that are not acknowledged: later than the send hold timer
// (RFC 9687), which does it with a NOTIFICATION. It bounds what becomes of a connection after its
// end, whose last words nobody reads.
std::optional<std::chrono::milliseconds> user_timeout(const exchange::SessionPolicy& policy) {
  constexpr std::chrono::seconds kAfterSendHold{5};
  const auto send_hold = policy.send_hold.value_or(2 * policy.hold_time);
  if (send_hold.count() == 0) return std::nullopt;
  return send_hold + kAfterSendHold;
}

// So that peers differ in when they are dialled.
std::uint64_t seed_of(const net::IpAddress& address) {
  std::uint64_t seed = 0;
  for (const std::uint8_t octet : address.octets()) seed = seed * 257 + octet;
  return seed;
}

std::string_view to_text(net::Family family) {
  return family == net::Family::kIpv4 ? "ipv4" : "ipv6";
}

}  // namespace

PeerSession::PeerSession(SessionSite& site, routeserver::PeerId peer)
    : site_(site),
      id_(peer),
      dialler_(
          site.loop,
          Backoff(seed_of(site.controller.route_server().peer(peer).address), site.dialling),
          [this] { return target(); },
          [this](io::ByteStream stream) { connected(std::move(stream)); }),
      since_(io::EventLoop::now()),
      self_(std::make_shared<PeerSession*>(this)) {}

PeerSession::~PeerSession() {
  *self_ = nullptr;
}

const routeserver::Peer& PeerSession::peer() const {
  return site_.controller.route_server().peer(id_);
}

const exchange::SessionPolicy& PeerSession::policy() const {
  return session_policy(site_.controller.exchange(), peer());
}

std::string PeerSession::name() const {
  return peer().address.to_string();
}

std::unique_ptr<BgpConnection>& PeerSession::opening(Origin origin) {
  return opening_.at(static_cast<std::size_t>(origin));
}

bgp::SessionConfig PeerSession::config() const {
  return session_config(site_.controller.exchange(), peer(),
                        site_.deferral ? Restarting::kYes : Restarting::kNo);
}

// Connections.

void PeerSession::accept(Arrival arrival) {
  io::ByteStream& stream = arrival.stream;
  const auto now = io::EventLoop::now();
  ++told_.connections;
  if (!admission_.answers_one_more(now) || site_.opening >= SessionSite::kMostOpening) {
    ++told_.refused;
    return;  // It is closed.
  }
  if (!peer().present || admission_.bar(now) != Bar::kNone) {
    return refuse(std::move(stream), bgp::Cease::kConnectionRejected);
  }
  if (established_ && !established_->session().yields_to_new_connection()) {
    return refuse(std::move(stream), bgp::Cease::kCollisionResolution);
  }
  auto options = accepted_options(policy());
  options.user_timeout = user_timeout(policy());
  const auto protected_now = stream.set_options(options);
  if (!protected_now) {
    io::log_error(kComponent, fmt::format("connection not protected peer={} reason=\"{}\"", name(),
                                          protected_now.error().message));
    return;
  }
  begin(Origin::kAccepted, std::move(arrival));
}

void PeerSession::refuse(io::ByteStream stream, bgp::Cease reason) {
  ++told_.refused;
  const auto message = bgp::cease(reason);
  told_.last_sent = message;
  std::ignore = stream.write(notification(message));
  stream.close_gracefully();
}

void PeerSession::begin(Origin origin, Arrival arrival) {
  if (opening(origin)) opening(origin)->stop(bgp::cease(bgp::Cease::kCollisionResolution));
  ++site_.opening;
  auto& place = opening(origin);
  BgpConnection::Owner& owner = *this;
  place = std::make_unique<BgpConnection>(site_.loop, site_.controller, id_, config(),
                                          std::move(arrival.stream), owner);
  place->start(arrival.received);
}

void PeerSession::dial() {
  const bool wanted = peer().present && policy().dialling == exchange::Dialling::kActive;
  const auto now = io::EventLoop::now();
  const bool forever = admission_.bar(now) != Bar::kNone && !admission_.bar_ends();
  if (!wanted || forever || established_ || opening(Origin::kDialled)) return dialler_.rest();
  dialler_.dial_no_earlier_than(admission_.bar_ends().value_or(now));
}

Dialler::Target PeerSession::target() const {
  const net::IpAddress address = peer().address;
  Dialler::Target target{.endpoint = io::IpEndpoint{.address = address, .port = site_.dial_port},
                         .options = {}};
  target.options.tcp = dialled_options(address, policy());
  target.options.tcp.user_timeout = user_timeout(policy());
  const auto& own = site_.controller.exchange().route_server.addresses;
  const auto source = std::ranges::find(own, address.family(), &net::IpAddress::family);
  if (source != own.end()) target.options.source = io::IpEndpoint{.address = *source, .port = 0};
  return target;
}

void PeerSession::connected(io::ByteStream stream) {
  if (established_) return;  // Meanwhile the peer has come.
  ++told_.connections;
  begin(Origin::kDialled, {.stream = std::move(stream), .received = {}});
}

// Collisions (RFC 4271 §6.8).
void PeerSession::opened(BgpConnection& connection) {
  const auto collision = bgp::cease(bgp::Cease::kCollisionResolution);
  if (established_) {
    const bool is_new = &connection != rival_;
    if (!is_new || !established_->session().yields_to_new_connection()) {
      return connection.stop(collision);
    }
    established_->give_way();
  }
  BgpConnection* const accepted = opening(Origin::kAccepted).get();
  BgpConnection* const dialled = opening(Origin::kDialled).get();
  BgpConnection* const other = accepted == &connection ? dialled : accepted;
  if (other == nullptr || !other->session().peer()) return;
  const bool ours = bgp::prefer_local_connection(config(), connection.session().peer()->open);
  (ours ? accepted : dialled)->stop(collision);
}

void PeerSession::established(BgpConnection& connection) {
  rival_ = nullptr;
  for (auto& place : opening_) {
    if (place.get() == &connection) {
      established_ = std::move(place);
    } else if (place) {
      rival_ = place.get();
    }
  }
  --site_.opening;
  since_ = io::EventLoop::now();
  ++told_.established_count;
  told_.ipv4.limit = LimitState::kBelow;
  told_.ipv6.limit = LimitState::kBelow;
  dialler_.rest();
  const bgp::Negotiated& agreed = connection.session().peer()->negotiated;
  io::log_info(kComponent,
               fmt::format("session established peer={} as={}", name(), peer().asn.value));
  site_.retention.returned(id_, agreed);
  presence_changed();
  if (!site_.deferral) return;
  site_.deferral->established(id_, agreed);
  deferral_changed();
}

void PeerSession::ended(BgpConnection& connection, const BgpConnection::Ending& ending) {
  const bgp::Down& down = ending.down;
  told_.last_error = down.reason;
  if (down.sent) told_.last_sent = down.sent;
  if (down.received) told_.last_received = down.received;
  const auto now = io::EventLoop::now();
  if (ending.agreed) {
    if (now - since_ >= kGoodSession) dialler_.succeeded();
    since_ = now;
    auto terms = retention_terms(*ending.agreed, policy());
    terms.families = ending.kept;
    site_.retention.lost(id_, terms);
  }
  if (!ending.fault.empty()) {
    ++told_.faults;
    io::log_error(kComponent,
                  fmt::format("session failed peer={} exception=\"{}\"", name(), ending.fault));
  }
  io::log_info(kComponent, fmt::format("session over peer={} reason=\"{}\" routes={}", name(),
                                       down.reason, ending.kept.empty() ? "dropped" : "kept"));
  discard(connection);
  if (ending.agreed) presence_changed();
  dial();
}

// It is in the middle of something: it goes with the loop's next turn.
void PeerSession::discard(BgpConnection& connection) {
  if (rival_ == &connection) rival_ = nullptr;
  if (established_.get() == &connection) {
    discarded_.push_back(std::move(established_));
  } else {
    for (auto& place : opening_) {
      if (place.get() == &connection) discarded_.push_back(std::move(place));
    }
    --site_.opening;
  }
  site_.loop.post([self = self_] {
    if (*self != nullptr) (*self)->discarded_.clear();
  });
}

void PeerSession::send_updates() {
  if (established_) established_->send_updates();
  tell_withheld();
}

// What was withheld is a mistake of ours, whichever session it was for.
void PeerSession::tell_withheld() {
  const auto& emissions = site_.controller.route_server().emissions();
  if (emissions.violations == site_.withheld) return;
  site_.withheld = emissions.violations;
  io::log_error(kComponent, fmt::format("malformed update withheld count={} prefix={}",
                                        emissions.violations, emissions.last->to_string()));
}

// What the session tells.

void PeerSession::took(BgpConnection& connection, const routeserver::UpdateOutcome& outcome) {
  using Kind = routeserver::UpdateOutcome::Kind;
  if (outcome.kind == Kind::kTaken) return;
  if (outcome.kind == Kind::kOverLimit) return pass_limit(connection, outcome);
  auto& family = outcome.family == net::Family::kIpv4 ? told_.ipv4 : told_.ipv6;
  family.limit = LimitState::kNear;
  io::log_warning(kComponent, fmt::format("prefix limit near peer={} family={} limit={}", name(),
                                          to_text(outcome.family), outcome.limit));
}

void PeerSession::pass_limit(BgpConnection& connection, const routeserver::UpdateOutcome& outcome) {
  const auto& limit = site_.controller.exchange().participant(peer().participant).import.limit;
  auto& family = outcome.family == net::Family::kIpv4 ? told_.ipv4 : told_.ipv6;
  family.limit = LimitState::kPassed;
  std::optional<io::Clock::time_point> until;
  if (limit.action == exchange::LimitAction::kRestart) {
    until = io::EventLoop::now() + limit.restart_after;
  }
  io::log_warning(kComponent, fmt::format("prefix limit passed peer={} family={} limit={} until={}",
                                          name(), to_text(outcome.family), outcome.limit,
                                          until ? "restart timer" : "cleared"));
  admission_.pass_limit(until);
  connection.stop(bgp::maximum_prefixes_cease(outcome.family, outcome.limit));
}

void PeerSession::end_of_rib(net::Family family) {
  site_.retention.end_of_rib(id_, family);
  if (!site_.deferral) return;
  site_.deferral->end_of_rib(id_, family);
  deferral_changed();
}

void PeerSession::refresh_began(net::Family family) {
  site_.retention.refresh_began(id_, family);
}

void PeerSession::refresh_ended(net::Family family) {
  site_.retention.refresh_ended(id_, family);
}

void PeerSession::deferral_changed() const {
  if (site_.on_deferral_changed) site_.on_deferral_changed();
}

void PeerSession::presence_changed() const {
  if (site_.on_presence_changed) site_.on_presence_changed();
}

bool PeerSession::is_worth_awaiting() const {
  if (established_) {
    const auto& session = established_->session();
    return session.peer() && session.peer()->negotiated.graceful_restart;
  }
  const auto restarting = [this](net::Family family) {
    return site_.retention.phase(id_, family) == RouteRetention::Phase::kRestarting;
  };
  return restarting(net::Family::kIpv4) || restarting(net::Family::kIpv6) ||
         (site_.deferral && site_.deferral->awaits(id_));
}

bool PeerSession::is_gone() const {
  const bool connected = established_ || opening_[0] || opening_[1];
  if (connected || admission_.bar(io::EventLoop::now()) != Bar::kNone) return false;
  return site_.retention.phase(id_, net::Family::kIpv4) == RouteRetention::Phase::kNone &&
         site_.retention.phase(id_, net::Family::kIpv6) == RouteRetention::Phase::kNone;
}

// What operators do.

void PeerSession::end(const bgp::NotificationMessage& notification) {
  for (auto& place : opening_) {
    if (place) place->stop(notification);
  }
  if (established_) established_->stop(notification);
  site_.retention.drop(id_);
}

Result<void> PeerSession::reset(Reset kind) {
  if (!established_) return fail(Error{name() + " has no session"});
  if (kind == Reset::kSoft) {
    const bgp::FamilySet families = established_->session().peer()->negotiated.families;
    for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
      if (families.contains(family)) site_.controller.refresh(id_, family);
    }
    return refresh();
  }
  // Where the peer would keep our routes, it is told not to (RFC 8538 §5).
  const auto& restart = established_->session().peer()->negotiated.graceful_restart;
  const auto reset = bgp::cease(bgp::Cease::kAdministrativeReset);
  end(restart && restart->notification ? bgp::hard_reset(reset) : reset);
  return {};
}

Result<void> PeerSession::refresh() {
  if (!established_) return fail(Error{name() + " has no session"});
  if (!established_->session().peer()->negotiated.route_refresh) {
    return fail(Error{name() + " does not support route refresh"});
  }
  established_->request_refresh();
  return {};
}

void PeerSession::disable(std::string_view text) {
  admission_.disable();
  end(bgp::cease(bgp::Cease::kAdministrativeShutdown, text));
  dialler_.rest();
  if (!site_.deferral) return;
  site_.deferral->give_up(id_);
  deferral_changed();
}

void PeerSession::enable() {
  admission_.enable();
  dial();
}

void PeerSession::clear() {
  admission_.clear();
  told_.ipv4.limit = LimitState::kBelow;
  told_.ipv6.limit = LimitState::kBelow;
  dialler_.rest();
  dial();
}

const BgpConnection* PeerSession::connection() const {
  if (established_) return established_.get();
  const auto& [accepted, dialled] = opening_;
  if (!accepted || !dialled) return accepted ? accepted.get() : dialled.get();
  const bool dialled_is_further = dialled->session().state() > accepted->session().state();
  return dialled_is_further ? dialled.get() : accepted.get();
}

FamilyView PeerSession::family_view(net::Family family) const {
  FamilyView view = family == net::Family::kIpv4 ? told_.ipv4 : told_.ipv6;
  view.retention = site_.retention.phase(id_, family);
  view.retained_until = site_.retention.until(id_, family);
  return view;
}

SessionView PeerSession::view() const {
  SessionView view = told_;
  view.since = since_;
  view.bar = admission_.bar(io::EventLoop::now());
  if (view.bar != Bar::kNone) view.barred_until = admission_.bar_ends();
  view.dialling = policy().dialling;
  view.next_dial = dialler_.next();
  view.ipv4 = family_view(net::Family::kIpv4);
  view.ipv6 = family_view(net::Family::kIpv6);
  const BgpConnection* const current = connection();
  if (current == nullptr) return view;
  view.state = current->session().state();
  view.counters = current->session().counters();
  if (current->session().peer()) view.negotiated = current->session().peer()->negotiated;
  return view;
}

}  // namespace fabrix::controller
